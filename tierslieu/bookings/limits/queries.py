"""Reading the rule and the limits it led to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from tierslieu.agenda.models import LearningSession, Series
from tierslieu.bookings.models import (
    Booking,
    BookingLimit,
    BookingStatus,
    InvitationState,
    MissedRule,
    SeatInvitation,
)
from tierslieu.people.models import User


def find_rule(db: Session) -> MissedRule | None:
    """The rule, if the team has set one and it stands."""
    return db.scalar(select(MissedRule).where(MissedRule.is_on))


def find_limit(db: Session, user_id: UUID, now: datetime) -> BookingLimit | None:
    """What limits this person now, if anything does."""
    return db.scalar(
        select(BookingLimit)
        .where(
            BookingLimit.user_id == user_id,
            BookingLimit.until > now,
            BookingLimit.lifted_at.is_(None),
        )
        .order_by(BookingLimit.until.desc(), BookingLimit.id)
        .limit(1)
    )


def hold_limit(db: Session, user_id: UUID, now: datetime) -> bool:
    """Hold what limits this person now, before anything else that a booking holds: of what they
    book at once, one after the other is counted. Says whether there is such a limit."""
    found = db.execute(
        select(BookingLimit.id)
        .where(BookingLimit.user_id == user_id, *_standing(now))  # type: ignore[arg-type]
        .order_by(BookingLimit.id)
        .with_for_update()
    ).all()
    return bool(found)


def find_latest(db: Session, user_id: UUID) -> BookingLimit | None:
    """The last that this person had, over, lifted or not."""
    return db.scalar(
        select(BookingLimit)
        .where(BookingLimit.user_id == user_id)
        .order_by(BookingLimit.since.desc(), BookingLimit.id)
        .limit(1)
    )


def list_limits_of(db: Session, user_id: UUID) -> Sequence[BookingLimit]:
    """All that this person ever had, the first first."""
    return db.scalars(
        select(BookingLimit)
        .where(BookingLimit.user_id == user_id)
        .order_by(BookingLimit.since, BookingLimit.id)
    ).all()


def _standing(now: datetime) -> tuple[object, ...]:
    return (BookingLimit.until > now, BookingLimit.lifted_at.is_(None))


def count_limits(db: Session, now: datetime) -> int:
    """How many limits hold now."""
    query = select(func.count()).select_from(BookingLimit)
    return db.scalar(query.where(*_standing(now))) or 0  # type: ignore[arg-type]


def list_limits(db: Session, now: datetime, offset: int, limit: int) -> Sequence[BookingLimit]:
    """The limits that hold now, by name."""
    # Joined from the left, though each has its person: else SQLite, which has an index of names,
    # would go through the whole place by name and look for a limit of each.
    return db.scalars(
        select(BookingLimit)
        .outerjoin(BookingLimit.user)
        .where(*_standing(now))  # type: ignore[arg-type]
        .options(contains_eager(BookingLimit.user))
        .order_by(User.sort_name, BookingLimit.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count_ahead(db: Session, user_id: UUID, now: datetime) -> int:
    """How many bookings this person has ahead, places in line too; a bundle is one."""
    one = func.coalesce(Series.id, Booking.session_id)
    return (
        db.scalar(
            select(func.count(one.distinct()))
            .select_from(Booking)
            .join(LearningSession, LearningSession.id == Booking.session_id)
            .outerjoin(Series, (Series.id == LearningSession.series_id) & Series.is_bundle)
            .where(
                Booking.user_id == user_id,
                Booking.status != BookingStatus.CANCELLED,
                LearningSession.cancelled_at.is_(None),
                LearningSession.starts_at > now,
            )
        )
        or 0
    )


def count_kept_ahead(db: Session, user_id: UUID, now: datetime) -> int:
    """How many seats this person keeps for colleagues at sessions to come."""
    return (
        db.scalar(
            select(func.count())
            .select_from(SeatInvitation)
            .join(LearningSession, LearningSession.id == SeatInvitation.session_id)
            .where(
                SeatInvitation.invited_by_id == user_id,
                SeatInvitation.state == InvitationState.HELD,
                SeatInvitation.held_until > now,
                LearningSession.cancelled_at.is_(None),
                LearningSession.starts_at > now,
            )
        )
        or 0
    )


def list_over(db: Session, before: datetime, most: int) -> Sequence[BookingLimit]:
    """Limits that were over before then, the first first."""
    return db.scalars(
        select(BookingLimit)
        .where(BookingLimit.until < before)
        .order_by(BookingLimit.until, BookingLimit.id)
        .limit(most)
    ).all()
