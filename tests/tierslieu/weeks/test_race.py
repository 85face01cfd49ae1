"""Many answers at once: never more beds than there are, nothing half-taken, nobody in a circle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, seats_are_kept
from tests.support.week_racing import WeekOutcome, WeekRace, run
from tests.support.weeks import (
    ACCEPTED,
    NIGHTS,
    make_application,
    make_week,
    nothing_is_oversold,
    stay,
)
from tierslieu.db import db as database
from tierslieu.house import House, Invariant
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import StayNight, WeekApplication
from tierslieu.weeks.models import Week

pytestmark = [pytest.mark.both_databases, pytest.mark.proof]


def race(app: Flask, team: User, ids: list[UUID], processes: int, **more: Any) -> WeekOutcome:
    settings, actor_id = app.config["TIERSLIEU"], team.id
    database.session.rollback()  # nothing of ours stays open while they run
    return run(WeekRace(settings.database_url, ids, actor_id, NOW, processes, **more))


def everything_holds(app: Flask, db: Session, *weeks: Week) -> None:
    nothing_is_oversold(db)
    for week in weeks:
        for session in week.sessions:
            seats_are_kept(db, session)
    house: House = app.extensions["tierslieu.house"]
    for invariant in house.all(Invariant):
        assert not invariant.check(db).broken, invariant.name


def test_eight_processes_on_five_beds_take_five_and_leave_nothing_half_taken(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(2, 3), seats=20, places=20, meals={})
    ids = [
        make_application(db, week, make.user(), stay(NIGHTS[1:2], meals=[])).id for _n in range(24)
    ]
    outcome = race(app, team, ids, 8)
    assert outcome.errors == []
    assert outcome.answers == {"accepted": 5, "blocked": 19}
    everything_holds(app, db, week)
    slept = select(func.count()).select_from(StayNight).where(StayNight.room_id.is_not(None))
    assert db.scalar(slept) == 5


def test_two_weeks_in_one_house_with_people_who_come_and_go_never_wait_in_a_circle(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    first = make_week(db, team, beds=(1, 2, 2), seats=9, places=9, half_days=3)
    second = make_week(db, team, beds=(), seats=9, places=9, half_days=3)
    second.house_id, second.nights_from = first.house_id, first.nights_from
    second.nights_until = first.nights_until
    db.commit()
    ids = [
        make_application(db, week, make.user()).id for _n in range(14) for week in (first, second)
    ]
    outcome = race(app, team, ids, 8, leaving=True)
    assert outcome.errors == []
    assert set(outcome.answers) == {"accepted", "blocked", "left"}
    everything_holds(app, db, first, second)
    kept = db.scalar(
        select(func.count()).select_from(WeekApplication).where(WeekApplication.state == ACCEPTED)
    )
    assert kept == outcome.answers["accepted"] - outcome.answers["left"]
    assert kept <= 5


def test_a_week_called_off_while_people_are_accepted_holds_nothing_afterwards(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(2, 2, 2), seats=9, places=9, half_days=3)
    other = make_week(db, team, beds=(), seats=9, places=9, half_days=3)
    other.house_id, other.nights_from = week.house_id, week.nights_from
    other.nights_until = week.nights_until
    db.commit()
    ids = [
        make_application(db, one, make.user(), stay(NIGHTS[1:2], meals=[])).id
        for _n in range(16)
        for one in (week, other)
    ]
    outcome = race(app, team, ids, 8, called_off=week.id)
    assert outcome.errors == []
    assert outcome.answers["called_off"] == 1
    everything_holds(app, db, week, other)
    assert week.accepted == 0
    assert 0 < other.accepted <= 6, "the house has six beds"
