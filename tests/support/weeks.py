"""Weeks, houses and applications as tests need them; each call commits."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.sessions import NOW, make_session, plain
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import (
    ApplicationState,
    Sharing,
    StayMeal,
    StayNight,
    WeekApplication,
)
from tierslieu.weeks.applications.queries import list_seats
from tierslieu.weeks.applications.rules import Stay, Wanted, apply, decide
from tierslieu.weeks.models import BoardingHouse, BoardingRoom, Meal, RoomNight, Week, WeekMeal
from tierslieu.weeks.programme import add_session
from tierslieu.weeks.publishing import publish_week
from tierslieu.weeks.rules import WeekPlan, save_week
from tierslieu.weeks.stays.houses import save_boarding_room, save_house

_count = itertools.count(1)
MONDAY = date(2027, 3, 1)
NIGHTS = [MONDAY + timedelta(days=n) for n in range(3)]
ACCEPTED = ApplicationState.ACCEPTED


def make_house(db: Session, *beds: int) -> BoardingHouse:
    """A house with rooms of so many beds."""
    number = next(_count)
    house = save_house(
        db,
        None,
        name=f"Internat {number}",
        address="1 rue du Parc, 06560 Valbonne",
        contact_name="Mme Roux",
        contact_email="internat@example.org",
    )
    for place, count in enumerate(beds, start=1):
        save_boarding_room(
            db, house.id, None, name=f"chambre {place}", beds=count, is_step_free=False,
            today=NOW.date(),
        )  # fmt: skip
    db.commit()
    return house


def plan_of(house: BoardingHouse | None = None, **changes: Any) -> WeekPlan:
    """Monday to Wednesday, three nights when there is a house, applications open now."""
    facts: dict[str, Any] = {
        "title": "Semaine Python",
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=2),
        "places": 4,
        "opens_local": datetime(2026, 11, 1, 8),  # noqa: DTZ001 - wall time
        "closes_local": datetime(2027, 1, 15, 23, 59),  # noqa: DTZ001
        "cutoff_local": datetime(2027, 2, 15, 12),  # noqa: DTZ001
        "meals": {Meal.LUNCH: 10},
        **changes,
    }
    if house is not None:
        stay = {"house_id": house.id, "nights_from": MONDAY, "nights_until": MONDAY + timedelta(3)}
        facts = {**stay, **facts}
    return WeekPlan(**facts)


def make_week(
    db: Session,
    team: User,
    *,
    beds: tuple[int, ...] = (2, 2),
    seats: int = 4,
    half_days: int = 2,
    **changes: Any,
) -> Week:
    """A published week of so many half-days of so many seats, one morning a day."""
    house = make_house(db, *beds) if beds else None
    plan = plan_of(house, team_ids=(team.id,), **changes)
    week = save_week(db, None, plan, now=NOW, actor_id=team.id)
    db.commit()
    for n in range(half_days):
        morning = datetime.combine(plan.first_day + timedelta(days=n), datetime.min.time())
        session = make_session(
            db, title=f"Matinée {n + 1}", starts=morning.replace(hour=9), onsite=seats
        )
        add_session(db, week.id, session.id, now=NOW, actor_id=team.id)
        db.commit()
    publish_week(db, week.id, now=NOW)
    db.commit()
    return week


def stay(
    nights: list[date] | None = None,
    *,
    meals: list[tuple[date, Meal]] | None = None,
    sharing: Sharing = Sharing.ANYBODY,
    wish: str = "",
) -> Stay:
    """Three nights, the first lunch, shared with anybody."""
    return Stay(
        tuple(NIGHTS if nights is None else nights),
        tuple([(MONDAY, Meal.LUNCH)] if meals is None else meals),
        Sharing.SOMEBODY if wish else sharing,
        wish,
    )


def make_application(
    db: Session, week: Week, user: User, wanted: Stay | None = None, *, now: datetime = NOW
) -> WeekApplication:
    """This person applies."""
    made = apply(
        db, week.id, user.id, Wanted("J’aimerais enseigner Python.", None, wanted or stay()),
        now=now,
    )  # fmt: skip
    db.commit()
    return made


def accept(db: Session, application: WeekApplication, team: User) -> WeekApplication:
    """The team says yes."""
    return move(db, application, ACCEPTED, team)


def move(
    db: Session,
    application: WeekApplication,
    to_state: ApplicationState,
    team: User,
    *,
    word: str = "À bientôt.",
    now: datetime = NOW,
) -> WeekApplication:
    """The team answers."""
    made = decide(db, application.id, to_state, word=word, now=now, actor_id=team.id)
    db.commit()
    return made


def mails(db: Session, template: str) -> list[OutboxMessage]:
    """The mails of this kind, the first written first."""
    found = select(OutboxMessage).where(OutboxMessage.template == template)
    return list(db.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def rooms_of(application: WeekApplication) -> list[UUID | None]:
    """Where somebody sleeps, night by night."""
    return [one.room_id for one in application.nights]


def nothing_is_oversold(db: Session) -> None:
    """Assert what must always hold of beds, meals and places, read anew from the rows."""
    db.expire_all()
    for counted in db.scalars(select(RoomNight)):
        sleeping = select(func.count()).where(
            StayNight.room_id == counted.room_id, StayNight.night == counted.night
        )
        assert counted.taken == db.scalar(sleeping.select_from(StayNight))
        assert counted.taken <= counted.beds
    for room in db.scalars(select(BoardingRoom)):
        assert room.beds > 0
    for meal in db.scalars(select(WeekMeal)):
        eating = (
            select(func.count())
            .select_from(StayMeal)
            .join(WeekApplication, WeekApplication.id == StayMeal.application_id)
            .where(
                WeekApplication.week_id == meal.week_id,
                StayMeal.day == meal.day,
                StayMeal.meal == meal.meal,
                StayMeal.is_taken.is_(True),
            )
        )
        assert meal.taken == db.scalar(eating)
    for week in db.scalars(select(Week)):
        accepted = select(func.count()).where(
            WeekApplication.week_id == week.id, WeekApplication.state == ACCEPTED
        )
        assert week.accepted == db.scalar(accepted.select_from(WeekApplication))
        assert week.accepted <= week.places


def bookings_of(db: Session, user: User) -> list[Booking]:
    """What this person holds at the agenda."""
    return list(
        db.scalars(
            select(Booking).where(
                Booking.user_id == user.id, Booking.status != BookingStatus.CANCELLED
            )
        )
    )


def blocks_of(db: Session, application: WeekApplication, team: User) -> list[str]:
    """Why acceptance is refused; nothing is half-taken."""
    with pytest.raises(Refused) as refused:
        decide(db, application.id, ACCEPTED, word="", now=NOW, actor_id=team.id)
    # Nothing is half-taken, even before whoever called rolls back.
    nothing_is_held(db, application)
    db.rollback()
    assert refused.value.code == "blocked"
    return [plain(one) for one in refused.value.more["blocked"]]


def nothing_is_held(db: Session, application: WeekApplication) -> None:
    """Assert that this application has no seat, bed or meal."""
    db.expire_all()
    assert application.state is not ACCEPTED
    assert not list_seats(db, application.id)
    assert not bookings_of(db, application.user)
    assert all(room is None for room in rooms_of(application))
    assert not any(meal.is_taken for meal in application.meals)
    nothing_is_oversold(db)
