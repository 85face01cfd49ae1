"""What is counted of bookings, and what must always hold of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool, Series
from tierslieu.bookings.models import Booking, BookingStatus, InvitationState, SeatInvitation
from tierslieu.house import Figure, Finding

SEATED = (BookingStatus.CONFIRMED, BookingStatus.OFFERED)  # an offer holds its seat


class _Seats(NamedTuple):
    session_id: UUID
    mode: SeatMode
    capacity: int
    taken: int
    seated: int
    waiting: int
    is_to_come: bool
    kept_left: int
    kept_taken: int
    on_kept: int
    is_bundle: bool


def _all_seats(db: Session) -> list[_Seats]:
    """Every pool with what is really booked on it."""
    booked = (
        select(
            Booking.session_id,
            Booking.mode,
            func.sum(case((Booking.status.in_(SEATED), 1), else_=0)).label("seated"),
            func.sum(case((Booking.status == BookingStatus.WAITING, 1), else_=0)).label("waiting"),
            func.sum(case((Booking.status.in_(SEATED) & Booking.is_kept, 1), else_=0)).label(
                "on_kept"
            ),
        )
        .group_by(Booking.session_id, Booking.mode)
        .subquery()
    )
    held = (
        select(SeatInvitation.session_id, SeatInvitation.mode, func.count().label("held"))
        .where(SeatInvitation.state == InvitationState.HELD)
        .group_by(SeatInvitation.session_id, SeatInvitation.mode)
        .subquery()
    )
    rows = db.execute(
        select(
            SeatPool.session_id,
            SeatPool.mode,
            SeatPool.capacity,
            SeatPool.taken,
            func.coalesce(booked.c.seated, 0) + func.coalesce(held.c.held, 0),
            func.coalesce(booked.c.waiting, 0),
            (LearningSession.cancelled_at.is_(None)) & (LearningSession.starts_at > clock.now()),
            case((SeatPool.kept_until > clock.now(), SeatPool.kept - SeatPool.kept_taken), else_=0),
            SeatPool.kept_taken,
            func.coalesce(booked.c.on_kept, 0),
            func.coalesce(Series.is_bundle, False),
        )
        .join(LearningSession, LearningSession.id == SeatPool.session_id)
        .outerjoin(Series, Series.id == LearningSession.series_id)
        .outerjoin(
            booked, (booked.c.session_id == SeatPool.session_id) & (booked.c.mode == SeatPool.mode)
        )
        .outerjoin(
            held, (held.c.session_id == SeatPool.session_id) & (held.c.mode == SeatPool.mode)
        )
        .order_by(SeatPool.session_id, SeatPool.mode)
    )
    return [_Seats(*row) for row in rows]


def check_counted(db: Session) -> Finding:
    """The counter of each pool equals what is confirmed, offered or kept for a colleague on it."""
    seats = _all_seats(db)
    return Finding(
        len(seats),
        [
            f"session {s.session_id} ({s.mode.value}): {s.taken} taken, {s.seated} seated"
            for s in seats
            if (s.taken, s.kept_taken) != (s.seated, s.on_kept)
        ],
    )


def check_sold(db: Session) -> Finding:
    """No pool has more bookings than seats."""
    seats = _all_seats(db)
    return Finding(
        len(seats),
        [
            f"session {s.session_id} ({s.mode.value}): {s.seated} booked on {s.capacity} seats"
            for s in seats
            if max(s.seated, s.taken) > s.capacity
        ],
    )


def check_line(db: Session) -> Finding:
    """Before the start, nobody stands in line while a seat of that mode is free for all; bundles
    wait in another way (``bundles/figures.py``)."""
    seats = _all_seats(db)
    return Finding(
        len(seats),
        [
            f"session {s.session_id} ({s.mode.value}): {s.waiting} wait, "
            f"{s.capacity - s.taken} seats are free"
            for s in seats
            if s.is_to_come and not s.is_bundle and s.waiting and s.taken < s.capacity - s.kept_left
        ],
    )


def check_orphans(db: Session) -> Finding:
    """Every booking that stands is of a mode the session has seats in."""
    orphans = db.scalars(
        select(Booking.id)
        .outerjoin(
            SeatPool, (SeatPool.session_id == Booking.session_id) & (SeatPool.mode == Booking.mode)
        )
        .where(Booking.status != BookingStatus.CANCELLED, SeatPool.id.is_(None))
        .order_by(Booking.id)
    ).all()
    total = db.scalars(select(func.count()).where(Booking.status != BookingStatus.CANCELLED)).one()
    return Finding(total, [f"booking {booking_id}: no seats of its mode" for booking_id in orphans])


def fill_rate(db: Session, since: datetime, until: datetime) -> Figure:
    """Seats taken on seats offered, of sessions held that ended in the period."""
    taken, offered = db.execute(
        select(
            func.coalesce(func.sum(SeatPool.taken), 0),
            func.coalesce(func.sum(SeatPool.capacity), 0),
        )
        .join(LearningSession, LearningSession.id == SeatPool.session_id)
        .where(
            LearningSession.cancelled_at.is_(None),
            LearningSession.ends_at >= since,
            LearningSession.ends_at < until,
        )
    ).one()
    return Figure(taken, offered)


def unmet_demand(db: Session, since: datetime, until: datetime) -> Figure:
    """Those still in line at the start, on all who had a seat or wanted one."""
    waiting, wanted = db.execute(
        select(
            func.coalesce(func.sum(case((Booking.status == BookingStatus.WAITING, 1), else_=0)), 0),
            func.count(Booking.id),
        )
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .where(
            Booking.status != BookingStatus.CANCELLED,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at >= since,
            LearningSession.starts_at < until,
            LearningSession.starts_at <= clock.now(),
        )
    ).one()
    return Figure(waiting, wanted)
