"""Renewals where people meet them: mails, pages, files of many lines, the API, what is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards import offers, queries, rules
from badges.awards.batches import jobs as batch_jobs
from badges.awards.batches import rules as batches
from badges.awards.batches import words
from badges.awards.batches.csv_lines import read_lines
from badges.awards.batches.queries import count_lines, list_lines
from badges.awards.models import Award, LineState, Outlook, Sharing
from badges.awards.papers.queries import list_printable
from badges.awards.renewals import jobs as renewal_jobs
from badges.awards.suspension import suspend
from badges.designs.models import CriterionKind
from badges.designs.rules import Condition, archive_badge
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_badge,
    settings_here,
)
from tests.support.batches import confirm, csv_of
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.renewals import END, OPENS, SECOND, Place
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.house import Job
from tierslieu.mail.rendering import render_mail

pytestmark = pytest.mark.both_databases


@pytest.fixture
def here(db: Session, make: Factory) -> Place:
    return Place(db, make)


# Who is told


def test_the_holder_hears_that_it_was_renewed_and_that_the_new_one_is_private(here: Place) -> None:
    old = here.give()
    rules.share(here.db, old.id, here.ada.id, now=NOW, sharing=Sharing.PUBLIC)
    here.db.commit()
    new = here.give(OPENS)
    here.db.refresh(old)
    assert (new.sharing, old.sharing) == (Sharing.PRIVATE, Sharing.PUBLIC)
    assert len(here.mails("awards_awarded")) == 1
    (mail,) = here.mails("awards_renewed")
    assert mail.recipient == here.ada.email
    told = render_mail(mail, settings_here())
    assert "renouvelé" in told.subject
    for text in (told.text, told.html):
        assert "valable jusqu’au 21\u00a0septembre\u00a02028" in text
        assert "Le nouveau est privé, même si vous partagiez l’ancien" in text


def test_one_mail_tells_the_holder_that_it_ends_and_a_second_run_tells_nothing(here: Place) -> None:
    old = here.give()
    assert here.tell(OPENS - SECOND) == 0
    assert here.tell(OPENS) == 1
    assert here.tell(OPENS) == here.tell(OPENS + timedelta(days=20)) == 0
    (mail,) = here.mails("awards_ending")
    here.db.refresh(old)
    assert (mail.recipient, old.end_told_at) == (here.ada.email, OPENS)
    told = render_mail(mail, settings_here())
    assert "20\u00a0novembre\u00a02027" in told.subject
    for text in (told.text, told.html):
        assert "Il peut être renouvelé dès maintenant" in text
        assert f"/badges/{here.badge.slug}" in text
    assert any(job.name == "badges_ending" for job in house_here().all(Job))


def test_of_a_badge_valid_for_a_month_its_holder_hears_half_way(db: Session, make: Factory) -> None:
    here = Place(db, make, valid_months=1)
    here.give()
    assert here.tell(NOW + timedelta(days=14)) == 0
    assert here.tell(NOW + timedelta(days=15)) == 1


def test_a_worker_killed_before_its_commit_has_told_nobody_and_the_next_tells_all(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.give()

    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(here.db, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            renewal_jobs.tell_endings(here.db, OPENS)
    here.db.rollback()
    assert here.mails("awards_ending") == []
    assert here.tell(OPENS) == 1
    assert len(here.mails("awards_ending")) == 1


def test_nobody_is_told_whose_badge_is_renewed_withdrawn_suspended_over_or_without_an_account(
    db: Session, make: Factory
) -> None:
    here = Place(db, make, suspendable=True)
    people = [make.user() for _ in range(5)]
    for person in people:
        finish_path(db, person, here.path, here.other)
    renewed, withdrawn, suspended, closed, over = people
    here.leave_waiting("eve@example.org")
    for person in people[:4]:
        award = here.give(NOW, person)
        if person is withdrawn:
            rules.revoke(db, award.id, reason="x", now=NOW, actor_id=here.team.id)
        elif person is suspended:
            suspend(db, award.id, reason="x", now=NOW, actor_id=here.team.id)
    here.give(NOW - timedelta(days=30), over)
    here.give(OPENS, renewed)
    closed.active = False
    db.commit()
    assert here.tell(END - timedelta(days=10)) == 0
    here.give()
    assert here.tell(END - timedelta(days=10)) == 1


def test_of_a_badge_that_is_awarded_no_more_the_mail_does_not_promise_a_renewal(
    here: Place,
) -> None:
    here.give()
    archive_badge(here.db, here.badge.id, now=NOW)
    here.db.commit()
    assert here.tell(OPENS) == 1
    told = render_mail(here.mails("awards_ending")[0], settings_here())
    assert "n’est plus attribué" in told.text
    assert "dès maintenant" not in told.text


# In number


def test_the_dry_run_says_who_is_renewed_and_the_batch_does_it(here: Place) -> None:
    db = here.db
    bea, cleo = here.make.user(name="Bea"), here.make.user(name="Cleo")
    for person in (bea, cleo):
        finish_path(db, person, here.path, here.other)
    old = here.give()
    here.give(OPENS, bea)
    batch = batches.draft_batch(
        db,
        here.badge.id,
        read_lines(csv_of(here.ada.email, bea.email, cleo.email)),
        house=house_here(),
        now=OPENS + SECOND,
        actor_id=here.team.id,
        filename="liste.csv",
    )
    db.commit()
    lines = list_lines(db, batch.id, 0, 10)
    assert [(line.outlook, line.words) for line in lines] == [
        (Outlook.ACCOUNT, "sera renouvelé\u00a0: le sien expire le 20\u00a0novembre\u00a02027"),
        (Outlook.HELD, ""),
        (Outlook.ACCOUNT, ""),
    ]
    assert [words.say_foreseen(line).words for line in lines] == [
        "Renouvellement", "A déjà ce badge", "Recevra le badge",
    ]  # fmt: skip
    confirm(db, batch, here.team)
    with clock.fixed_at(OPENS + SECOND):
        assert batch_jobs.flow(db, here.signer, house_here(), is_over=lambda: False) == 2
    db.expire_all()
    lines = list_lines(db, batch.id, 0, 10)
    assert [(line.state, line.words) for line in lines] == [
        (LineState.DONE, "renouvelé"),
        (LineState.LEFT_OUT, ""),
        (LineState.DONE, ""),
    ]
    assert [words.say_line(line).words for line in lines] == [
        "Renouvelé", "A déjà ce badge", "Attribué",
    ]  # fmt: skip
    assert old.renewed_at == OPENS + SECOND
    assert count_lines(db, [batch.id])[batch.id].done == 2


# What is counted


def test_a_renewal_is_counted_as_one_and_no_person_twice(here: Place) -> None:
    db, everything = here.db, (NOW - SECOND, END + timedelta(days=9))
    old = here.give()
    new = here.give(OPENS)
    assert offers._awarded(db, *everything).numerator == 1
    assert offers._renewed(db, *everything).numerator == 1
    rows = list(offers.research_rows(db, [here.ada.id]))
    assert [values[-1] for _user, _at, values in rows] == [False, True]
    assert list_printable(db, here.badge.id) == [new.id], "one sheet a person"
    (card,) = offers.earned_card(db, here.ada.id, OPENS)
    assert (card.context["count"], card.context["awards"]) == (1, [new])
    told = sorted(offers.timeline(db, here.ada.id, OPENS), key=lambda event: event.at)
    assert [event.detail for event in told] == ["Badge reçu", "Badge renouvelé"]
    exported = offers.export(db, here.ada.id)
    assert [one["renewed_at"] for one in exported] == [None, OPENS.isoformat()]
    with clock.fixed_at(END + SECOND):
        for check in (offers.check_renewals, offers.check_bits, offers.check_credentials):
            assert check(db).broken == []
    new.revoked_at = OPENS
    db.flush()
    old.renewed_at = None
    db.flush()
    assert len(offers.check_renewals(db).broken) == 1
    db.rollback()


def test_another_badge_that_asks_for_it_takes_a_valid_one_alone(here: Place) -> None:
    asking = make_badge(
        here.db, Condition(CriterionKind.BADGE_HELD, asked_badge_id=here.badge.id), name="Ensuite"
    )
    here.give()
    assert here.refused(END + SECOND, badge=asking).code == "criteria_unmet"
    here.give(END + SECOND)
    assert here.give(END + 2 * SECOND, badge=asking)


def test_who_is_erased_is_erased_in_both(here: Place) -> None:
    here.give()
    here.give(OPENS)
    rules.erase_holder(here.db, here.ada.id)
    here.db.commit()
    kept = here.db.scalars(select(Award)).all()
    assert [(a.user_id, a.credential, a.holder_name) for a in kept] == [(None, "", "")] * 2
    assert offers.check_renewals(here.db).broken == []
    assert here.db.scalar(select(func.count()).select_from(Award)) == 2


# The pages


def test_the_team_renews_from_the_page_of_what_waits_where_nobody_is_ticked_beforehand(
    here: Place, client: LookingClient
) -> None:
    here.give()
    with clock.fixed_at(END + SECOND):
        client.sign_in(here.team)
        page = client.get("/badges/propositions").get_data(as_text=True)
        assert "1 badge à renouveler" in page
        assert "le sien a expiré le 20\u00a0novembre\u00a02027" in page
        assert " checked" not in page
        answer = client.post(
            f"/badges/{here.badge.slug}/attribuer",
            data={"people": str(here.ada.id), "propositions": "1"},
            follow_redirects=True,
        ).get_data(as_text=True)
        assert "Badge renouvelé pour 1 personne" in answer
        assert "à renouveler" not in answer
        holders = client.get(f"/badges/{here.badge.slug}/attribues").get_data(as_text=True)
        assert "Renouvelé le 20\u00a0novembre\u00a02027" in holders
    here.db.rollback()
    assert len(queries.list_awards(here.db, here.ada.id)) == 2


def test_the_page_of_a_path_says_whose_badge_ends_and_does_not_tick_them(
    here: Place, client: LookingClient
) -> None:
    here.give()
    with clock.fixed_at(OPENS):
        client.sign_in(here.team)
        url = f"/badges/{here.badge.slug}/attribuer?parcours={here.path.slug}"
        page = client.get(url).get_data(as_text=True)
    assert "le sien expire le 20\u00a0novembre\u00a02027" in page
    assert " checked" not in page


def test_the_backpack_shows_the_current_one_and_keeps_the_older_in_a_fold(
    here: Place, client: LookingClient
) -> None:
    old = here.give()
    with clock.fixed_at(OPENS):
        client.sign_in(here.ada)
        page = client.get("/mes-badges").get_data(as_text=True)
        assert "Il peut être renouvelé dès maintenant" in page
        here.db.rollback()
        new = here.give(OPENS)
        page = client.get("/mes-badges").get_data(as_text=True)
        assert "Il peut être renouvelé dès maintenant" not in page
        assert "1 badge renouvelé depuis" in page
        assert "renouvelé le 21\u00a0septembre\u00a02027" in page
        assert page.index(f"b-{new.id}") < page.index("<details") < page.index(f"b-{old.id}")


def test_a_visitor_of_the_older_page_does_not_learn_of_a_private_renewal(
    here: Place, app: Flask, client: LookingClient
) -> None:
    old = here.give()
    rules.share(here.db, old.id, here.ada.id, now=NOW)
    here.db.commit()
    new = here.give(OPENS)
    address, renewal = f"/credentials/{old.id}", f"/credentials/{new.id}"
    with clock.fixed_at(OPENS):
        visited = client.get(address).get_data(as_text=True)
        assert "Renouvelé" not in visited
        assert renewal not in visited
        client.sign_in(here.ada)
        own = client.get(address).get_data(as_text=True)
        assert "Renouvelé le 21\u00a0septembre\u00a02027" in own
        assert renewal in own


def test_a_program_renews_and_the_older_award_stays_what_it_is(
    here: Place, client: LookingClient
) -> None:
    old = here.give()

    def ask() -> dict[str, Any]:
        answer = client.post(
            f"/api/v1/badges/{here.badge.slug}/awards",
            json={"recipients": [here.ada.email]},
            headers=bearing(secret),
        )
        item: dict[str, Any] = answer.get_json()["items"][0]
        return item

    def tell() -> dict[str, Any]:
        told: dict[str, Any] = client.get(
            f"/api/v1/awards/{old.id}", headers=bearing(secret)
        ).get_json()
        return told

    with clock.fixed_at(OPENS - SECOND):
        secret = make_secret(here.db, here.team, "awards:write")
        assert ask()["code"] == "already_held"
    with clock.fixed_at(OPENS + SECOND):
        new = ask()["award"]
        assert (new["state"], new["renews"]) == ("standing", str(old.id))
        told = tell()
        assert (told["state"], told["renewed_at"]) == ("standing", "2027-09-21T10:00:01Z")
    with clock.fixed_at(END + SECOND):
        secret = make_secret(here.db, here.team, "awards:write")
        told = tell()
        assert (told["state"], told["revoked_at"]) == ("expired", None)
        assert ask()["code"] == "already_held"
