"""A series followed as a whole, as tests book it and look at it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.sessions import NOW
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.bundles.figures import check_bundle_line, check_whole
from tierslieu.bookings.figures import check_counted, check_line
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.people.models import User

ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE
CONFIRMED, WAITING, CANCELLED = (
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.CANCELLED,
)


def book(db: Session, session: LearningSession, user: User, **more: object) -> Booking:
    booking = claim(db, session.id, user.id, ONSITE, now=NOW, **more)  # type: ignore[arg-type]
    db.commit()
    return booking


def statuses(db: Session, user: User) -> list[BookingStatus]:
    """What somebody has on each date, in order of time; only what stands."""
    db.expire_all()
    return list(
        db.scalars(
            select(Booking.status)
            .join(Booking.session)
            .where(Booking.user_id == user.id, Booking.status != CANCELLED)
            .order_by(LearningSession.starts_at)
        )
    )


def seats(db: Session, dates: list[LearningSession]) -> list[int]:
    db.expire_all()
    return [one.pool(ONSITE).taken for one in dates]  # type: ignore[union-attr]


def it_holds(db: Session) -> None:
    for check in (check_whole, check_bundle_line, check_counted, check_line):
        assert not check(db).broken, check.__name__
