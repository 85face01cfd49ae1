"""One way to take a seat and one to give it back, for the web, the desk and whoever comes later.

A seat that comes free goes to the first in line in the same transaction: given far from the
start, offered near it (:mod:`tierslieu.bookings.holding`). An offer holds its seat. Of a series
that is followed as a whole (:mod:`tierslieu.bookings.bundles`) each of these is done to all its
dates to come, or to none.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool, Series
from tierslieu.bookings import notices
from tierslieu.bookings.admission import check_admission
from tierslieu.bookings.bundles.notices import take_back_bundle, tell_bundle
from tierslieu.bookings.bundles.queries import has_begun, hold_bundle, hold_bundles, list_dates_of
from tierslieu.bookings.bundles.rules import (
    claim_dates,
    forget_left_out,
    hold_dates,
    hold_together,
    move_line,
)
from tierslieu.bookings.limits.queries import hold_limit
from tierslieu.bookings.limits.rules import check_limit
from tierslieu.bookings.lines import fill_seats, open_pool
from tierslieu.bookings.models import Booking, BookingStatus, SeatInvitation
from tierslieu.bookings.queries import find_active
from tierslieu.bookings.refusals import already_booked, books_meanwhile, mode_not_offered
from tierslieu.bookings.seats import (
    SHARED,
    audience_of,
    free_seat,
    hold_seat,
    hold_sessions,
    lock_pools,
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
    """Take a seat of this mode, or stand in line for one when all are taken; of a bundle, on
    every date to come.

    Returns the booking, confirmed or waiting; the mail that says so is written with it.
    ``actor_id``: who of the team books, if another than the person: then it does not matter who
    may book and when. ``code``: of the invitation. ``is_told``: whether a mail says so; else the
    caller says it with others.

    Raises :class:`NotYours` for an unknown session or person, :class:`Refused` with ``closed``,
    ``not_eligible``, ``limited``, ``mode_not_offered`` or ``already_booked``; of a bundle ``full``
    too, for the team.
    """
    lock_for_writing(db)
    by_team = actor_id not in (None, user_id)
    is_limited = not by_team and hold_limit(db, user_id, now)
    bundle = hold_bundle(db, session_id)
    session = session_to_come(db, session_id, now)
    user = db.get(User, user_id)
    if user is None:
        raise NotYours
    if user.confirmed_at is None or not user.active:
        raise Refused(
            _("Confirmez d’abord votre adresse : le lien est dans le mail d’inscription.")
            if not by_team
            else _(
                "Cette personne n’a pas encore confirmé son adresse : elle ne peut pas réserver."
            ),
            code="not_eligible",
        )
    pool = session.pool(mode)
    if pool is None or (pool.capacity == 0 and pool.taken == 0):
        raise mode_not_offered()
    if (held := find_active(db, session_id, user_id)) is not None:
        raise already_booked(held.status, by_self=not by_team)
    if bundle is not None:
        made = claim_dates(db, bundle, user, mode, now=now, by_team=by_team, code=code)
        turn = "confirmed" if made[0].status is BookingStatus.CONFIRMED else "waiting"
        tell_bundle(db, made, turn, now)
        return next(booking for booking in made if booking.session_id == session_id)
    if not by_team:
        check_admission(db, session, user, code=code, now=now)
        if is_limited:
            check_limit(db, user.id, now)
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
    audience = audience_of(user) if pool.kept else None  # else it makes no difference
    if (seat := take_seat(db, pool, audience, now)) is not None:
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
        raise already_booked(BookingStatus.CONFIRMED, by_self=not by_team) from None
    if is_told:
        notices.tell_claimed(db, booking, now)
    return booking


def release(
    db: Session, booking_id: UUID, *, now: datetime, actor_id: UUID, is_told: bool = True
) -> Booking | None:
    """Give back a seat, decline an offer, or leave the line; a freed seat goes to the first in
    line there and then.

    Returns the booking it went to, if any. ``is_told``: whether a mail says so; else the caller
    says it with others (a bundle always says so). Raises :class:`NotYours` for an unknown booking,
    :class:`Refused` with ``closed`` once the session began or was cancelled, and
    ``already_released``.
    """
    lock_for_writing(db)
    found, bundle = _find(db, booking_id)
    session_to_come(db, found.session_id, now)
    held = _hold(db, bundle, found, now)
    if found.status is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    was = found.status
    for _pool, booking in held:
        booking.status = BookingStatus.CANCELLED
        booking.cancelled_at = now
        booking.cancelled_by_id = actor_id
    db.flush()
    if bundle is None and is_told:
        notices.tell_released(db, found, now, was=was, actor_id=actor_id)
    elif bundle is None:
        notices.take_back(db, found, now)
    else:
        forget_left_out(db, bundle, found.user_id, now)
        own = [booking for _pool, booking in held]
        tell_bundle(db, own, _GIVEN_BACK[was], now, by_self=actor_id == found.user_id)
    if was is BookingStatus.WAITING:
        return None
    for pool, booking in held:
        free_seat(pool, booking)
    db.flush()
    promoted = fill_seats(db, held[0][0], now)
    return promoted[0] if promoted else None


_GIVEN_BACK = {
    BookingStatus.CONFIRMED: "released",
    BookingStatus.OFFERED: "declined",
    BookingStatus.WAITING: "left",
}


def _find(db: Session, booking_id: UUID) -> tuple[Booking, Series | None]:
    """A booking, and the bundle it is of, held. Raises :class:`NotYours`."""
    found = db.get(Booking, booking_id)
    if found is None:
        raise NotYours
    return found, hold_bundle(db, found.session_id)


def _hold(
    db: Session, bundle: Series | None, found: Booking, now: datetime
) -> Sequence[tuple[SeatPool, Booking]]:
    """What stands and falls with this booking, with its seats, read anew and held: itself, or all
    that its person has of a bundle. The session must be held."""
    if bundle is not None:
        dates = hold_dates(db, bundle, now)
        return hold_together(db, dates, _again(db, found.id))
    # Both ways of coming, in their order: it may have been switched since it was read.
    pools = lock_pools(db, [found.session_id])
    booking = _again(db, found.id)
    return [(pools[booking.session_id, booking.mode], booking)]


def _again(db: Session, booking_id: UUID) -> Booking:
    """The booking read anew and held. Raises :class:`NotYours` if its person is gone meanwhile."""
    found = db.get(Booking, booking_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotYours
    return found


def accept(db: Session, booking_id: UUID, *, now: datetime) -> Booking:
    """Confirm an offered seat. Raises :class:`NotYours` for an unknown booking, :class:`Refused`
    with ``closed``, ``not_offered``, or ``offer_over`` once its time is over."""
    lock_for_writing(db)
    booking, bundle = _find(db, booking_id)
    session_to_come(db, booking.session_id, now)
    held = _hold(db, bundle, booking, now)
    if booking.status is BookingStatus.CONFIRMED:
        raise Refused(_("Votre place est déjà confirmée."), code="not_offered")
    _check_unanswered(booking, now)
    if booking.status is not BookingStatus.OFFERED:
        raise Refused(_("Aucune place ne vous est proposée en ce moment."), code="not_offered")
    for _pool, one in held:
        one.status, one.confirmed_at = BookingStatus.CONFIRMED, now
    db.flush()
    if bundle is None:
        notices.tell_claimed(db, booking, now)
    else:
        tell_bundle(db, [one for _pool, one in held], "confirmed", now)
    return booking


def _check_unanswered(booking: Booking, now: datetime) -> None:
    """Raises :class:`Refused` with ``offer_over`` for an offer whose time is over, taken back by
    the job or not yet."""
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


def switch_mode(
    db: Session, booking_id: UUID, mode: SeatMode, *, now: datetime, actor_id: UUID
) -> Booking:
    """Move a booking from the room to online or back; the seat it leaves goes to the line there.
    Of a bundle a seat moves on its date alone, and who waits moves with all dates. Who moves a
    seat that is offered has said yes to it: of a bundle, to all.

    Who holds a seat keeps it unless one of the other mode is free: else :class:`Refused` with
    ``full``. Who waits takes a free seat of the other mode, or goes to the end of its line.
    Besides: :class:`NotYours`, ``closed``, ``mode_not_offered``, ``already_released``,
    ``offer_over``, and ``already_booked`` when it is of that mode.
    """
    lock_for_writing(db)
    found, bundle = _find(db, booking_id)
    session = session_to_come(db, found.session_id, now)
    target = session.pool(mode)
    if target is None or target.capacity == 0:
        raise mode_not_offered()
    together = _hold(db, bundle, found, now) if bundle is not None else []
    # Both pools, always in one order, before the booking.
    pools = {
        one: open_pool(db, session, one, now) for one in SeatMode if session.pool(one) is not None
    }
    booking = _again(db, booking_id)
    was, left = booking.status, pools[booking.mode]
    _check_unanswered(booking, now)
    if was is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    if booking.mode is mode:
        raise already_booked(was, by_self=actor_id == booking.user_id)
    if bundle is not None and was is BookingStatus.WAITING:
        move_line(db, bundle, [one for _pool, one in together], mode, now)
        return booking
    is_free = pools[mode].free_for(audience_of(booking.user), now) > 0
    if not is_free and was is not BookingStatus.WAITING:
        raise Refused(
            _("C’est complet %(mode)s : votre place reste celle que vous aviez.", mode=_way(mode)),
            code="full",
        )
    if bundle is not None and was is BookingStatus.OFFERED:  # it says yes to all dates
        for _pool, one in together:
            one.status, one.confirmed_at = BookingStatus.CONFIRMED, now
        tell_bundle(db, [one for _pool, one in together], "confirmed", now)
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
    bundle = hold_bundle(db, found.session_id)
    session = db.get_one(
        LearningSession, found.session_id, with_for_update=SHARED, populate_existing=True
    )
    is_to_come = session.cancelled_at is None and session.starts_at > now
    # A date that began or was called off is none of those that are held together any more: its
    # seat is let go by itself.
    held = _hold(db, bundle if is_to_come else None, found, now)
    if found.status is not BookingStatus.OFFERED or now < _end_of_offer(found):
        return False
    for pool, booking in held:
        booking.status, booking.cancelled_at = BookingStatus.CANCELLED, now
        free_seat(pool, booking)
    db.flush()
    if not is_to_come or (bundle is not None and has_begun(db, bundle, now)):
        return True  # there is no next in line, and no line to go back to
    if bundle is None:
        notices.tell_passed_on(db, found, now)
    else:
        tell_bundle(db, [booking for _pool, booking in held], "passed_on", now)
    fill_seats(db, held[0][0], now)
    return True


def _end_of_offer(booking: Booking) -> datetime:
    assert booking.offered_until is not None  # the schema says so of every offer
    return booking.offered_until


def forget_person(db: Session, user_id: UUID, now: datetime) -> None:
    """Take a person out of every list, their seats given to the lines; no mail goes to them.

    Raises :class:`Refused` with ``busy`` when they book something else at that very moment.
    """
    lock_for_writing(db)
    pools = hold_all_of(db, user_id)
    # Read only now: what they switched or gave back meanwhile is as it was left.
    bookings = db.scalars(
        select(Booking)
        .where(Booking.user_id == user_id)
        .order_by(Booking.session_id, Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any((booking.session_id, booking.mode) not in pools for booking in bookings):
        # Booked since the seats were held. To hold those now would be out of the order of locks.
        raise books_meanwhile()
    freed = {}
    for booking in bookings:
        pool = pools[booking.session_id, booking.mode]
        if booking.status in (BookingStatus.CONFIRMED, BookingStatus.OFFERED):
            free_seat(pool, booking)
            freed[booking.session_id, booking.mode] = pool
        notices.take_back(db, booking, now)
        take_back_bundle(db, [booking], now)
        db.delete(booking)
    db.flush()
    for pool in freed.values():
        if pool.session.cancelled_at is None and pool.session.starts_at > now:
            fill_seats(db, pool, now)


def hold_all_of(db: Session, user_id: UUID) -> dict[tuple[UUID, SeatMode], SeatPool]:
    """Hold every session this person has to do with, and all their seats, in the order in which
    everybody takes them; gives the seats."""
    own = select(Booking.session_id).where(Booking.user_id == user_id)
    kept = select(SeatInvitation.session_id).where(SeatInvitation.invited_by_id == user_id)
    ids = set(db.scalars(own.union(kept)))
    bundles = hold_bundles(db, ids)
    dates = list_dates_of(db, bundles)
    ids.update(session.id for sessions in dates.values() for session in sessions)
    hold_sessions(db, ids)
    return lock_pools(db, ids)
