"""What is forgotten of bookings, and when: those of sessions long past, codes that were wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, aliased

from tierslieu.agenda.models import LearningSession, Series
from tierslieu.bookings.admission import KEPT_FOR
from tierslieu.bookings.models import Booking, BookingStatus, WrongCode
from tierslieu.bookings.seats import free_seat, lock_pools
from tierslieu.db import lock_for_writing
from tierslieu.house_kept import Retention

KEPT = timedelta(days=3 * 365)  # after the session; of a series followed whole, after its last
AT_ONCE = 50  # sessions


def forget_old_bookings(db: Session, now: datetime) -> int:
    """Erase who had booked the oldest sessions; gives how many bookings.

    The seats are counted free again: the counter of a session is what is booked on it.
    """
    lock_for_writing(db)
    before = now - KEPT
    date = aliased(LearningSession)
    goes_on = exists().where(
        Series.id == LearningSession.series_id,
        Series.is_bundle,
        date.series_id == Series.id,
        date.ends_at >= before,
    )
    sessions = db.scalars(
        select(LearningSession.id)
        .where(
            LearningSession.ends_at < before,
            exists().where(Booking.session_id == LearningSession.id),
            ~goes_on,
        )
        .order_by(LearningSession.ends_at, LearningSession.id)
        .limit(AT_ONCE)
    ).all()
    pools = lock_pools(db, sessions)
    bookings = db.scalars(
        select(Booking).where(Booking.session_id.in_(sessions)).order_by(Booking.id)
    ).all()
    for booking in bookings:
        if booking.status in (BookingStatus.CONFIRMED, BookingStatus.OFFERED):
            free_seat(pools[booking.session_id, booking.mode], booking)
        db.delete(booking)
    db.flush()
    return len(bookings)


def forget_codes(db: Session, now: datetime) -> int:
    """Forget when codes were wrong, a day later; gives how many."""
    lock_for_writing(db)
    done = db.execute(delete(WrongCode).where(WrongCode.at < now - KEPT_FOR))
    return int(getattr(done, "rowcount", 0))


RULES = (
    Retention(
        "bookings",
        label=_("Réservations de séances passées"),
        term=_("trois ans après la séance"),
        sweep=forget_old_bookings,
    ),
    Retention(
        "wrong_codes",
        label=_("Codes d’invitation faux"),
        term=_("un jour"),
        sweep=forget_codes,
    ),
)
