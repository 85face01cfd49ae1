"""Half-days noted under an address that somebody proved since."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance
from tierslieu.people.queries import proved_addresses


def list_claimable(db: Session, user_id: UUID) -> Sequence[Attendance]:
    """The lines of guests that may be this person's, by time: noted under an address they proved,
    not yet declined by them, of half-days where they have no line of their own."""
    proved, own = proved_addresses(), aliased(Attendance)
    has_own = (
        select(own.id)
        .where(
            own.session_id == Attendance.session_id,
            own.day == Attendance.day,
            own.half == Attendance.half,
            own.user_id == user_id,
        )
        .exists()
    )
    return db.scalars(
        select(Attendance)
        .join(proved, proved.c.email == Attendance.guest_email)
        .join(Attendance.session)
        .where(
            proved.c.user_id == user_id,
            Attendance.user_id.is_(None),
            Attendance.declined_by_id.is_distinct_from(user_id),
            ~has_own,
        )
        .options(joinedload(Attendance.session).joinedload(LearningSession.room))
        .order_by(LearningSession.starts_at, Attendance.day, Attendance.half, Attendance.id)
    ).all()
