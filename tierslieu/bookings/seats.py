"""Seats counted and handed on, under locks.

Seats are counted by one statement that the database decides: ``UPDATE … SET taken = taken + 1
WHERE taken < capacity``, less the seats that are kept for some. Locks are always taken in this
order, so that nobody waits in a circle: the session (shared), its seats (on site before online),
the booking.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, select, update
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.bookings import holding, notices
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_first_in_line
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import Audience, User

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


def take_seat(db: Session, pool: SeatPool, audience: Audience | None, now: datetime) -> str | None:
    """Take a seat for somebody of this public: one of those ``kept`` for it, or a ``common`` one.
    None when there is none; then the pool is locked."""
    taken = _take(db, pool, audience, now)
    if taken is None:
        # Before standing in line, make sure nobody hands back a seat meanwhile: whoever does
        # holds this row, and looks at the line only while holding it.
        lock_pool(db, pool.session, pool.mode)
        taken = _take(db, pool, audience, now)
    db.expire(pool, ["taken", "kept_taken"])
    return taken


def _take(db: Session, pool: SeatPool, audience: Audience | None, now: datetime) -> str | None:
    kept = and_(SeatPool.kept_until.is_not(None), SeatPool.kept_until > now)
    left = case((kept, SeatPool.kept - SeatPool.kept_taken), else_=0)
    ways: dict[str, tuple[ColumnElement[bool], dict[str, Any]]] = {
        "common": (SeatPool.taken < SeatPool.capacity - left, {"taken": SeatPool.taken + 1})
    }
    if audience is not None and audience is pool.kept_for:
        free = and_(SeatPool.taken < SeatPool.capacity, kept, SeatPool.kept_taken < SeatPool.kept)
        both = {"taken": SeatPool.taken + 1, "kept_taken": SeatPool.kept_taken + 1}
        ways = {"kept": (free, both), **ways}
    for name, (condition, values) in ways.items():
        statement = (
            update(SeatPool)
            .where(SeatPool.id == pool.id, condition)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        if db.execute(statement).rowcount == 1:  # type: ignore[attr-defined]
            return name
    return None


def hold_seat(pool: SeatPool, booking: Booking, now: datetime) -> None:
    """Count a seat for this booking, one of those kept for its person's public if there is one.
    The pool must be locked and have one for them."""
    audience = audience_of(booking.user)
    booking.is_kept = audience is not None and audience is pool.kept_for and pool.kept_left(now) > 0
    pool.taken += 1
    pool.kept_taken += booking.is_kept


def free_seat(pool: SeatPool, booking: Booking) -> None:
    """Count the seat of this booking as free again. The pool must be locked."""
    pool.taken -= 1
    pool.kept_taken -= booking.is_kept
    booking.is_kept = False


def audience_of(user: User) -> Audience | None:
    """The public somebody says they are of, if they have said so."""
    return user.profile.audience if user.profile is not None else None


def lock_pool(db: Session, session: LearningSession, mode: SeatMode) -> SeatPool:
    """The seats of this mode, read anew and held until the end of the transaction."""
    return db.scalars(
        select(SeatPool)
        .where(SeatPool.session_id == session.id, SeatPool.mode == mode)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def open_pool(db: Session, session: LearningSession, mode: SeatMode, now: datetime) -> SeatPool:
    """The seats of this mode, held, as a newcomer may take them: what was kept until now has gone
    to the line first, though the job has not come by."""
    pool = lock_pool(db, session, mode)
    if pool.kept and not pool.kept_left(now):
        fill_seats(db, pool, now)
    return pool


def fill_seats(db: Session, pool: SeatPool, now: datetime) -> list[Booking]:
    """Give, or offer, every free seat of this mode to the line, in its order; those kept for a
    public to the first of it. The pool must be locked."""
    promoted: list[Booking] = []
    while pool.free > 0:
        only = None if pool.free > pool.kept_left(now) else pool.kept_for
        first = find_first_in_line(db, pool.session_id, pool.mode, only)
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
        hold_seat(pool, first, now)
        db.flush()
        notices.tell_promoted(db, first, now)
        promoted.append(first)
    return promoted
