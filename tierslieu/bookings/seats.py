"""Seats counted, under locks.

Seats are counted by one statement that the database decides: ``UPDATE … SET taken = taken + 1
WHERE taken < capacity``, less the seats that are kept for some. Locks are always taken in this
order, so that nobody waits in a circle: the limit of who books, if they have one; the series, if it
is a bundle; the session (shared); its seats (on site before online); the booking. Of several, each
kind in the order of identifiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, select, update
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.among import is_among
from tierslieu.bookings.models import Booking
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


def hold_sessions(db: Session, session_ids: Iterable[UUID]) -> Sequence[LearningSession]:
    """Those sessions, their rows shared with other bookings, in the order of locks."""
    return db.scalars(
        select(LearningSession)
        .where(is_among(LearningSession.id, list(session_ids)))
        .order_by(LearningSession.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def lock_sessions(db: Session, session_ids: Iterable[UUID]) -> Sequence[LearningSession]:
    """Those sessions, held alone: nobody books or leaves them meanwhile."""
    return db.scalars(
        select(LearningSession)
        .where(is_among(LearningSession.id, list(session_ids)))
        .order_by(LearningSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def lock_pools(db: Session, session_ids: Iterable[UUID]) -> dict[tuple[UUID, SeatMode], SeatPool]:
    """All seats of those sessions, read anew and held until the end of the transaction."""
    found = db.scalars(
        select(SeatPool)
        .where(is_among(SeatPool.session_id, list(session_ids)))
        .order_by(SeatPool.session_id, SeatPool.mode.desc())  # on site before online
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(pool.session_id, pool.mode): pool for pool in found}
