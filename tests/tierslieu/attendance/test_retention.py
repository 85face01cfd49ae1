"""After three years a roll says no name, and counts the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tests.support.signing_in import CODES, Phone
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance import commands, figures
from tierslieu.attendance.models import Attendance, AttendanceRecord, Half, Presence
from tierslieu.attendance.queries import count_roll
from tierslieu.attendance.retention import Old, count_old, forget_misses, forget_old, horizon
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.checks import check_chains, check_lines
from tierslieu.attendance.signing.device.rules import receive
from tierslieu.attendance.signing.models import Signature, SigningMiss
from tierslieu.bookings.rules import claim

pytestmark = pytest.mark.both_databases
THEN = NOW + timedelta(days=7, hours=5)
LATER = THEN + timedelta(days=3 * 366)


def hold(db: Session, make: Factory) -> LearningSession:
    """A day with one who signed, one who was away, and one who walked in."""
    session = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8)  # noqa: DTZ001
    leader, here, away = make.user("facilitator"), make.user(name="Zoé"), make.user()
    for user in (here, away):
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    args = {"now": THEN, "actor_id": leader.id}
    guest = RollEntry(Presence.PRESENT, None, "Maëlle", "m@example.org")
    note_presence(db, session.id, [guest, RollEntry(Presence.ABSENT, away.id)], **args)
    phone = Phone(session.id, (session.starts_local.date(), Half.MORNING))
    phone.sign(here.id, here.name, THEN, written="zoé")
    phone.countersign("Nadia", THEN)
    receive(db, session.id, phone.id, phone.records, CODES, skew=timedelta(), **args)
    wrong = RollEntry(Presence.ABSENT, here.id)
    note_presence(
        db, session.id, [wrong], now=THEN + timedelta(days=1), actor_id=leader.id, why="Zoé a dit"
    )
    db.commit()
    return session


def figures_of(db: Session, session: LearningSession) -> tuple[object, ...]:
    since, until = THEN - timedelta(days=2), THEN + timedelta(days=2)
    return (
        figures.half_days(db, since, until),
        figures.no_shows(db, since, until),
        count_roll(db, [session.id]),
    )


def test_after_its_time_no_name_is_left_and_every_count_is_the_same(
    db: Session, make: Factory
) -> None:
    session = hold(db, make)
    counted = figures_of(db, session)
    before = horizon(LATER, 3)
    old = count_old(db, before)
    assert old == Old(sessions=1, lines=6, records=1, signatures=2)
    assert figures_of(db, session) == counted  # counting what is old changes nothing
    assert forget_old(db, before) == 1
    db.commit()
    assert forget_old(db, before) == 0
    assert count_old(db, before) == Old(0, 0, 0, 0)
    assert figures_of(db, session) == counted
    for line in db.scalars(select(Attendance)):
        assert (line.user_id, line.guest_name, line.noted_by_id) == (None, "Personne effacée", None)
        assert [(change.why, change.by_id) for change in line.changes] in ([], [("", None)])
    assert db.scalars(select(AttendanceRecord)).all() == []
    said = [(s.salt, s.who, s.name, s.written, s.by_id) for s in db.scalars(select(Signature))]
    assert said == [("", "", "", "", None)] * 2
    assert not [*check_chains(db).broken, *check_lines(db).broken]


def test_before_its_time_nothing_is_forgotten(db: Session, make: Factory) -> None:
    hold(db, make)
    before = horizon(THEN + timedelta(days=3 * 365 - 2), 3)
    assert count_old(db, before).sessions == forget_old(db, before) == 0


def test_wrong_codes_are_kept_for_a_day(db: Session, make: Factory) -> None:
    db.add(SigningMiss(user_id=make.user().id, at=THEN))
    db.commit()
    forget_misses(db, THEN + timedelta(hours=23))
    assert len(db.scalars(select(SigningMiss)).all()) == 1
    forget_misses(db, THEN + timedelta(hours=25))
    assert db.scalars(select(SigningMiss)).all() == []


def test_the_29_february_has_its_anniversary() -> None:
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert horizon(leap, 3) == datetime(2025, 2, 28, tzinfo=UTC)


def test_the_command_says_what_would_be_forgotten_and_then_forgets_it(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def here() -> Iterator[Session]:
        yield db

    hold(db, make)
    monkeypatch.setattr(commands, "place", here)
    run = CliRunner().invoke
    with clock.fixed_at(LATER):
        dry = json.loads(run(commands.attendance, ["forget", "--dry-run", "--json"]).output)
        assert (dry["sessions"], dry["lines"], dry["before"]) == (1, 6, "2026-11-28")
        assert count_old(db, horizon(LATER, 3)).lines == 6
        done = run(commands.attendance, ["forget"])
        assert "6 lines, 2 signatures and 1 records were made nameless" in done.output
    assert count_old(db, horizon(LATER, 3)) == Old(0, 0, 0, 0)
