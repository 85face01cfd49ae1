"""What is particular to a bundle: every date or none, one that is missed, the end of its line."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool, Series
from tierslieu.bookings.admission import check_admission
from tierslieu.bookings.bundles.notices import tell_bundle
from tierslieu.bookings.bundles.queries import hold_bundle, list_dates_of, list_together
from tierslieu.bookings.limits.rules import check_limit
from tierslieu.bookings.lines import fill_bundle
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.notices import tell_left_out
from tierslieu.bookings.queries import list_active, list_of_person
from tierslieu.bookings.seats import (
    audience_of,
    free_seat,
    hold_seat,
    hold_sessions,
    lock_pools,
    session_to_come,
)
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User
from tierslieu.web.formats import day


@dataclass(frozen=True)
class Dates:
    """The dates of a bundle that stand and are to come, in order of time, with all their seats:
    held."""

    series: Series
    sessions: Sequence[LearningSession]
    pools: dict[tuple[UUID, SeatMode], SeatPool]
    opens: LearningSession  # the first date of all: when one books is said by it
    has_begun: bool

    @property
    def ids(self) -> list[UUID]:
        """Their identifiers."""
        return [session.id for session in self.sessions]


def hold_dates(db: Session, series: Series, now: datetime) -> Dates:
    """Hold what a bundle is made of; its series must be held, and one date at least to come."""
    standing = list_dates_of(db, [series.id])[series.id]
    to_come = [session for session in standing if session.starts_at > now]
    hold_sessions(db, [session.id for session in to_come])
    pools = lock_pools(db, [session.id for session in to_come])
    return Dates(series, to_come, pools, standing[0], standing[0].starts_at <= now)


def claim_dates(
    db: Session,
    series: Series,
    user: User,
    mode: SeatMode,
    *,
    now: datetime,
    by_team: bool,
    code: str,
) -> Sequence[Booking]:
    """A seat of this mode on every date to come, or a place in line for all of them.

    The team may let somebody in once the series has begun, or back to a date that they missed:
    with a seat on each date they lack, for there is no line for that. Raises :class:`Refused` with
    ``closed``, ``not_eligible``, ``mode_not_offered``, ``already_booked``, ``full``.
    """
    dates = hold_dates(db, series, now)
    held = list_of_person(db, user.id, dates.ids)
    if not by_team:
        if held:
            raise Refused(
                _(
                    "Vous suivez déjà cette série. Pour revenir à une date que vous deviez "
                    "manquer, écrivez à l’équipe."
                ),
                code="already_booked",
            )
        if dates.has_begun:
            raise Refused(_say_begun(), code="closed")
        check_admission(db, dates.opens, user, code=code, now=now)
        check_limit(db, user.id, now)
    wanted = [session for session in dates.sessions if session.id not in held]
    if any(pool.kept and not pool.kept_left(now) for pool in dates.pools.values()):
        fill_bundle(db, series, now)
    pools = [_pool(dates, session, mode) for session in wanted]
    audience = audience_of(user)
    full = [pool.session for pool in pools if pool.free_for(audience, now) <= 0]
    if full and (held or dates.has_begun):
        raise Refused(_say_full(full), code="full")
    made = [_booking(session, user, mode, now) for session in wanted]
    for booking, pool in zip(made, pools, strict=True):
        if full:
            booking.status, booking.waiting_since = BookingStatus.WAITING, now
        else:
            booking.status, booking.confirmed_at = BookingStatus.CONFIRMED, now
            hold_seat(pool, booking, now)
        db.add(booking)
    db.flush()
    return made


def _booking(session: LearningSession, user: User, mode: SeatMode, now: datetime) -> Booking:
    tap = secrets.token_urlsafe(18)
    return Booking(session=session, user=user, mode=mode, created_at=now, tap=tap)


def _pool(dates: Dates, session: LearningSession, mode: SeatMode) -> SeatPool:
    pool = dates.pools.get((session.id, mode))
    if pool is None or not pool.capacity:
        raise Refused(
            _(
                "Cette série ne se suit pas en entier de cette façon : le %(day)s, ce n’est pas "
                "possible. Choisissez l’autre.",
                day=day(session.starts_local),
            ),
            code="mode_not_offered",
            field="mode",
        )
    return pool


def _say_begun() -> str:
    return str(
        _(
            "Cette série se suit en entier et elle a commencé : écrivez à l’équipe, qui peut "
            "encore vous y inscrire."
        )
    )


def _say_full(full: Sequence[LearningSession]) -> str:
    days = ", ".join(day(session.starts_local) for session in full)
    return str(_("Il n’y a plus de place à cette date : %(days)s.", days=days))


def hold_together(
    db: Session, dates: Dates, booking: Booking
) -> Sequence[tuple[SeatPool, Booking]]:
    """What stands and falls with this booking: its person's on every date to come, with its
    seats; held."""
    own = list_together(db, booking.user_id, dates.ids)
    return [(dates.pools[one.session_id, one.mode], one) for one in own]


def move_line(
    db: Session, series: Series, own: Sequence[Booking], mode: SeatMode, now: datetime
) -> None:
    """Who waits for a bundle goes to the end of the line of the other mode."""
    dates = hold_dates(db, series, now)
    for session in dates.sessions:
        _pool(dates, session, mode)
    for booking in own:
        booking.mode, booking.waiting_since = mode, now
    db.flush()
    fill_bundle(db, series, now)
    if own[0].status is BookingStatus.WAITING:
        tell_bundle(db, own, "waiting", now)


def leave_out(db: Session, booking_id: UUID, why: str, *, now: datetime, actor_id: UUID) -> Booking:
    """The team notes that somebody misses this date of their bundle: its seat is free, the other
    dates stay theirs.

    Raises :class:`NotYours` for what is of no bundle, :class:`Refused` with ``closed`` once the
    date began, ``already_released``, ``no_seat`` for who waits or has not confirmed yet.
    """
    lock_for_writing(db)
    found = db.get(Booking, booking_id)
    series = hold_bundle(db, found.session_id) if found is not None else None
    if found is None or series is None:
        raise NotYours
    session_to_come(db, found.session_id, now)
    dates = hold_dates(db, series, now)
    booking = db.get_one(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking.status is BookingStatus.CANCELLED:
        raise Refused(_("Cette place a déjà été libérée."), code="already_released")
    # An offer stands for every date or none, and who waits has none to miss.
    if booking.status is not BookingStatus.CONFIRMED:
        raise Refused(
            _(
                "Cette personne n’a pas encore de place confirmée dans cette série : rien n’a été "
                "noté. On note qu’elle manque une date une fois sa place confirmée."
            ),
            code="no_seat",
        )
    booking.status, booking.cancelled_at = BookingStatus.CANCELLED, now
    booking.cancelled_by_id, booking.left_out = actor_id, why
    free_seat(dates.pools[booking.session_id, booking.mode], booking)
    db.flush()
    tell_left_out(db, booking, now)
    fill_bundle(db, series, now)
    return booking


def forget_left_out(db: Session, series: Series, user_id: UUID, now: datetime) -> None:
    """Who follows the series no more misses none of its dates to come."""
    to_come = select(LearningSession.id).where(
        LearningSession.series_id == series.id, LearningSession.starts_at > now
    )
    db.execute(
        update(Booking)
        .where(Booking.user_id == user_id, Booking.session_id.in_(to_come), Booking.left_out != "")
        .values(left_out="")
        .execution_options(synchronize_session="fetch")
    )


def close_line(db: Session, session_id: UUID, *, now: datetime) -> int:
    """The series has begun: who still waits for its dates to come is told that the line is over.
    What they waited for on the first date stays, as history. Returns how many people."""
    lock_for_writing(db)
    series = hold_bundle(db, session_id)
    if series is None:
        return 0
    dates = hold_dates(db, series, now)
    if not dates.has_begun:
        return 0
    return _end_waiting(db, dates, None, "begun", now)


def leave_lines_of_no_seats(db: Session, series: Series, now: datetime) -> None:
    """Nobody waits for a bundle in a mode that one of its dates no longer has."""
    dates = hold_dates(db, series, now)
    for mode in SeatMode:
        pools = [dates.pools.get((one, mode)) for one in dates.ids]
        if not all(pool is not None and pool.capacity for pool in pools):
            _end_waiting(db, dates, mode, "gone", now)


def _end_waiting(db: Session, dates: Dates, mode: SeatMode | None, turn: str, now: datetime) -> int:
    waiting: dict[UUID, list[Booking]] = {}
    for session in dates.sessions:
        for booking in list_active(db, session.id):
            if booking.status is BookingStatus.WAITING and mode in (None, booking.mode):
                waiting.setdefault(booking.user_id, []).append(booking)
    for own in waiting.values():
        for booking in own:
            booking.status, booking.cancelled_at = BookingStatus.CANCELLED, now
        db.flush()
        tell_bundle(db, own, turn, now)
    return len(waiting)
