"""Every SELECT of bundles, and what they lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.among import is_among
from tierslieu.bookings.models import Booking, BookingStatus


def hold_bundle(db: Session, session_id: UUID) -> Series | None:
    """The series of this session, held, if it is a bundle: before any of its rows is."""
    return db.scalar(
        select(Series)
        .join(LearningSession, LearningSession.series_id == Series.id)
        .where(LearningSession.id == session_id, Series.is_bundle)
        .with_for_update(of=Series, key_share=True)
    )


def hold_bundles(db: Session, session_ids: Iterable[UUID]) -> Sequence[UUID]:
    """The bundles among the series of these sessions, held in their order."""
    ids = (
        select(LearningSession.series_id)
        .where(is_among(LearningSession.id, list(session_ids)))
        .scalar_subquery()
    )
    return db.scalars(
        select(Series.id)
        .where(Series.id.in_(ids), Series.is_bundle)
        .order_by(Series.id)
        .with_for_update(key_share=True)
    ).all()


def list_together(db: Session, user_id: UUID, session_ids: Sequence[UUID]) -> Sequence[Booking]:
    """What this person holds on those dates, in the order of locks; held."""
    return db.scalars(
        select(Booking)
        .where(
            Booking.user_id == user_id,
            is_among(Booking.session_id, session_ids),
            Booking.status != BookingStatus.CANCELLED,
        )
        .order_by(Booking.session_id, Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def list_line(db: Session, session_ids: Sequence[UUID]) -> Sequence[Booking]:
    """Whoever waits on those dates, all their bookings, in the order of locks; held."""
    return db.scalars(
        select(Booking)
        .where(is_among(Booking.session_id, session_ids), Booking.status == BookingStatus.WAITING)
        .order_by(Booking.session_id, Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


class Held(NamedTuple):
    """A booking on a standing date of a bundle, or one that was left out of it."""

    series_id: UUID
    user_id: UUID
    session_id: UUID
    mode: SeatMode
    status: BookingStatus
    left_out: str


def list_held_to_come(db: Session, now: datetime) -> Sequence[Held]:
    """All that is held, or was left out, on the dates to come of every bundle, by person."""
    rows = db.execute(
        select(
            Series.id,
            Booking.user_id,
            Booking.session_id,
            Booking.mode,
            Booking.status,
            Booking.left_out,
        )
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .join(Series, Series.id == LearningSession.series_id)
        .where(
            Series.is_bundle,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at > now,
            (Booking.status != BookingStatus.CANCELLED) | (Booking.left_out != ""),
        )
        .order_by(LearningSession.series_id, Booking.user_id, Booking.session_id, Booking.id)
    )
    return [Held(*row) for row in rows]


def list_bundles_to_come(db: Session, now: datetime) -> Sequence[UUID]:
    """The bundles that have a date to come."""
    return db.scalars(
        select(Series.id)
        .join(LearningSession, LearningSession.series_id == Series.id)
        .where(
            Series.is_bundle,
            LearningSession.starts_at > now,
            LearningSession.cancelled_at.is_(None),
        )
        .distinct()
        .order_by(Series.id)
    ).all()


def list_dates_of(db: Session, series_ids: Iterable[UUID]) -> dict[UUID, list[LearningSession]]:
    """The standing dates of those series with their seats, in order of time, in one query."""
    found: dict[UUID, list[LearningSession]] = {one: [] for one in series_ids}
    if not found:
        return found
    for session in db.scalars(
        select(LearningSession)
        .where(LearningSession.series_id.in_(list(found)), LearningSession.cancelled_at.is_(None))
        .options(selectinload(LearningSession.pools))
        .order_by(LearningSession.starts_at, LearningSession.id)
    ):
        assert session.series_id is not None
        found[session.series_id].append(session)
    return found


def has_begun(db: Session, series: Series, now: datetime) -> bool:
    """Whether the first date that stands has begun; one at least must stand."""
    return list_dates_of(db, [series.id])[series.id][0].starts_at <= now


def list_left_out(db: Session, session_id: UUID) -> Sequence[Booking]:
    """Who misses this date though they follow the series, by name."""
    holds = select(Booking.user_id).where(
        Booking.session_id == session_id, Booking.status != BookingStatus.CANCELLED
    )
    found = db.scalars(
        select(Booking)
        .where(
            Booking.session_id == session_id,
            Booking.left_out != "",
            Booking.user_id.not_in(holds),
        )
        .options(joinedload(Booking.user))
        .order_by(Booking.cancelled_at, Booking.id)
    ).all()
    latest = {booking.user_id: booking for booking in found}
    return sorted(latest.values(), key=lambda b: (b.user.sort_name, b.id))


def list_lines_begun(db: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Dates to come of bundles whose first date has begun, at which somebody still waits."""
    begun = (
        select(LearningSession.series_id)
        .where(LearningSession.starts_at <= now, LearningSession.cancelled_at.is_(None))
        .scalar_subquery()
    )
    return db.scalars(
        select(LearningSession.id)
        .join(Series, Series.id == LearningSession.series_id)
        .where(
            Series.is_bundle,
            LearningSession.starts_at > now,
            LearningSession.series_id.in_(begun),
            LearningSession.id.in_(
                select(Booking.session_id).where(Booking.status == BookingStatus.WAITING)
            ),
        )
        .order_by(LearningSession.starts_at, LearningSession.id)
        .limit(limit)
    ).all()
