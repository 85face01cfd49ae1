"""The demonstration's sessions, bookings and rolls, played by the rules of real use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.signing.models import Manner, Signature
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import list_to_come, rank_of
from tierslieu.house import House, Invariant, Scene, Stage

TODAYS = {
    "sunday": datetime(2026, 11, 22, 13, 20, tzinfo=UTC),
    "wednesday": datetime(2026, 10, 21, 6, 5, tzinfo=UTC),  # the hour changes that week
    "evening": datetime(2027, 3, 24, 21, 40, tzinfo=UTC),  # the other change of hour ahead
}
NAMES = ("people", "paths", "agenda", "bookings", "attendance")


@pytest.fixture(
    params=[
        TODAYS["wednesday"],
        pytest.param(TODAYS["sunday"], marks=pytest.mark.proof),
        pytest.param(TODAYS["evening"], marks=pytest.mark.proof),
    ],
    ids=["wednesday", "sunday", "evening"],
)
def stage(request: pytest.FixtureRequest, app: Flask, db: Session) -> Iterator[Stage]:
    with clock.fixed_at(request.param):
        house: House = app.extensions["tierslieu.house"]
        stage = Stage(request.param, 7, app.config["TIERSLIEU"], house)
        for scene in house.all(Scene):
            if scene.name in NAMES:
                scene.play(db, stage)
                db.commit()
        yield stage


def test_the_demonstration_is_a_place_in_full_swing(db: Session, stage: Stage) -> None:
    _six_weeks_of_sessions_stand_around_today_in_two_rooms(db, stage)
    _the_learner_shown_has_a_seat_next_and_is_second_in_a_line(db, stage)
    _the_rolls_tell_of_presence_absence_and_walk_ins(db, stage)
    _one_session_is_signed_in_every_way_and_countersigned(db)
    _every_invariant_holds(db, stage)


def _one_session_is_signed_in_every_way_and_countersigned(db: Session) -> None:
    signed = db.scalars(select(Signature).order_by(Signature.number)).all()
    assert len({one.chain_id for one in signed}) == 1
    assert {one.manner for one in signed[:-1]} >= {Manner.ROOM, Manner.OWN, Manner.TYPED}
    assert signed[-1].manner is Manner.COUNTER


def _six_weeks_of_sessions_stand_around_today_in_two_rooms(db: Session, stage: Stage) -> None:
    sessions = [db.get_one(LearningSession, i) for i in stage.props["sessions"]]
    assert len(db.scalars(select(Room)).all()) == len(stage.props["rooms"]) == 2
    assert len(sessions) >= 30
    first, last = sessions[0].starts_at, sessions[-1].starts_at
    assert first < stage.today - timedelta(days=15)
    assert last > stage.today + timedelta(days=15)
    today = clock.to_local(stage.today).date()
    assert any(s.starts_local.date() == today for s in sessions)
    assert any(s.step_id for s in sessions)
    assert {p.mode for s in sessions for p in s.pools} == set(SeatMode)


def _the_learner_shown_has_a_seat_next_and_is_second_in_a_line(db: Session, stage: Stage) -> None:
    held = list_to_come(db, stage.props["people"]["learner@example.org"], stage.today)
    assert BookingStatus.CONFIRMED in {b.status for b in held}
    assert [rank_of(db, b) for b in held if b.status is BookingStatus.WAITING] == [2]


def _the_rolls_tell_of_presence_absence_and_walk_ins(db: Session, stage: Stage) -> None:
    lines = db.scalars(select(Attendance)).all()
    counts = Counter(line.presence for line in lines)
    assert all(counts[presence] for presence in Presence)
    assert any(line.walked_in and line.user_id for line in lines)
    assert any(line.user_id is None for line in lines)
    sessions = {s.id: s for s in db.scalars(select(LearningSession))}
    assert all(sessions[line.session_id].ends_at <= stage.today for line in lines)


def _every_invariant_holds(db: Session, stage: Stage) -> None:
    for invariant in stage.house.all(Invariant):
        finding = invariant.check(db)
        assert not finding.broken, (invariant.name, finding.broken)
    waiting = db.scalars(select(Booking).where(Booking.status == BookingStatus.WAITING)).all()
    assert len(waiting) >= 4
