"""What somebody who came for years fulfils is told from a few of their presences."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathVersion, Step, StepKind
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.figures import FIRST
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.tallies import (
    find_half_days,
    find_half_days_by_path,
    list_presences,
)
from tierslieu.house import House
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases
YEARS = 9  # sessions, one a week
FIRST_DAY = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - wall time


@pytest.fixture
def house(app: Flask) -> House:
    house: House = app.extensions["tierslieu.house"]
    return house


@pytest.fixture
def step(db: Session) -> Step:
    found = Step(position=1, key="demi-journee", title="Demi-journée", kind=StepKind.ATTENDANCE)
    path = Path(slug="snt", title="SNT", short_title="SNT")
    path.versions.append(PathVersion(number=1, steps=[found]))
    db.add(path)
    db.commit()
    return found


def hold(db: Session, week: int, step: Step | None, hours: int = 2) -> LearningSession:
    starts = FIRST_DAY + timedelta(weeks=week)
    return make_session(db, starts=starts, hours=hours, step_id=step.id if step else None)


def come(db: Session, user: User, session: LearningSession, *halves: Half) -> None:
    day: date = session.starts_local.date()
    for half in halves or (Half.MORNING,):
        db.add(
            Attendance(
                session_id=session.id,
                day=day,
                half=half,
                user_id=user.id,
                mode=SeatMode.ONSITE,
                presence=Presence.PRESENT,
                arrived_at=session.starts_at,
            )
        )
    db.commit()


def test_half_days_are_counted_and_dated_by_those_that_were_asked_for_alone(
    db: Session, make: Factory, step: Step
) -> None:
    user, once, never = make.user(), make.user(), make.user()
    about = [hold(db, week, step) for week in range(0, YEARS, 2)]
    other = [hold(db, week, None) for week in range(1, YEARS, 2)]
    for session in (*other, *about):  # in no order
        come(db, user, session)
    come(db, once, other[0])
    ids = [user.id, once.id, never.id]
    every = find_half_days(db, ids, {3, 40})
    assert (every[user.id].count, every[once.id].count) == (YEARS, 1)
    assert every[user.id].reached == {1: about[0].ends_at, 3: about[1].ends_at}
    assert every[once.id].reached == {1: other[0].ends_at}
    assert never.id not in every
    by_path = find_half_days_by_path(db, ids, {3})
    assert list(by_path) == [(user.id, step.version.path_id)]
    mine = by_path[user.id, step.version.path_id]
    assert (mine.count, mine.reached) == (len(about), {1: about[0].ends_at, 3: about[2].ends_at})


def test_who_came_often_about_a_step_fulfils_it_by_the_first_time_and_no_more_is_read(
    db: Session, make: Factory, step: Step, house: House
) -> None:
    user = make.user()
    sessions = [hold(db, week, step) for week in range(YEARS)]
    for session in reversed(sessions):
        come(db, user, session)
    found = house.find_evidence(db, [user.id], [step.id])
    assert [(one.at, one.source) for one in found] == [
        (sessions[0].ends_at, f"session:{sessions[0].id}")
    ]
    paths = {step.version.path_id}
    read = list(list_presences(db, [user.id], paths, first=FIRST))
    assert [one.id for one in read] == [one.id for one in sessions[:FIRST]]
    assert len(list(list_presences(db, [user.id], paths))) == YEARS


def test_who_was_at_half_of_each_session_for_long_fulfils_the_step_once_they_stay(
    db: Session, make: Factory, step: Step, house: House
) -> None:
    user, half = make.user(), make.user()
    days = [hold(db, week, step, hours=8) for week in range(YEARS)]
    for session in days:
        come(db, half, session)
    for session in days[: FIRST + 1]:
        come(db, user, session)
    come(db, user, days[FIRST + 1], Half.MORNING, Half.AFTERNOON)
    come(db, user, days[FIRST + 2], Half.MORNING, Half.AFTERNOON)
    found = house.find_evidence(db, [user.id, half.id], [step.id])
    assert [(one.user_id, one.at) for one in found] == [(user.id, days[FIRST + 1].ends_at)]
