"""Every SELECT of signing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.queries import WHOLE
from tierslieu.attendance.models import NOBODY, Attendance, Presence
from tierslieu.attendance.queries import list_lines
from tierslieu.attendance.rules import OPENS_BEFORE, HalfDay
from tierslieu.attendance.signing.models import Manner, Signature, SigningChain, SigningMiss
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import list_active
from tierslieu.people.models import fold


@dataclass(frozen=True)
class Expected:
    """Who may sign at a session. ``key``: the account's identifier, or that of a guest's first
    line; ``user_id`` None for a guest."""

    key: UUID
    name: str
    email: str
    user_id: UUID | None
    mode: SeatMode


def list_expected(db: Session, session_id: UUID) -> list[Expected]:
    """Who has a seat or stands on the roll of any half-day, by name."""
    found: dict[UUID | str, Expected] = {}
    for booking in list_active(db, session_id):
        if booking.status is BookingStatus.CONFIRMED:
            user = booking.user
            found[user.id] = Expected(user.id, user.name, user.email, user.id, booking.mode)
    for line in list_lines(db, session_id):
        if line.user is not None:
            user = line.user
            expected = Expected(user.id, user.name, user.email, user.id, line.mode)
            found.setdefault(user.id, expected)
        elif not line.guest_email.endswith(NOBODY):
            guest = Expected(line.id, line.guest_name, line.guest_email, None, line.mode)
            found.setdefault(line.guest_email, guest)
    return sorted(found.values(), key=lambda one: (fold(one.name), one.key))


def find_place_chain(db: Session, session_id: UUID) -> SigningChain | None:
    """The chain of what is signed on the place's own pages."""
    return db.scalar(
        select(SigningChain).where(SigningChain.session_id == session_id, SigningChain.is_place)
    )


def list_signatures(
    db: Session, session_id: UUID, half_day: HalfDay | None = None
) -> Sequence[Signature]:
    """Every record of a session, or of one half-day, chain by chain."""
    wanted = (
        select(Signature)
        .join(Signature.chain)
        .where(SigningChain.session_id == session_id)
        .options(joinedload(Signature.line), joinedload(Signature.by))
        .order_by(SigningChain.is_place.desc(), Signature.chain_id, Signature.number)
    )
    if half_day is not None:
        wanted = wanted.where(Signature.day == half_day[0], Signature.half == half_day[1])
    return db.scalars(wanted).all()


def list_of_chain(db: Session, chain_id: UUID) -> Sequence[Signature]:
    """Every record of one chain, in its order."""
    return db.scalars(
        select(Signature)
        .where(Signature.chain_id == chain_id)
        .options(joinedload(Signature.line))
        .order_by(Signature.number)
    ).all()


def find_signature_of(
    db: Session, session_id: UUID, half_day: HalfDay, user_id: UUID
) -> Signature | None:
    """Their first signature of this half-day that they made themselves, whatever the device; none
    once the roll was corrected to their absence."""
    return db.scalar(
        select(Signature)
        .join(Signature.line)
        .where(
            Attendance.session_id == session_id,
            Attendance.user_id == user_id,
            Signature.day == half_day[0],
            Signature.half == half_day[1],
            Signature.manner != Manner.TEAM,
            Attendance.presence == Presence.PRESENT,
        )
        .order_by(Signature.signed_at, Signature.id)
        .limit(1)
    )


def list_signed_by(
    db: Session, session_id: UUID, half_day: HalfDay, one: Expected
) -> Sequence[Signature]:
    """Every record of this half-day about somebody on the list, the first first, whatever the
    device."""
    is_theirs = (
        Attendance.user_id == one.user_id
        if one.user_id is not None
        else Attendance.user_id.is_(None) & (Attendance.guest_email == one.email)
    )
    return db.scalars(
        select(Signature)
        .join(Signature.line)
        .where(
            Attendance.session_id == session_id,
            is_theirs,
            Signature.day == half_day[0],
            Signature.half == half_day[1],
        )
        .options(contains_eager(Signature.line))
        .order_by(Signature.signed_at, Signature.id)
        .execution_options(populate_existing=True)
    ).all()


def list_signatures_of(db: Session, user_id: UUID) -> Sequence[Signature]:
    """Everything this person signed or was noted by, and what they countersigned."""
    return db.scalars(
        select(Signature)
        .outerjoin(Signature.line)
        .where(
            (Attendance.user_id == user_id)
            | (Signature.by_id == user_id) & (Signature.manner == Manner.COUNTER)
        )
        .options(joinedload(Signature.chain), joinedload(Signature.line))
        .order_by(Signature.signed_at, Signature.id)
    ).all()


def list_open_for(db: Session, user_id: UUID, now: datetime) -> Sequence[LearningSession]:
    """The sessions on now, or nearly, at which this person has a seat or stands on the roll."""
    seat = select(Booking.id).where(
        Booking.session_id == LearningSession.id,
        Booking.user_id == user_id,
        Booking.status == BookingStatus.CONFIRMED,
    )
    line = select(Attendance.id).where(
        Attendance.session_id == LearningSession.id, Attendance.user_id == user_id
    )
    return db.scalars(
        select(LearningSession)
        .where(
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at <= now + OPENS_BEFORE,
            LearningSession.ends_at > now - OPENS_BEFORE,
            seat.exists() | line.exists(),
        )
        .options(*WHOLE)
        .order_by(LearningSession.starts_at, LearningSession.id)
    ).all()


def is_expected(db: Session, session_id: UUID, user_id: UUID) -> bool:
    """Whether this person has a seat at the session, or stands on its roll."""
    seat = select(Booking.id).where(
        Booking.session_id == session_id,
        Booking.user_id == user_id,
        Booking.status == BookingStatus.CONFIRMED,
    )
    line = select(Attendance.id).where(
        Attendance.session_id == session_id, Attendance.user_id == user_id
    )
    return bool(db.scalar(select(seat.exists() | line.exists())))


def count_misses(db: Session, user_id: UUID, since: datetime) -> int:
    """How many codes this person got wrong since then."""
    return db.scalars(
        select(func.count())
        .select_from(SigningMiss)
        .where(SigningMiss.user_id == user_id, SigningMiss.at > since)
    ).one()


def count_signed(db: Session, session_id: UUID, half_day: HalfDay) -> int:
    """How many lines of this half-day hold a signature."""
    day, half = half_day
    return db.scalars(
        select(func.count(Signature.attendance_id.distinct()))
        .join(Signature.chain)
        .where(SigningChain.session_id == session_id, Signature.day == day, Signature.half == half)
    ).one()
