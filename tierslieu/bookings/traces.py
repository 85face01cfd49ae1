"""The last sign of a person in the bookings, for whoever asks whether they are still here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.bookings.models import Booking, BookingStatus


def latest_booked(db: Session, now: datetime, among: Among = None) -> dict[UUID, datetime]:
    """The last sign of somebody's bookings, by person: a session to come at which they have a seat
    or a place in line, else when they booked or gave back; of those alone if some are given."""
    is_ahead = (
        (Booking.status != BookingStatus.CANCELLED)
        & (LearningSession.starts_at > now)
        & LearningSession.cancelled_at.is_(None)
    )
    gave_back = Booking.cancelled_by_id == Booking.user_id
    query = (
        select(
            Booking.user_id,
            func.max(Booking.created_at),
            func.max(case((is_ahead, LearningSession.starts_at))),
            func.max(case((gave_back, Booking.cancelled_at))),
        )
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .group_by(Booking.user_id)
    )
    if among is not None:
        query = query.where(is_among(Booking.user_id, among))
    return {row[0]: max(at for at in row[1:] if at is not None) for row in db.execute(query)}
