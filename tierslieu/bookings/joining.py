"""Two accounts of one person become one: of two seats at one session one is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.bookings import notices
from tierslieu.bookings.lines import fill_seats
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import hold_all_of
from tierslieu.bookings.seats import free_seat
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused

#: What is worth more to its person comes first.
_WORTH = {BookingStatus.CONFIRMED: 0, BookingStatus.OFFERED: 1, BookingStatus.WAITING: 2}


def join_bookings(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Where both accounts stand on the list of a session, the better of the two stays (the first
    made, of equals); the other becomes history, and its seat goes to the line there and then.

    No mail says so: the person still comes. Raises :class:`Refused` ``busy``.
    """
    lock_for_writing(db)
    pools = hold_all_of(db, gone)
    freed = {}
    for theirs, ours in _list_pairs(db, gone, kept):
        worse = max(theirs, ours, key=lambda one: (_WORTH[one.status], one.created_at, one.id))
        pool = pools.get((worse.session_id, worse.mode))
        if pool is None:  # booked since the seats were held
            raise Refused(
                _("Vous venez de réserver autre chose : rien n’a changé. Recommencez."),
                code="busy",
            )
        if worse.status is not BookingStatus.WAITING:
            free_seat(pool, worse)
            freed[worse.session_id, worse.mode] = pool
        worse.status, worse.cancelled_at = BookingStatus.CANCELLED, now
        worse.cancelled_by_id = kept
        worse.offered_until = None
        notices.take_back(db, worse, now)
    db.flush()
    for pool in freed.values():
        session = pool.session
        if session.cancelled_at is None and session.starts_at > now:
            fill_seats(db, pool, now)


def _list_pairs(db: Session, gone: UUID, kept: UUID) -> list[tuple[Booking, Booking]]:
    standing = db.scalars(
        select(Booking)
        .where(Booking.user_id.in_([gone, kept]), Booking.status != BookingStatus.CANCELLED)
        .order_by(Booking.session_id, Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    theirs = {one.session_id: one for one in standing if one.user_id == gone}
    ours = {one.session_id: one for one in standing if one.user_id == kept}
    return [(theirs[session_id], ours[session_id]) for session_id in theirs if session_id in ours]
