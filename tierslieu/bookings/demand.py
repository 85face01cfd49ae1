"""Who waited for a seat and never got one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from courses.paths.models import PathVersion, Step
from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.house_reach import UnmetDemand


def list_unseated(db: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID | None]]:
    """(person, path of the session) of who stood in line for a session held that began in
    [since, until), to the end or not, and neither had a seat at it nor was offered one; once."""
    other = aliased(Booking)
    seated = (
        select(other.id)
        .where(
            other.session_id == Booking.session_id,
            other.user_id == Booking.user_id,
            other.offered_at.is_not(None)
            | other.confirmed_at.is_not(None)
            | other.status.in_((BookingStatus.CONFIRMED, BookingStatus.OFFERED)),
        )
        .exists()
    )
    rows = db.execute(
        select(Booking.user_id, PathVersion.path_id)
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .outerjoin(Step, Step.id == LearningSession.step_id)
        .outerjoin(PathVersion, PathVersion.id == Step.version_id)
        .where(
            Booking.waiting_since.is_not(None),
            ~seated,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at >= since,
            LearningSession.starts_at < until,
            LearningSession.starts_at <= clock.now(),
        )
        .distinct()
        .order_by(Booking.user_id, PathVersion.path_id)
    )
    return [(row[0], row[1]) for row in rows]


DEMAND = UnmetDemand(
    "seats",
    _("Attente d’une place, sans en avoir"),
    _(
        "Personnes qui ont attendu une place à une séance tenue dans l’année, jusqu’au début ou "
        "non, et à qui aucune n’a été donnée ni proposée."
    ),
    list_unseated,
)
