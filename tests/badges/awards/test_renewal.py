"""A badge that ends is renewed: a while before its end or after, by somebody, once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import issuing, jobs, making, offers, publishing, queries, rules
from badges.awards.claims import rules as claims
from badges.awards.facts import Judgement
from badges.awards.models import Award
from badges.awards.proposals import count_ready, list_proposals, list_ready
from badges.awards.renewals.rules import Holders
from badges.awards.renewals.terms import WINDOW, opens_at
from badges.awards.suspension import lift, suspend
from badges.designs.models import CriterionKind
from badges.designs.queries import get_badge
from badges.designs.rules import Condition
from badges.designs.versions import begin_version, publish_version
from badges.engine.status import read_bit
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_badge,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.renewals import END, OPENS, SECOND, Place
from tierslieu import clock
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.people.models import OtherAddress

pytestmark = pytest.mark.both_databases


@pytest.fixture
def here(db: Session, make: Factory) -> Place:
    return Place(db, make)


# The rule


def test_a_badge_may_be_renewed_from_sixty_days_before_its_end_and_not_before(here: Place) -> None:
    old = here.give()
    assert old.valid_until == END
    refusal = here.refused(OPENS - SECOND)
    assert refusal.code == "already_held"
    assert "renouvelé à partir du 21\u00a0septembre\u00a02027" in refusal.message
    new = here.give(OPENS)
    here.db.refresh(old)
    assert (old.renewed_at, new.renews_id, new.renewed_at) == (OPENS, old.id, None)
    assert new.valid_until == OPENS.replace(year=2028)
    assert here.refused(OPENS + SECOND).code == "already_held", "the renewal holds in its turn"
    assert here.refused(END + SECOND).code == "already_held"


def test_a_badge_that_is_over_may_be_renewed_at_any_time_after(here: Place) -> None:
    here.give()
    years_later = END + timedelta(days=2000)
    assert here.give(years_later).renews_id is not None


def test_a_badge_valid_for_a_short_while_is_not_renewable_on_its_first_day() -> None:
    month = NOW + timedelta(days=30)
    assert opens_at(NOW, month) == NOW + timedelta(days=15)
    assert opens_at(NOW, END) == END - WINDOW


def test_a_badge_without_an_end_is_held_for_ever(db: Session, make: Factory) -> None:
    here = Place(db, make, valid_months=None)
    here.give()
    refusal = here.refused(NOW + timedelta(days=5000))
    assert refusal.code == "already_held"
    assert "renouvelé" not in refusal.message


def test_nothing_is_withdrawn_the_older_file_is_as_it_was_signed(here: Place) -> None:
    old = here.give()
    signed, place = old.credential, (old.status_list_id, old.status_index)
    now = OPENS + timedelta(days=1)
    new = here.give(now)
    here.db.refresh(old)
    assert (old.credential, (old.status_list_id, old.status_index)) == (signed, place)
    assert old.revoked_at is None
    lists = {listing.id: listing for listing in queries.list_status_lists(here.db)}
    assert not read_bit(lists[place[0]].bits, place[1])
    look = lambda award, at: publishing.check_award(here.db, settings_here(), award, at)  # noqa: E731
    assert look(old, now).outcome == look(new, now).outcome == "valid"
    late = look(old, END + SECOND)
    assert [c.code for c in late.checks if c.outcome == "failed"] == ["expired"]
    assert look(new, END + SECOND).outcome == "valid"


def test_the_criteria_are_asked_again_and_a_judgement_is_made_anew(
    db: Session, make: Factory, here: Place
) -> None:
    badge = make_badge(
        db,
        Condition(CriterionKind.PATH_COMPLETED, path_id=here.path.id),
        Condition(CriterionKind.JUDGEMENT, statement="conduit une séance"),
        valid_months=12,
    )
    stated = {here.ada.id: {badge.conditions[1].id: Judgement("Vue le 3 mars.")}}
    give = lambda now, judgements: rules.award(  # noqa: E731
        db,
        badge.id,
        here.ada.id,
        here.signer,
        house=house_here(),
        now=now,
        actor_id=here.team.id,
        judgements=judgements,
    )
    give(NOW, stated)
    db.commit()
    with pytest.raises(Refused) as refused:
        give(END, None)
    assert refused.value.code == "criteria_unmet"
    assert give(END, stated).renews_id is not None


def test_a_suspended_badge_is_not_renewed_while_that_lasts(db: Session, make: Factory) -> None:
    here = Place(db, make, suspendable=True)
    old = here.give()
    suspend(db, old.id, reason="À revoir.", now=NOW, actor_id=here.team.id)
    db.commit()
    assert here.refused(END + SECOND).code == "already_held"
    lift(db, old.id, now=NOW)
    db.commit()
    assert here.give(END + SECOND).renews_id == old.id


def test_a_renewal_that_is_withdrawn_leaves_the_badge_open_to_be_awarded_again(
    here: Place,
) -> None:
    here.give()
    new = here.give(OPENS)
    rules.revoke(here.db, new.id, reason="Par erreur.", now=OPENS, actor_id=here.team.id)
    here.db.commit()
    again = here.give(OPENS + timedelta(days=1))
    assert again.renews_id is None
    assert offers.check_renewals(here.db).broken == []


def test_another_version_renews_the_one_before(db: Session, here: Place) -> None:
    old = here.give()
    later = begin_version(db, here.badge.id, now=NOW, actor_id=here.team.id)
    publish_version(db, later.id, now=NOW)
    db.commit()
    bea = here.make.user(name="Bea")
    finish_path(db, bea, here.path, here.other)
    assert here.give(OPENS, badge=later).renews_id == old.id
    assert here.give(OPENS, bea, later).renews_id is None
    db.refresh(old)
    assert old.renewed_at == OPENS


def test_a_version_received_long_before_the_end_renews_nothing(
    db: Session, here: Place, client: LookingClient
) -> None:
    old = here.give()
    later = begin_version(db, here.badge.id, now=NOW, actor_id=here.team.id)
    publish_version(db, later.id, now=NOW)
    db.commit()
    assert here.give(NOW + timedelta(days=30), badge=later).renews_id is None
    db.refresh(old)
    assert old.renewed_at is None
    # They hold one that lasts longer: neither a mail nor a proposal for the older.
    assert here.tell(END - timedelta(days=35)) == 0
    found = list_proposals(db, house_here(), viewer_id=here.team.id, now=END - timedelta(days=35))
    assert found == []
    with clock.fixed_at(END - timedelta(days=35)):
        client.sign_in(here.ada)
        page = client.get("/mes-badges").get_data(as_text=True)
    assert "renouvelé dès maintenant" not in page


# Two at once


def test_two_renewals_at_once_make_one(
    app: Flask, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_id = here.give().id
    house, badge_id, ada_id = house_here(), here.badge.id, here.ada.id
    actors = [here.make.user("facilitator").id for _ in range(4)]
    here.db.rollback()
    signed = threading.Barrier(len(actors))
    really_sign = issuing.sign_award

    def sign_then_wait(*args: Any, **kwargs: Any) -> str:
        text = really_sign(*args, **kwargs)
        signed.wait(timeout=30)
        return text

    monkeypatch.setattr(issuing, "sign_award", sign_then_wait)
    results: list[str] = []

    def renew(actor_id: UUID) -> None:
        with app.app_context():
            session = database.session()
            try:
                rules.award(
                    session, badge_id, ada_id, here.signer, house=house, now=END, actor_id=actor_id
                )
                session.commit()
                results.append("renewed")
            except Refused as refused:
                session.rollback()
                results.append(refused.code)
            finally:
                database.session.remove()

    threads = [threading.Thread(target=renew, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["already_held"] * 3 + ["renewed"]
    assert len(here.mails("awards_renewed")) == 1
    made = here.db.scalars(select(Award).where(Award.renews_id == old_id)).all()
    assert len(made) == 1


def test_the_database_itself_refuses_a_second_current_award(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.give()
    here.give(OPENS)
    monkeypatch.setattr(rules, "find_holders", lambda *args: Holders())
    monkeypatch.setattr(making, "find_holders", lambda *args: Holders())
    assert here.refused(OPENS + SECOND).code == "already_held"
    waiting = here.leave_waiting("eve@example.org")
    here.db.add(
        Award(
            badge_id=waiting.badge_id,
            recipient_email="eve@example.org",
            holder_name="",
            grounds=["x"],
            status_list_id=1,
            status_index=(waiting.status_index + 1) % 131_072,
            signing_key_id=here.signer.key_id,
            credential="{}",
        )
    )
    with pytest.raises(IntegrityError):
        here.db.flush()
    here.db.rollback()


def test_a_badge_suspended_while_its_renewal_is_written_is_not_renewed(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Place(db, make, suspendable=True)
    old = here.give()
    found = making.find_holders(db, here.badge.id, [here.ada.id], END)
    suspend(db, old.id, reason="À revoir.", now=END, actor_id=here.team.id)
    db.commit()
    # What was looked at is a moment old.
    monkeypatch.setattr(rules, "find_holders", lambda *args: found)
    monkeypatch.setattr(making, "find_holders", lambda *args: found)
    assert here.refused(END).code == "try_again"
    assert len(queries.list_awards(db, here.ada.id)) == 1


# Nothing renews itself


def test_an_automatic_badge_is_proposed_for_renewal_and_never_renewed_by_itself(
    db: Session, make: Factory
) -> None:
    here = Place(db, make, automatic=True)
    run = lambda now: jobs.award_automatic(db, house_here(), settings_here(), now=now)  # noqa: E731
    assert run(NOW) == 1
    for later in (OPENS, END, END + timedelta(days=100)):
        db.rollback()
        assert run(later) == 0
    outcome = rules.award_many(
        db,
        here.badge.id,
        [here.ada.id],
        here.signer,
        house=house_here(),
        now=END,
        actor_id=None,
        is_automatic=True,
    )
    assert [refusal.code for _who, refusal in outcome.refused] == ["already_held"]
    (proposal,) = list_proposals(db, house_here(), viewer_id=here.team.id, now=END)
    assert [c.user.id for c in proposal.to_renew] == [here.ada.id]
    renewed = here.give(END)
    assert (renewed.is_automatic, renewed.awarded_by_id) == (False, here.team.id)


def test_who_may_be_renewed_is_proposed_apart_and_not_by_the_press_for_all(here: Place) -> None:
    here.give()
    see = lambda now: list_proposals(  # noqa: E731
        here.db, house_here(), viewer_id=here.team.id, now=now
    )
    assert see(OPENS - SECOND) == []
    (before,) = see(OPENS)
    assert (before.ready, [c.end for c in before.to_renew]) == (
        [],
        ["expire le 20\u00a0novembre\u00a02027"],
    )
    (after,) = see(END + SECOND)
    assert [c.end for c in after.to_renew] == ["a expiré le 20\u00a0novembre\u00a02027"]
    about = {"viewer_id": here.team.id, "now": END}
    badge = get_badge(here.db, here.badge.id)
    assert badge is not None
    assert list_ready(here.db, badge, house_here(), most=9, **about) == []  # type: ignore[arg-type]
    counted = count_ready(here.db, house_here(), **about)  # type: ignore[arg-type]
    assert [count for _badge, count in counted] == [1]
    assert see(END + timedelta(days=366)) == [], "not put before the team for ever"
    here.give(END + timedelta(days=400))
    assert see(END + timedelta(days=401)) == []


# Who has no account


def test_what_waited_and_is_over_is_replaced_and_its_link_leads_nowhere(
    here: Place, client: LookingClient
) -> None:
    old = here.leave_waiting("eve@example.org")
    token = old.claim_token
    with pytest.raises(Refused) as refused:
        here.leave_waiting("eve@example.org", OPENS - SECOND)
    assert refused.value.code == "already_held"
    here.db.rollback()
    new = here.leave_waiting("eve@example.org", END + SECOND)
    here.db.refresh(old)
    assert (old.credential, old.recipient_email, old.renewed_at) == ("", None, END + SECOND)
    assert new.renews_id is None
    here.db.commit()
    assert client.get(f"/badge-en-attente/{token}").status_code == 404
    eve = here.make.user(email="eve@example.org")
    assert [a.id for a in claims.claim_awards(here.db, eve.id).awards] == [new.id]


def test_an_award_at_another_address_renews_what_the_account_has_once_it_is_claimed(
    here: Place,
) -> None:
    old = here.give()
    here.db.add(OtherAddress(user_id=here.ada.id, email="ada@ecole.example", proved_at=NOW))
    here.db.commit()
    here.leave_waiting("ada@ecole.example", NOW + timedelta(days=1))
    found = claims.claim_awards(here.db, here.ada.id, now=NOW + timedelta(days=2))
    assert (found.awards, found.doubles) == ([], 1), "long before the end it is a double"
    here.db.commit()
    waiting = here.leave_waiting("ada@ecole.example", OPENS)
    (mine,) = claims.claim_awards(here.db, here.ada.id, now=OPENS).awards
    here.db.commit()
    here.db.refresh(old)
    assert (mine.id, mine.renews_id, old.renewed_at) == (waiting.id, old.id, OPENS)
    assert offers.check_renewals(here.db).broken == []


def test_what_an_account_has_is_not_renewed_by_an_award_it_has_not_claimed(here: Place) -> None:
    old = here.give()
    waiting = here.leave_waiting(here.ada.email, OPENS)
    here.db.refresh(old)
    assert (old.renewed_at, waiting.renews_id) == (None, None)
    (mine,) = claims.claim_awards(here.db, here.ada.id, now=OPENS).awards
    here.db.refresh(old)
    assert (mine.renews_id, old.renewed_at) == (old.id, OPENS)
