"""One way to take a seat and one to give it back, for the web, the desk and whoever comes later.

Seats are counted by one statement that the database decides: ``UPDATE … SET taken = taken + 1
WHERE taken < capacity``. Locks are always taken in this order, so that nobody waits in a circle:
the session (shared), its seats, the booking.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.agenda.rules import Plan, cancel_session, edit_session
from tierslieu.bookings import notices
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_active, find_first_in_line, list_active
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User

# FOR KEY SHARE: bookings of one session go side by side; whoever changes the session takes the
# row FOR UPDATE, so that a change waits for them and they for it.
SHARED = {"read": True, "key_share": True}


def claim(
    db: Session,
    session_id: UUID,
    user_id: UUID,
    mode: SeatMode,
    *,
    now: datetime,
    actor_id: UUID | None = None,
) -> Booking:
    """Take a seat of this mode, or stand in line for one when all are taken.

    Returns the booking, confirmed or waiting; the mail that says so is written with it.
    ``actor_id``: who books, if another than the person. Raises :class:`NotYours` for an unknown
    session or person, :class:`Refused` with ``closed``, ``not_eligible``, ``mode_not_offered``
    or ``already_booked``.
    """
    lock_for_writing(db)
    session = _session_to_come(db, session_id, now)
    user = db.get(User, user_id)
    if user is None:
        raise NotYours
    if user.confirmed_at is None or not user.active:
        raise Refused(
            _("Confirmez d’abord votre adresse : le lien est dans le mail d’inscription.")
            if actor_id in (None, user_id)
            else _(
                "Cette personne n’a pas encore confirmé son adresse : elle ne peut pas réserver."
            ),
            code="not_eligible",
        )
    pool = session.pool(mode)
    if pool is None or (pool.capacity == 0 and pool.taken == 0):
        raise Refused(
            _("Cette séance ne se tient pas de cette façon : choisissez-en une autre."),
            code="mode_not_offered",
            field="mode",
        )
    if (held := find_active(db, session_id, user_id)) is not None:
        raise _already(held.status, by_self=actor_id in (None, user_id))
    booking = Booking(
        session=session, user=user, mode=mode, created_at=now, status=BookingStatus.WAITING
    )
    if _take_seat(db, pool):
        booking.status = BookingStatus.CONFIRMED
        booking.confirmed_at = now
    else:
        booking.waiting_since = now
    db.add(booking)
    try:
        db.flush()
    except IntegrityError:
        # Two requests of one person at the same instant: the partial unique index lets one in.
        db.rollback()
        raise _already(BookingStatus.CONFIRMED, by_self=actor_id in (None, user_id)) from None
    notices.tell_claimed(db, booking, now)
    return booking


def release(db: Session, booking_id: UUID, *, now: datetime, actor_id: UUID) -> Booking | None:
    """Give back a seat, or leave the line; the first in line gets the seat there and then.

    Returns the booking that was promoted, if any. Raises :class:`NotYours` for an unknown
    booking, :class:`Refused` with ``closed`` once the session began or was cancelled, and
    ``already_released``.
    """
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    if found is None:
        raise NotYours
    session = _session_to_come(db, found.session_id, now)
    pool = _lock_pool(db, session, found.mode)
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking.status is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    held_seat = booking.status is BookingStatus.CONFIRMED
    booking.status = BookingStatus.CANCELLED
    booking.cancelled_at = now
    booking.cancelled_by_id = actor_id
    db.flush()
    notices.tell_released(db, booking, now, held_seat=held_seat, actor_id=actor_id)
    if not held_seat:
        return None
    pool.taken -= 1
    db.flush()
    promoted = fill_seats(db, pool, now)
    return promoted[0] if promoted else None


def fill_seats(db: Session, pool: SeatPool, now: datetime) -> list[Booking]:
    """Give every free seat of this mode to the line, in its order. The pool must be locked."""
    promoted: list[Booking] = []
    while pool.free > 0:
        first = find_first_in_line(db, pool.session_id, pool.mode)
        if first is None:
            break
        first.status = BookingStatus.CONFIRMED
        first.confirmed_at = now
        pool.taken += 1
        db.flush()
        notices.tell_promoted(db, first, now)
        promoted.append(first)
    return promoted


def change_session(db: Session, session_id: UUID, plan: Plan, *, now: datetime) -> LearningSession:
    """Change a session and tell all those booked what moved: hour, place, or their online link.

    New seats go to the line at once. Raises as :func:`tierslieu.agenda.rules.edit_session` does.
    """
    lock_for_writing(db)
    session = db.get(LearningSession, session_id)
    if session is None:
        raise NotYours
    was = {mode: notices.describe_session(session, mode) for mode in SeatMode}
    session = edit_session(db, session_id, plan, now=now)
    held = list_active(db, session.id)
    promoted = {b.id for pool in session.pools for b in fill_seats(db, pool, now)}
    for booking in held:
        before = was[booking.mode]
        # Who just got a seat has read the new hour and place in that mail.
        if before != notices.describe_session(session, booking.mode) and booking.id not in promoted:
            notices.tell_session_changed(db, booking, before, now)
    return session


def call_off_session(
    db: Session, session_id: UUID, reason: str, *, now: datetime
) -> LearningSession:
    """Cancel a session and tell everybody who had a seat or stood in line, with the reason."""
    session = cancel_session(db, session_id, reason, now=now)
    for booking in list_active(db, session.id):
        notices.tell_session_cancelled(db, booking, now)
    return session


def forget_person(db: Session, user_id: UUID, now: datetime) -> None:
    """Take a person out of every list, their seats given to the lines; no mail goes to them."""
    lock_for_writing(db)
    bookings = db.scalars(
        select(Booking).where(Booking.user_id == user_id).order_by(Booking.session_id)
    ).all()
    for booking in bookings:
        session = db.get_one(LearningSession, booking.session_id, with_for_update=SHARED)
        pool = _lock_pool(db, session, booking.mode)
        if booking.status is BookingStatus.CONFIRMED:
            pool.taken -= 1
        db.delete(booking)
        db.flush()
        if session.cancelled_at is None and session.starts_at > now:
            fill_seats(db, pool, now)


def _session_to_come(db: Session, session_id: UUID, now: datetime) -> LearningSession:
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


def _take_seat(db: Session, pool: SeatPool) -> bool:
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
        _lock_pool(db, pool.session, pool.mode)
        taken = db.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    db.expire(pool, ["taken"])
    return taken


def _lock_pool(db: Session, session: LearningSession, mode: SeatMode) -> SeatPool:
    return db.scalars(
        select(SeatPool)
        .where(SeatPool.session_id == session.id, SeatPool.mode == mode)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _already(status: BookingStatus, *, by_self: bool) -> Refused:
    if status is BookingStatus.WAITING:
        message = (
            _("Vous êtes déjà sur la liste d’attente de cette séance.")
            if by_self
            else _("Cette personne est déjà sur la liste d’attente.")
        )
    else:
        message = (
            _("Vous avez déjà une place à cette séance.")
            if by_self
            else _("Cette personne a déjà une place à cette séance.")
        )
    return Refused(message, code="already_booked")
