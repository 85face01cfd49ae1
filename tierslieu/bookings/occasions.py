"""Seats in sessions to come, as what one may be asked about before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import LearningSession
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.house import Happening


def before_sessions(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Who has a seat in each session of the period, at its start."""
    for user_id, session_id, starts_at, title, path_id in list_seated(db, since, until):
        yield Happening(user_id, starts_at, f"session:{session_id}", title, path_id)


def list_seated(
    db: Session, since: datetime, until: datetime
) -> Sequence[Row[UUID, UUID, datetime, str, UUID]]:
    """(person, session, its start, its title, its path) for each seat in what starts in
    [since, until) and stands."""
    return db.execute(
        select(
            Booking.user_id,
            LearningSession.id,
            LearningSession.starts_at,
            LearningSession.title,
            PathVersion.path_id,
        )
        .join(Booking.session)
        .outerjoin(LearningSession.step)
        .outerjoin(Step.version)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at >= since,
            LearningSession.starts_at < until,
        )
        .order_by(LearningSession.starts_at, LearningSession.id, Booking.user_id)
    ).all()
