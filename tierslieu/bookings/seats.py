"""Seats counted and handed on, under locks.

Seats are counted by one statement that the database decides: ``UPDATE … SET taken = taken + 1
WHERE taken < capacity``. Locks are always taken in this order, so that nobody waits in a circle:
the session (shared), its seats (on site before online), the booking.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.bookings import holding, notices
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_first_in_line
from tierslieu.errors import NotYours, Refused

# FOR KEY SHARE: bookings of one session go side by side; whoever changes the session takes the
# row FOR UPDATE, so that a change waits for them and they for it.
SHARED = {"read": True, "key_share": True}


def session_to_come(db: Session, session_id: UUID, now: datetime) -> LearningSession:
    """The session, its row shared with other bookings. Raises :class:`NotYours`, or
    :class:`Refused` with ``closed`` once it began or was cancelled."""
    session = db.get(LearningSession, session_id, with_for_update=SHARED, populate_existing=True)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None:
        raise Refused(_("Cette séance est annulée : rien n’a été changé."), code="closed")
    if session.ends_at <= now:
        raise Refused(_("Cette séance est passée : rien n’a été changé."), code="closed")
    if session.starts_at <= now:
        raise Refused(
            _("Cette séance a commencé : l’équipe d’accueil peut encore vous aider sur place."),
            code="closed",
        )
    return session


def take_seat(db: Session, pool: SeatPool) -> bool:
    """Whether a seat of the pool could be taken; if not, the pool is locked."""
    statement = (
        update(SeatPool)
        .where(SeatPool.id == pool.id, SeatPool.taken < SeatPool.capacity)
        .values(taken=SeatPool.taken + 1)
        .execution_options(synchronize_session=False)
    )
    taken: bool = db.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    if not taken:
        # Before standing in line, make sure nobody hands back a seat meanwhile: whoever does
        # holds this row, and looks at the line only while holding it.
        lock_pool(db, pool.session, pool.mode)
        taken = db.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    db.expire(pool, ["taken"])
    return taken


def lock_pool(db: Session, session: LearningSession, mode: SeatMode) -> SeatPool:
    """The seats of this mode, read anew and held until the end of the transaction."""
    return db.scalars(
        select(SeatPool)
        .where(SeatPool.session_id == session.id, SeatPool.mode == mode)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def fill_seats(db: Session, pool: SeatPool, now: datetime) -> list[Booking]:
    """Give, or offer, every free seat of this mode to the line, in its order. The pool must be
    locked."""
    promoted: list[Booking] = []
    while pool.free > 0:
        first = find_first_in_line(db, pool.session_id, pool.mode)
        if first is None:
            break
        starts_at = pool.session.starts_at
        if holding.is_frozen(starts_at, now):
            first.status = BookingStatus.OFFERED
            first.offered_at = now
            first.offered_until = holding.held_until(starts_at, now)
        else:
            first.status = BookingStatus.CONFIRMED
            first.confirmed_at = now
        pool.taken += 1
        db.flush()
        notices.tell_promoted(db, first, now)
        promoted.append(first)
    return promoted
