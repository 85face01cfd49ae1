"""Who is next: a seat that comes free goes to the line in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool, Series
from tierslieu.bookings import holding, notices
from tierslieu.bookings.bundles.notices import tell_bundle
from tierslieu.bookings.bundles.queries import list_dates_of, list_line
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_first_in_line
from tierslieu.bookings.seats import audience_of, hold_seat, hold_sessions, lock_pool, lock_pools


def open_pool(db: Session, session: LearningSession, mode: SeatMode, now: datetime) -> SeatPool:
    """The seats of this mode, held, as a newcomer may take them: what was kept until now has gone
    to the line first, though the job has not come by."""
    pool = lock_pool(db, session, mode)
    if pool.kept and not pool.kept_left(now):
        fill_seats(db, pool, now)
    return pool


def fill_seats(db: Session, pool: SeatPool, now: datetime) -> list[Booking]:
    """Give, or offer, every free seat of this mode to the line, in its order; those kept for a
    public to the first of it. The pool must be locked; of a bundle, its series held."""
    if pool.session.series is not None and pool.session.series.is_bundle:
        return fill_bundle(db, pool.session.series, now)
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


def fill_bundle(db: Session, series: Series, now: datetime) -> list[Booking]:
    """Give, or offer, seats to those who wait for all dates of a series and for whom every date
    has one, who has waited longest first. The series must be held."""
    dates = list_dates_of(db, [series.id])[series.id]
    if not dates or dates[0].starts_at <= now:
        return []
    sessions = hold_sessions(db, [one.id for one in dates])
    pools = lock_pools(db, [one.id for one in sessions])
    promoted: list[Booking] = []
    for wanted in _in_turn(list_line(db, [one.id for one in sessions])):
        held = [pools[one.session_id, one.mode] for one in wanted]
        audience = audience_of(wanted[0].user)
        if len(wanted) < len(dates) or not all(pool.free_for(audience, now) for pool in held):
            continue
        _give(wanted, held, dates[0].starts_at, now)
        db.flush()
        turn = "offered" if wanted[0].status is BookingStatus.OFFERED else "promoted"
        tell_bundle(db, wanted, turn, now)
        promoted += wanted
    return promoted


def _in_turn(line: Sequence[Booking]) -> list[list[Booking]]:
    """What each person waits for, in the order of the line."""
    groups: dict[UUID, list[Booking]] = {}
    for booking in line:
        groups.setdefault(booking.user_id, []).append(booking)
    return sorted(groups.values(), key=lambda own: min((b.waiting_since, b.id) for b in own))


def _give(
    wanted: Sequence[Booking], pools: Sequence[SeatPool], starts_at: datetime, now: datetime
) -> None:
    is_offered = holding.is_frozen(starts_at, now)
    for booking, pool in zip(wanted, pools, strict=True):
        if is_offered:
            booking.status, booking.offered_at = BookingStatus.OFFERED, now
            booking.offered_until = holding.held_until(starts_at, now)
        else:
            booking.status, booking.confirmed_at = BookingStatus.CONFIRMED, now
        hold_seat(pool, booking, now)
