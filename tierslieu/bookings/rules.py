"""One way to take a seat and one to give it back, for the web, the desk and whoever comes later.

A seat that comes free goes to the first in line in the same transaction: given far from the
start, offered near it (:mod:`tierslieu.bookings.holding`). An offer holds its seat.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import cancel_session, edit_session
from tierslieu.bookings import notices
from tierslieu.bookings.admission import check_admission
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_active, list_active, list_invited
from tierslieu.bookings.seats import (
    SHARED,
    audience_of,
    fill_seats,
    free_seat,
    hold_seat,
    lock_pool,
    open_pool,
    session_to_come,
    take_seat,
)
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User
from tierslieu.web.formats import hour


def claim(
    db: Session,
    session_id: UUID,
    user_id: UUID,
    mode: SeatMode,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    code: str = "",
    is_told: bool = True,
) -> Booking:
    """Take a seat of this mode, or stand in line for one when all are taken.

    Returns the booking, confirmed or waiting; the mail that says so is written with it.
    ``actor_id``: who of the team books, if another than the person: then it does not matter who
    may book and when. ``code``: of the invitation. ``is_told``: whether a mail says so; else the
    caller says it with others.

    Raises :class:`NotYours` for an unknown session or person, :class:`Refused` with ``closed``,
    ``not_eligible``, ``mode_not_offered`` or ``already_booked``.
    """
    lock_for_writing(db)
    session = session_to_come(db, session_id, now)
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
        raise _mode_not_offered()
    if (held := find_active(db, session_id, user_id)) is not None:
        raise _already(held.status, by_self=actor_id in (None, user_id))
    if actor_id in (None, user_id):
        check_admission(db, session, user, code=code, now=now)
    booking = Booking(
        session=session,
        user=user,
        mode=mode,
        created_at=now,
        status=BookingStatus.WAITING,
        tap=secrets.token_urlsafe(18),
    )
    if pool.kept:
        open_pool(db, session, mode, now)
    if (seat := take_seat(db, pool, audience_of(user), now)) is not None:
        booking.status = BookingStatus.CONFIRMED
        booking.confirmed_at = now
        booking.is_kept = seat == "kept"
    else:
        booking.waiting_since = now
    db.add(booking)
    try:
        db.flush()
    except IntegrityError:
        # Two requests of one person at the same instant: the partial unique index lets one in.
        # Whoever calls rolls back, as far as they want to.
        raise _already(BookingStatus.CONFIRMED, by_self=actor_id in (None, user_id)) from None
    if is_told:
        notices.tell_claimed(db, booking, now)
    return booking


def release(
    db: Session, booking_id: UUID, *, now: datetime, actor_id: UUID, is_told: bool = True
) -> Booking | None:
    """Give back a seat, decline an offer, or leave the line; a freed seat goes to the first in
    line there and then.

    Returns the booking it went to, if any. ``is_told``: whether a mail says so; else the caller
    says it with others. Raises :class:`NotYours` for an unknown
    booking, :class:`Refused` with ``closed`` once the session began or was cancelled, and
    ``already_released``.
    """
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    if found is None:
        raise NotYours
    session = session_to_come(db, found.session_id, now)
    pool = lock_pool(db, session, found.mode)
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking.status is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    was = booking.status
    booking.status = BookingStatus.CANCELLED
    booking.cancelled_at = now
    booking.cancelled_by_id = actor_id
    db.flush()
    if is_told:
        notices.tell_released(db, booking, now, was=was, actor_id=actor_id)
    else:
        notices.take_back(db, booking, now)
    if was is BookingStatus.WAITING:
        return None
    free_seat(pool, booking)
    db.flush()
    promoted = fill_seats(db, pool, now)
    return promoted[0] if promoted else None


def accept(db: Session, booking_id: UUID, *, now: datetime) -> Booking:
    """Confirm an offered seat. Raises :class:`NotYours` for an unknown booking, :class:`Refused`
    with ``closed``, ``not_offered``, or ``offer_over`` once its time is over."""
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    if found is None:
        raise NotYours
    session = session_to_come(db, found.session_id, now)
    lock_pool(db, session, found.mode)
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking.status is BookingStatus.CONFIRMED:
        raise Refused(_("Votre place est déjà confirmée."), code="not_offered")
    is_over = booking.status is BookingStatus.OFFERED and now >= _end_of_offer(booking)
    if is_over or (booking.status is BookingStatus.CANCELLED and booking.is_unanswered):
        raise Refused(
            _(
                "Cette place vous était gardée jusqu’à %(until)s : elle passe à la personne "
                "suivante. Vous pouvez vous remettre sur la liste.",
                until=hour(_end_of_offer(booking)),
            ),
            code="offer_over",
        )
    if booking.status is not BookingStatus.OFFERED:
        raise Refused(_("Aucune place ne vous est proposée en ce moment."), code="not_offered")
    booking.status = BookingStatus.CONFIRMED
    booking.confirmed_at = now
    db.flush()
    notices.tell_claimed(db, booking, now)
    return booking


def switch_mode(
    db: Session, booking_id: UUID, mode: SeatMode, *, now: datetime, actor_id: UUID
) -> Booking:
    """Move a booking from the room to online or back; the seat it leaves goes to the line there.

    Who holds a seat keeps it unless one of the other mode is free: else :class:`Refused` with
    ``full``. Who waits takes a free seat of the other mode, or goes to the end of its line.
    Besides: :class:`NotYours`, ``closed``, ``mode_not_offered``, ``already_released``, and
    ``already_booked`` when it is of that mode.
    """
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    if found is None:
        raise NotYours
    session = session_to_come(db, found.session_id, now)
    target = session.pool(mode)
    if target is None or target.capacity == 0:
        raise _mode_not_offered()
    # Both pools, always in one order, before the booking.
    pools = {
        one: open_pool(db, session, one, now) for one in SeatMode if session.pool(one) is not None
    }
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    was, left = booking.status, pools[booking.mode]
    if was is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    if booking.mode is mode:
        raise _already(was, by_self=actor_id == booking.user_id)
    is_free = pools[mode].free_for(audience_of(booking.user), now) > 0
    if not is_free and was is not BookingStatus.WAITING:
        raise Refused(
            _("C’est complet %(mode)s : votre place reste celle que vous aviez.", mode=_way(mode)),
            code="full",
        )
    booking.mode = mode
    if was is not BookingStatus.WAITING:
        free_seat(left, booking)
    if is_free:
        hold_seat(pools[mode], booking, now)
        booking.status, booking.confirmed_at = BookingStatus.CONFIRMED, now
    else:
        booking.waiting_since = now
    db.flush()
    notices.tell_switched(db, booking, now)
    if was is not BookingStatus.WAITING:
        fill_seats(db, left, now)
    return booking


def release_kept(db: Session, pool_id: UUID, *, now: datetime) -> int:
    """Give the seats whose keeping is over to the line; returns how many."""
    lock_for_writing(db)
    found = db.get(SeatPool, pool_id)
    if found is None:
        return 0
    session = session_to_come(db, found.session_id, now)
    return len(fill_seats(db, lock_pool(db, session, found.mode), now))


def _way(mode: SeatMode) -> str:
    return str(_("sur place") if mode is SeatMode.ONSITE else _("en ligne"))


def pass_on(db: Session, booking_id: UUID, *, now: datetime) -> bool:
    """Take back an offer whose time is over, tell its person, hand the seat to the next in line.

    Returns whether there was one to take back: somebody may have answered meanwhile.
    """
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    if found is None:
        return False
    session = db.get_one(
        LearningSession, found.session_id, with_for_update=SHARED, populate_existing=True
    )
    pool = lock_pool(db, session, found.mode)
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking.status is not BookingStatus.OFFERED or now < _end_of_offer(booking):
        return False
    booking.status = BookingStatus.CANCELLED
    booking.cancelled_at = now
    free_seat(pool, booking)
    db.flush()
    if session.cancelled_at is None and session.starts_at > now:
        notices.tell_passed_on(db, booking, now)
        fill_seats(db, pool, now)
    return True


def _end_of_offer(booking: Booking) -> datetime:
    assert booking.offered_until is not None  # the schema says so of every offer
    return booking.offered_until


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
    _leave_lines_of_no_seats(db, session, now)
    held = list_active(db, session.id)
    promoted = {b.id for pool in session.pools for b in fill_seats(db, pool, now)}
    for booking in held:
        before = was[booking.mode]
        if booking.status is BookingStatus.OFFERED:
            booking.offered_until = min(_end_of_offer(booking), session.starts_at)
        # Who just got a seat has read the new hour and place in that mail.
        if before != notices.describe_session(session, booking.mode) and booking.id not in promoted:
            notices.tell_session_changed(db, booking, before, now)
    for invitation in list_invited(db, session.id):
        invitation.held_until = min(invitation.held_until, session.starts_at)
        if was[invitation.mode] != notices.describe_session(session, invitation.mode):
            notices.tell_invited_changed(db, invitation, was[invitation.mode], now)
    return session


def _leave_lines_of_no_seats(db: Session, session: LearningSession, now: datetime) -> None:
    """Nobody waits for a mode in which the session is no longer held: they are told so."""
    gone = {pool.mode for pool in session.pools if not pool.capacity}
    for booking in list_active(db, session.id):
        if booking.mode in gone and booking.status is BookingStatus.WAITING:
            booking.status, booking.cancelled_at = BookingStatus.CANCELLED, now
            db.flush()
            notices.tell_released(db, booking, now, was=BookingStatus.WAITING, actor_id=None)


def call_off_session(
    db: Session, session_id: UUID, reason: str, *, now: datetime
) -> LearningSession:
    """Cancel a session and tell everybody who had a seat or stood in line, with the reason."""
    session = cancel_session(db, session_id, reason, now=now)
    for booking in list_active(db, session.id):
        notices.tell_session_cancelled(db, booking, now)
    for invitation in list_invited(db, session.id):
        notices.tell_invited_cancelled(db, invitation, now)
    return session


def forget_person(db: Session, user_id: UUID, now: datetime) -> None:
    """Take a person out of every list, their seats given to the lines; no mail goes to them."""
    lock_for_writing(db)
    bookings = db.scalars(
        select(Booking)
        .where(Booking.user_id == user_id)
        .order_by(Booking.session_id, Booking.mode.desc(), Booking.id)  # on site before online
    ).all()
    for booking in bookings:
        session = db.get_one(LearningSession, booking.session_id, with_for_update=SHARED)
        pool = lock_pool(db, session, booking.mode)
        if booking.status in (BookingStatus.CONFIRMED, BookingStatus.OFFERED):
            free_seat(pool, booking)
        notices.take_back(db, booking, now)
        db.delete(booking)
        db.flush()
        if session.cancelled_at is None and session.starts_at > now:
            fill_seats(db, pool, now)


def _mode_not_offered() -> Refused:
    return Refused(
        _("Cette séance ne se tient pas de cette façon : choisissez-en une autre."),
        code="mode_not_offered",
        field="mode",
    )


def _already(status: BookingStatus, *, by_self: bool) -> Refused:
    if status is BookingStatus.WAITING:
        message = (
            _("Vous êtes déjà sur la liste d’attente de cette séance.")
            if by_self
            else _("Cette personne est déjà sur la liste d’attente.")
        )
    elif status is BookingStatus.OFFERED:
        message = (
            _("Une place vous est déjà proposée : il ne reste qu’à la confirmer.")
            if by_self
            else _("Une place est déjà proposée à cette personne.")
        )
    else:
        message = (
            _("Vous avez déjà une place à cette séance.")
            if by_self
            else _("Cette personne a déjà une place à cette séance.")
        )
    return Refused(message, code="already_booked")
