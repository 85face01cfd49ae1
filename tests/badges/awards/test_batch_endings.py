"""How awarding in number ends: stopped, archived, forgotten; what becomes of those who leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.batches import rules, slices
from badges.awards.batches.queries import count_lines, report
from badges.awards.models import AwardBatchLine, BatchState
from badges.designs.rules import archive_badge
from tests.support.badges import NOW, house_here
from tests.support.batches import Setting, addresses, confirm, work
from tests.support.factories import Factory
from tierslieu.errors import Refused

pytestmark = pytest.mark.both_databases


@pytest.fixture
def here(db: Session, make: Factory) -> Setting:
    return Setting(db, make)


def test_stopping_leaves_the_rest_and_keeps_what_is_done(
    db: Session, here: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SIZE", 4)
    batch = here.draft(*addresses(10))
    confirm(db, batch, here.team)
    turns = iter([False, True])
    assert work(db, here.signer, is_over=lambda: next(turns)) == 4
    piece = slices.lease_slice(db, NOW)
    assert piece is not None
    db.commit()
    signed = slices.sign_slice(db, piece, here.signer, house=house_here(), now=NOW)
    rules.stop_batch(db, batch.id, now=NOW)
    db.commit()
    # A worker was signing when somebody stopped it: what it signed is not written.
    assert slices.record_slice(db, piece, signed, now=NOW) == 0
    db.commit()
    tally = count_lines(db, [batch.id])[batch.id]
    assert (tally.done, tally.stopped, tally.waiting) == (4, 6, 0)
    assert work(db, here.signer) == 0
    assert len(here.awards()) == 4
    with pytest.raises(Refused) as refused:
        rules.stop_batch(db, batch.id, now=NOW)
    assert refused.value.code == "not_running"


def test_a_badge_archived_meanwhile_ends_the_batch(db: Session, here: Setting) -> None:
    batch = here.draft(*addresses(3))
    confirm(db, batch, here.team)
    archive_badge(db, here.badge.id, now=NOW)
    db.commit()
    assert work(db, here.signer) == 0
    db.refresh(batch)
    assert (batch.state, batch.hindrance) == (BatchState.STOPPED, "badge_archived")
    assert not here.awards()


def test_a_dry_run_nobody_confirms_is_forgotten_and_a_confirmed_batch_is_not(
    db: Session, here: Setting
) -> None:
    here.draft(*addresses(2))
    kept = here.draft(here.ready[0].email)
    confirm(db, kept, here.team)
    assert rules.forget_drafts(db, NOW + rules.DRAFT_KEPT_FOR) == 0
    assert rules.forget_drafts(db, NOW + rules.DRAFT_KEPT_FOR + timedelta(seconds=1)) == 1
    db.commit()
    assert db.scalars(select(AwardBatchLine.batch_id)).all() == [kept.id]


def test_the_list_of_an_ended_batch_is_forgotten_and_its_counts_stay(
    db: Session, here: Setting
) -> None:
    batch = here.draft(here.ready[0].email, "eve@example.org;Ève;vue", here.late.email)
    confirm(db, batch, here.team)
    work(db, here.signer)
    before = report(db, batch.id)
    db.refresh(batch)
    assert batch.ended_at is not None
    assert rules.forget_lines(db, batch.ended_at + rules.LINES_KEPT_FOR) == 0
    late = batch.ended_at + rules.LINES_KEPT_FOR + timedelta(seconds=1)
    assert rules.forget_lines(db, late) == 1
    db.commit()
    for line in here.lines(batch):
        assert (line.email, line.user_id) == (None, None)
        assert not line.written + line.name + line.note + line.words
    assert report(db, batch.id) == before
    assert rules.forget_lines(db, late) == 0


def test_a_person_who_leaves_is_in_no_list_any_more_and_receives_nothing(
    db: Session, make: Factory, here: Setting
) -> None:
    unproved = make.user(confirmed_at=None, name="Eve")
    batch = here.draft(here.ready[0].email, unproved.email, here.ready[1].email)
    confirm(db, batch, here.team)
    for person in (here.ready[0], unproved):
        rules.erase_lines(db, person.id)
    db.commit()
    work(db, here.signer)
    assert [award.user_id for award in here.awards()] == [here.ready[1].id]
    assert [line.email for line in here.lines(batch)] == [None, None, here.ready[1].email]
