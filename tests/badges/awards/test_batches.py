"""Awarding in number: the dry run, its confirmation, the slices."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from badges.awards import issuing, publishing
from badges.awards import rules as award_rules
from badges.awards.batches import jobs, rules, slices
from badges.awards.batches.queries import report
from badges.awards.models import BatchState, LineState, Outlook, StatusList
from badges.engine.verify import verify
from tests.support.badges import NOW, house_here, settings_here
from tests.support.batches import Setting, addresses, confirm, ids, work
from tests.support.factories import Factory
from tierslieu.db import db as database
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases


@pytest.fixture
def here(db: Session, make: Factory) -> Setting:
    return Setting(db, make)


def test_the_dry_run_says_of_each_line_what_will_happen_and_awards_nothing(
    db: Session, make: Factory, here: Setting
) -> None:
    ada, bea, _cleo = here.ready
    closed = make.user(active=False)
    unproved = make.user(confirmed_at=None)
    award_rules.award(
        db, here.badge.id, bea.id, here.signer, house=house_here(), now=NOW, actor_id=None
    )
    db.commit()
    batch = here.draft(
        ada.email,
        bea.email,
        here.late.email,
        "inconnue@example.org;Éve;vue à l’œuvre",
        "sans-arobase",
        here.team.email,
        closed.email,
        unproved.email,
        f"{ada.email.upper()};;deux fois",
    )
    found = [(line.position, line.outlook, line.state) for line in here.lines(batch)]
    assert found == [
        (2, Outlook.ACCOUNT, LineState.WAITING),
        (3, Outlook.HELD, LineState.LEFT_OUT),
        (4, Outlook.UNMET, LineState.LEFT_OUT),
        (5, Outlook.ADDRESS, LineState.WAITING),
        (6, Outlook.INVALID, LineState.LEFT_OUT),
        (7, Outlook.OWN, LineState.LEFT_OUT),
        (8, Outlook.CLOSED, LineState.LEFT_OUT),
        # Whoever opened that account has not shown that the address is theirs.
        (9, Outlook.ADDRESS, LineState.WAITING),
    ]
    lines = here.lines(batch)
    assert lines[0].times == 2
    assert "il manque 1 étape" in lines[2].words
    assert work(db, here.signer) == 0, "nothing is awarded before the yes"
    assert len(here.awards()) == 1


def test_what_was_confirmed_is_awarded_with_its_grounds_and_each_hears_of_it(
    db: Session, here: Setting
) -> None:
    ada = here.ready[0]
    batch = here.draft(f"{ada.email};Autre Nom;activité montrée", "eve@example.org;Ève;vue")
    confirm(db, batch, here.team, "Atelier du\n12 mars.")
    assert work(db, here.signer) == 2
    mine, waiting = sorted(here.awards(), key=lambda award: award.user_id is None)
    assert mine.user_id == ada.id
    assert mine.holder_name == "Ada", "an account is named as it wishes to be"
    assert mine.grounds[0].startswith("parcours ")
    assert mine.grounds[1:] == ["Atelier du 12 mars.", "activité montrée"]
    assert (waiting.recipient_email, waiting.holder_name) == ("eve@example.org", "Ève")
    assert waiting.grounds == ["Atelier du 12 mars.", "vue"]
    assert mine.awarded_by_id == waiting.awarded_by_id == here.team.id
    for award in (mine, waiting):
        assert publishing.check_award(db, settings_here(), award, NOW).outcome == "valid"
    theirs = verify(waiting.credential, fetch=None, now=NOW, recipient="eve@example.org")
    assert theirs.check("recipient").outcome == "passed"
    assert "eve@example.org" not in waiting.credential
    mails = db.execute(select(OutboxMessage.recipient, OutboxMessage.template)).all()
    assert {tuple(mail) for mail in mails if mail[1].startswith("awards_")} == {
        (ada.email, "awards_awarded"),
        ("eve@example.org", "awards_waiting"),
    }
    assert {line.state for line in here.lines(batch)} == {LineState.DONE}
    assert {line.award_id for line in here.lines(batch)} == {mine.id, waiting.id}
    db.refresh(batch)
    assert (batch.state, batch.badge.frozen_at is not None) == (BatchState.DONE, True)
    assert work(db, here.signer) == 0, "a second run does nothing"


def test_an_address_without_account_takes_a_written_ground(db: Session, here: Setting) -> None:
    batch = here.draft(here.ready[0].email, "eve@example.org")
    with pytest.raises(Refused) as refused:
        rules.confirm_batch(db, batch.id, ground="  ", now=NOW, actor_id=here.team.id)
    assert (refused.value.code, refused.value.field) == ("ground_missing", "ground")
    db.rollback()
    accounts = here.draft(here.ready[0].email)
    rules.confirm_batch(db, accounts.id, ground="", now=NOW, actor_id=here.team.id)


def test_only_its_author_confirms_and_only_once(db: Session, here: Setting) -> None:
    batch = here.draft(here.ready[0].email)
    with pytest.raises(NotYours):
        rules.confirm_batch(db, batch.id, ground="x", now=NOW, actor_id=here.other.id)
    db.rollback()
    confirm(db, batch, here.team)
    with pytest.raises(Refused) as refused:
        rules.confirm_batch(db, batch.id, ground="x", now=NOW, actor_id=here.team.id)
    assert refused.value.code == "already_confirmed"


def test_a_file_where_nobody_can_receive_it_is_not_confirmed(db: Session, here: Setting) -> None:
    batch = here.draft(here.late.email, "rien")
    with pytest.raises(Refused) as refused:
        rules.confirm_batch(db, batch.id, ground="x", now=NOW, actor_id=here.team.id)
    assert refused.value.code == "nothing_to_award"


def test_what_changed_since_the_dry_run_is_refused_with_todays_reason(
    db: Session, here: Setting
) -> None:
    ada, bea, cleo = here.ready
    batch = here.draft(ada.email, bea.email, cleo.email, "eve@example.org", "fay@example.org")
    confirm(db, batch, here.team)
    bea.active = False
    db.commit()
    give = {"house": house_here(), "now": NOW, "actor_id": here.other.id}
    award_rules.award(db, here.badge.id, cleo.id, here.signer, **give)
    db.commit()
    earlier = here.draft("eve@example.org")
    confirm(db, earlier, here.team)
    jobs.flow(db, here.signer, house_here(), is_over=lambda: False, batch_id=earlier.id)
    work(db, here.signer)
    told = [(line.state, line.words) for line in here.lines(batch)]
    assert told == [
        (LineState.DONE, ""),
        (LineState.REFUSED, "ce compte est fermé"),
        (LineState.REFUSED, "a reçu ce badge entre-temps"),
        (
            LineState.REFUSED,
            "Ce badge est déjà à cette adresse\u00a0: on ne le reçoit qu’une fois.",
        ),
        (LineState.DONE, ""),
    ]
    assert len(here.awards()) == 4


def test_a_slice_lost_with_its_worker_is_taken_again_when_its_lease_runs_out(
    db: Session, here: Setting
) -> None:
    batch = here.draft(*addresses(3))
    confirm(db, batch, here.team)
    lost = slices.lease_slice(db, NOW)
    db.commit()
    assert lost is not None
    assert len(lost.line_ids) == 3
    assert slices.lease_slice(db, NOW + slices.LEASE - timedelta(seconds=1)) is None
    db.commit()
    db.refresh(batch)
    assert batch.state is BatchState.RUNNING, "it does not end while somebody is at it"
    again = slices.lease_slice(db, NOW + slices.LEASE)
    assert again is not None
    assert again.line_ids == lost.line_ids


def test_two_workers_at_the_same_lines_award_once(db: Session, here: Setting) -> None:
    """The lease ran out on a worker that was slow, not dead: both have signed the same lines."""
    batch = here.draft(here.ready[0].email, "eve@example.org")
    confirm(db, batch, here.team)
    first = slices.lease_slice(db, NOW)
    db.commit()
    second = slices.lease_slice(db, NOW + slices.LEASE)
    db.commit()
    assert first is not None
    assert second is not None
    signed = [
        slices.sign_slice(db, piece, here.signer, house=house_here(), now=NOW)
        for piece in (first, second)
    ]
    assert slices.record_slice(db, first, signed[0], now=NOW) == 2
    db.commit()
    assert slices.record_slice(db, second, signed[1], now=NOW) == 0
    db.commit()
    assert len(here.awards()) == 2
    mails = select(func.count()).where(OutboxMessage.due_key.startswith("award:"))
    assert db.scalar(mails.select_from(OutboxMessage)) == 2


def test_bits_taken_meanwhile_are_drawn_anew(
    db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(db, here.draft("eve@example.org"), here.team)
    work(db, here.signer)
    (eve,) = here.awards()
    batch = here.draft("fay@example.org", "gil@example.org")
    confirm(db, batch, here.team)
    really_pick = issuing.pick_places
    draws = iter([issuing.Place(eve.status_list_id, eve.status_index)])

    def pick(session: Session, count: int) -> list[issuing.Place]:
        places = really_pick(session, count)
        return [next(draws, places[0]), *places[1:]]

    monkeypatch.setattr(issuing, "pick_places", pick)
    assert work(db, here.signer) == 2
    assert len({award.status_index for award in here.awards()}) == 3
    assert report(db, batch.id)["claimable"] == 2


def test_places_drawn_together_are_free_scattered_and_go_to_the_next_list_half_full(
    db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = issuing.pick_places(db, 2000)
    indexes = [place.index for place in places]
    assert len(set(indexes)) == 2000
    assert indexes != sorted(indexes), "the order of the draw, not of the numbers"
    gaps = [abs(a - b) for a, b in itertools.pairwise(indexes)]
    assert sum(gap < 1000 for gap in gaps) < 200, "neighbours in time are no neighbours in the list"
    monkeypatch.setattr(issuing, "count_in_list", lambda db, list_id: 65_536)
    assert {place.list_id for place in issuing.pick_places(db, 10)} == {2}
    confirm(db, here.draft(*addresses(3)), here.team)
    work(db, here.signer)
    assert {award.status_list_id for award in here.awards()} == {2}
    assert db.get(StatusList, 2) is not None


def test_people_ticked_on_a_page_are_awarded_in_number_by_the_criteria(
    db: Session, here: Setting
) -> None:
    batch = rules.award_people(
        db,
        here.badge.id,
        [*ids(here.ready), here.late.id, here.team.id],
        house=house_here(),
        now=NOW,
        actor_id=here.team.id,
    )
    db.commit()
    assert work(db, here.signer) == 3
    assert {award.user_id for award in here.awards()} == set(ids(here.ready))
    counts = report(db, batch.id)
    assert (counts["lines"], counts["awarded"], counts["unmet"], counts["own"]) == (5, 3, 1, 1)


def test_the_worker_says_when_there_is_no_key_and_goes_on_when_there_is(
    app: Flask, db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = here.draft("eve@example.org")
    confirm(db, batch, here.team)

    def none(*args: Any) -> Any:
        raise jobs.KeyUnreadable("no key here")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "load_signer", none)
        assert jobs._run(db, NOW) == 0
    db.refresh(batch)
    assert (batch.state, batch.hindrance) == (BatchState.RUNNING, "no_key")
    assert jobs._run(db, NOW) == 1
    db.refresh(batch)
    assert (batch.state, batch.hindrance) == (BatchState.DONE, "")


def test_a_slice_takes_few_queries_however_many_its_lines(
    db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for size in (10, 80):
        confirm(db, here.draft(*(f"q{size}-{n}@example.org" for n in range(size))), here.team)
        statements: list[str] = []
        note = lambda *args, into=statements: into.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", note)
        assert work(db, here.signer) == size
        event.remove(database.engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[1] - counts[0] <= 3, counts


def test_a_line_that_cannot_be_signed_keeps_no_other_back(
    db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    batch = here.draft(here.ready[0].email, "eve@example.org;;pas ainsi", "fay@example.org")
    confirm(db, batch, here.team)
    really_sign = issuing.sign_award

    def sign(signer: Any, document: Any, one: issuing.Particulars, template: Any) -> str:
        if "pas ainsi" in one.grounds:
            raise ValueError("eve@example.org")
        return really_sign(signer, document, one, template)

    monkeypatch.setattr(issuing, "sign_award", sign)
    assert work(db, here.signer) == 3
    states = [line.state for line in here.lines(batch)]
    assert states == [LineState.DONE, LineState.REFUSED, LineState.DONE]
    assert "simplifiez-le" in here.lines(batch)[1].words
    db.refresh(batch)
    assert batch.state is BatchState.DONE
    assert "eve@example.org" not in caplog.text


def test_the_signed_file_names_nobody_where_the_list_gave_no_name(
    db: Session, here: Setting
) -> None:
    confirm(db, here.draft("eve@example.org"), here.team)
    work(db, here.signer)
    (award,) = here.awards()
    (only,) = json.loads(award.credential)["credentialSubject"]["identifier"]
    assert only["identityType"] == "emailAddress"
