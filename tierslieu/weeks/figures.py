"""What must always hold of weeks; run by ``tierslieu audit``."""

from __future__ import annotations

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.bookings.models import Booking
from tierslieu.house import Finding
from tierslieu.weeks.applications.models import (
    ApplicationSeat,
    ApplicationState,
    StayMeal,
    StayNight,
    WeekApplication,
)
from tierslieu.weeks.models import RoomNight, Week, WeekMeal, week_sessions

_ACCEPTED = WeekApplication.state == ApplicationState.ACCEPTED


def check_beds(db: Session) -> Finding:
    """Beds counted are beds slept in, never more than there are; each has an accepted person."""
    sleeping = func.count(StayNight.application_id)
    rows = db.execute(
        select(RoomNight.room_id, RoomNight.night, RoomNight.beds, RoomNight.taken, sleeping)
        .outerjoin(
            StayNight,
            and_(StayNight.room_id == RoomNight.room_id, StayNight.night == RoomNight.night),
        )
        .group_by(RoomNight.room_id, RoomNight.night, RoomNight.beds, RoomNight.taken)
        .order_by(RoomNight.night, RoomNight.room_id)
    ).all()
    broken = [
        f"room {room}, {night}: {count} asleep, {taken} counted, {beds} beds"
        for room, night, beds, taken, count in rows
        if count != taken or count > beds
    ]
    unheld = db.scalars(
        select(WeekApplication.id)
        .join(StayNight, StayNight.application_id == WeekApplication.id)
        .where(_ACCEPTED, StayNight.room_id.is_(None))
        .distinct()
        .order_by(WeekApplication.id)
    )
    broken += [f"application {one}: a night without a bed" for one in unheld]
    return Finding(len(rows), broken)


def check_meals(db: Session) -> Finding:
    """Meals counted are meals retained, never more than are served."""
    eating = func.count(StayMeal.application_id)
    rows = db.execute(
        select(WeekMeal.week_id, WeekMeal.day, WeekMeal.meal, WeekMeal.capacity, WeekMeal.taken,
               eating)
        .outerjoin(WeekApplication, WeekApplication.week_id == WeekMeal.week_id)
        .outerjoin(
            StayMeal,
            and_(
                StayMeal.application_id == WeekApplication.id,
                StayMeal.day == WeekMeal.day,
                StayMeal.meal == WeekMeal.meal,
                StayMeal.is_taken.is_(True),
            ),
        )
        .group_by(WeekMeal.week_id, WeekMeal.day, WeekMeal.meal, WeekMeal.capacity, WeekMeal.taken)
        .order_by(WeekMeal.week_id, WeekMeal.day, WeekMeal.meal)
    ).all()  # fmt: skip
    broken = [
        f"week {week}, {day} {meal.value}: {count} eat, {taken} counted, {capacity} served"
        for week, day, meal, capacity, taken, count in rows
        if count != taken or count > capacity
    ]
    return Finding(len(rows), broken)


def check_places(db: Session) -> Finding:
    """As many people are accepted as are counted, never more than there are places."""
    accepted = func.count(WeekApplication.id)
    rows = db.execute(
        select(Week.id, Week.places, Week.accepted, accepted)
        .outerjoin(WeekApplication, and_(WeekApplication.week_id == Week.id, _ACCEPTED))
        .group_by(Week.id, Week.places, Week.accepted)
        .order_by(Week.id)
    ).all()
    broken = [
        f"week {week}: {count} accepted, {counted} counted, {places} places"
        for week, places, counted, count in rows
        if count != counted or count > places
    ]
    return Finding(len(rows), broken)


def check_sessions(db: Session) -> Finding:
    """Every accepted person got a seat at each half-day that stands. One they gave back since, by
    themselves, was theirs to give."""
    seated = (
        select(ApplicationSeat.booking_id)
        .join(Booking, Booking.id == ApplicationSeat.booking_id)
        .where(
            ApplicationSeat.application_id == WeekApplication.id,
            Booking.session_id == LearningSession.id,
            Booking.user_id == WeekApplication.user_id,
            Booking.confirmed_at.is_not(None),
        )
        .correlate(WeekApplication, LearningSession)
        .exists()
    )
    rows = db.execute(
        select(WeekApplication.id, LearningSession.id, seated)
        .join(week_sessions, week_sessions.c.week_id == WeekApplication.week_id)
        .join(LearningSession, LearningSession.id == week_sessions.c.session_id)
        .where(_ACCEPTED, LearningSession.cancelled_at.is_(None))
        .order_by(WeekApplication.id, LearningSession.id)
    ).all()
    broken = [f"application {one}: no seat at session {at}" for one, at, is_in in rows if not is_in]
    return Finding(len(rows), broken)
