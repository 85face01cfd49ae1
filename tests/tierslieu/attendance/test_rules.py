"""The roll: half-days by the wall, walk-ins, corrections."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.queries import count_half_days, list_known, list_present
from tierslieu.attendance.rules import RollEntry, list_half_days, note_presence
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused

pytestmark = pytest.mark.both_databases
DAY = date(2026, 11, 26)
THEN = NOW + timedelta(days=7, hours=5)  # Thursday 26 November, 14 h in Paris
PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 26, hour, minute)  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(
    ("starts", "hours", "halves"),
    [
        (at(9), 3, [(DAY, Half.MORNING)]),
        (at(9), 4, [(DAY, Half.MORNING)]),
        (at(13), 3, [(DAY, Half.AFTERNOON)]),
        (at(18, 30), 2, [(DAY, Half.AFTERNOON)]),
        (at(9), 8, [(DAY, Half.MORNING), (DAY, Half.AFTERNOON)]),
        (at(14), 10, [(DAY, Half.AFTERNOON)]),
        (at(20), 6, [(DAY, Half.AFTERNOON), (date(2026, 11, 27), Half.MORNING)]),
    ],
)
def test_a_session_has_the_half_days_its_wall_time_touches_split_at_thirteen(
    starts: datetime, hours: float, halves: list[tuple[date, Half]]
) -> None:
    session = LearningSession(starts_local=starts, ends_local=starts + timedelta(hours=hours))
    assert list_half_days(session) == halves


def test_the_roll_notes_who_is_there_as_they_booked(db: Session, make: Factory) -> None:
    session = make_session(db, online=2)
    facilitator, here, far = make.user("facilitator"), make.user(), make.user()
    claim(db, session.id, here.id, SeatMode.ONSITE, now=NOW)
    claim(db, session.id, far.id, SeatMode.ONLINE, now=NOW)
    db.commit()
    entries = [RollEntry(PRESENT, here.id), RollEntry(PRESENT, far.id)]
    lines = note_presence(db, session.id, entries, now=THEN, actor_id=facilitator.id)
    db.commit()
    assert [line.mode for line in lines] == [SeatMode.ONSITE, SeatMode.ONLINE]
    assert not any(line.walked_in for line in lines)
    assert list_present(db, session.id) == sorted([here.id, far.id])


def test_saying_the_same_twice_changes_nothing(db: Session, make: Factory) -> None:
    session, facilitator, user = make_session(db), make.user("facilitator"), make.user()
    entries = [RollEntry(PRESENT, user.id)]
    first = note_presence(db, session.id, entries, now=THEN, actor_id=facilitator.id)[0]
    db.commit()
    later = THEN + timedelta(minutes=20)
    note_presence(db, session.id, entries, now=later, actor_id=facilitator.id)
    db.commit()
    assert db.scalar(select(func.count()).select_from(Attendance)) == 1
    assert first.arrived_at == THEN
    assert first.noted_at == THEN


def test_a_correction_replaces_what_was_noted(db: Session, make: Factory) -> None:
    session, facilitator, user = make_session(db), make.user("facilitator"), make.user()
    for presence in (PRESENT, EXCUSED, ABSENT, PRESENT, ABSENT):
        note_presence(
            db, session.id, [RollEntry(presence, user.id)], now=THEN, actor_id=facilitator.id
        )
        db.commit()
    line = db.scalars(select(Attendance)).one()
    assert (line.presence, line.arrived_at) == (ABSENT, None)
    assert list_present(db, session.id) == []


def test_a_day_session_is_noted_half_by_half(db: Session, make: Factory) -> None:
    session = make_session(db, starts=at(9), hours=8)
    facilitator, user = make.user("facilitator"), make.user()
    note_presence(db, session.id, [RollEntry(PRESENT, user.id)], now=THEN, actor_id=facilitator.id)
    assert count_half_days(db, [user.id]) == {user.id: 2}
    entry = RollEntry(ABSENT, user.id, half_days=((DAY, Half.AFTERNOON),))
    note_presence(db, session.id, [entry], now=THEN, actor_id=facilitator.id)
    assert count_half_days(db, [user.id]) == {user.id: 1}
    assert list_present(db, session.id) == [user.id]


def test_who_walks_in_is_noted_by_account_or_by_name(db: Session, make: Factory) -> None:
    session, facilitator, known = make_session(db), make.user("facilitator"), make.user()
    entries = [
        RollEntry(PRESENT, guest_email=known.email.upper(), guest_name="Autre nom"),
        RollEntry(PRESENT, guest_name=" Maëlle Le Goff ", guest_email="Maelle@Example.org"),
    ]
    account, guest = note_presence(db, session.id, entries, now=THEN, actor_id=facilitator.id)
    again = note_presence(db, session.id, entries, now=THEN, actor_id=facilitator.id)
    db.commit()
    assert (account.user_id, account.guest_name, account.walked_in) == (known.id, "", True)
    assert (guest.user_id, guest.guest_name) == (None, "Maëlle Le Goff")
    assert guest.guest_email == "maelle@example.org"
    assert again == [account, guest]


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [("", "nouveau@example.org", "guest_name"), ("Maëlle", "maelle", "guest_email")],
)
def test_a_guest_needs_a_name_and_a_whole_address(
    db: Session, make: Factory, name: str, email: str, field: str
) -> None:
    session, facilitator = make_session(db), make.user("facilitator")
    entry = RollEntry(PRESENT, guest_name=name, guest_email=email)
    with pytest.raises(Refused) as refusal:
        note_presence(db, session.id, [entry], now=THEN, actor_id=facilitator.id)
    assert refusal.value.field == field


def test_the_roll_opens_half_an_hour_before_and_never_for_a_cancelled_session(
    db: Session, make: Factory
) -> None:
    session, facilitator, user = make_session(db), make.user("facilitator"), make.user()
    entries = [RollEntry(PRESENT, user.id)]
    early = THEN - timedelta(minutes=31)
    with pytest.raises(Refused, match="ouvre") as refusal:
        note_presence(db, session.id, entries, now=early, actor_id=facilitator.id)
    assert refusal.value.code == "closed"
    db.rollback()
    soon = THEN - timedelta(minutes=30)
    assert note_presence(db, session.id, entries, now=soon, actor_id=facilitator.id)
    db.rollback()
    session.cancelled_at = NOW
    db.commit()
    with pytest.raises(Refused, match="annulée"):
        note_presence(db, session.id, entries, now=THEN, actor_id=facilitator.id)


def test_a_half_day_of_another_session_or_an_unknown_person_is_refused(
    db: Session, make: Factory
) -> None:
    session, facilitator, user = make_session(db), make.user("facilitator"), make.user()
    wrong = RollEntry(PRESENT, user.id, half_days=((DAY, Half.MORNING),))
    with pytest.raises(Refused) as refusal:
        note_presence(db, session.id, [wrong], now=THEN, actor_id=facilitator.id)
    assert refusal.value.code == "bad_entry"
    with pytest.raises(NotYours):
        note_presence(
            db, session.id, [RollEntry(PRESENT, uuid4())], now=THEN, actor_id=facilitator.id
        )
    with pytest.raises(NotYours):
        note_presence(db, uuid4(), [], now=THEN, actor_id=facilitator.id)


def test_who_was_never_seen_before_is_here_for_the_first_time(db: Session, make: Factory) -> None:
    facilitator, regular, new = make.user("facilitator"), make.user(), make.user()
    before = make_session(db, starts=at(14) - timedelta(days=7))
    session = make_session(db)
    past = THEN - timedelta(days=7)
    entries = [RollEntry(PRESENT, regular.id), RollEntry(ABSENT, new.id)]
    note_presence(db, before.id, entries, now=past, actor_id=facilitator.id)
    note_presence(db, session.id, [RollEntry(PRESENT, new.id)], now=THEN, actor_id=facilitator.id)
    assert list_known(db, [regular.id, new.id], session.id) == {regular.id}
