"""Every SELECT of attendance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import String, case, cast, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attendance.models import (
    Attendance,
    AttendanceChange,
    AttendanceRecord,
    Half,
    Presence,
    span_of,
)
from tierslieu.attention import Among
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.people.models import User


def list_lines(db: Session, session_id: UUID) -> Sequence[Attendance]:
    """The whole roll of a session, half-day by half-day."""
    return db.scalars(
        select(Attendance)
        .where(Attendance.session_id == session_id)
        .options(joinedload(Attendance.user), joinedload(Attendance.noted_by))
        .order_by(Attendance.day, Attendance.half, Attendance.id)
    ).all()


def list_records(
    db: Session, session_id: UUID, nonces: Sequence[UUID]
) -> dict[UUID, AttendanceRecord]:
    """Which of these nonces were noted at this session, each with its line of the roll."""
    found = db.scalars(
        select(AttendanceRecord)
        .where(AttendanceRecord.session_id == session_id, AttendanceRecord.nonce.in_(nonces))
        .options(joinedload(AttendanceRecord.attendance))
        .order_by(AttendanceRecord.nonce)
    )
    return {record.nonce: record for record in found}


def list_present(db: Session, session_id: UUID) -> list[UUID]:
    """Who with an account was there for at least one half-day of this session."""
    return list(
        db.scalars(
            select(Attendance.user_id)
            .where(
                Attendance.session_id == session_id,
                Attendance.presence == Presence.PRESENT,
                Attendance.user_id.is_not(None),
            )
            .distinct()
            .order_by(Attendance.user_id)
        )
    )


def count_half_days(
    db: Session, user_ids: Sequence[UUID], path_id: UUID | None = None
) -> dict[UUID, int]:
    """Half-days attended, by person (0 is given too); only of sessions of that path, if given."""
    counted = (
        select(Attendance.user_id, func.count())
        .where(is_among(Attendance.user_id, user_ids), Attendance.presence == Presence.PRESENT)
        .group_by(Attendance.user_id)
    )
    if path_id is not None:
        counted = (
            counted.join(LearningSession, LearningSession.id == Attendance.session_id)
            .join(Step, Step.id == LearningSession.step_id)
            .join(PathVersion, PathVersion.id == Step.version_id)
            .where(PathVersion.path_id == path_id)
        )
    counts = dict.fromkeys(user_ids, 0)
    counts.update({user_id: count for user_id, count in db.execute(counted) if user_id})
    return counts


@dataclass(frozen=True)
class Attended:
    """A half-day somebody was at: of which path, if any; how long it lasted; when it was over."""

    user_id: UUID
    path_id: UUID | None
    hours: float
    at: datetime


def list_attended(db: Session, user_ids: Sequence[UUID]) -> list[Attended]:
    """Every half-day those people were present at, in the order of time.

    Its hours are those of the session that fall in that half of the day.
    """
    rows = db.execute(
        select(
            Attendance.user_id,
            PathVersion.path_id,
            Attendance.day,
            Attendance.half,
            LearningSession.starts_local,
            LearningSession.ends_local,
            LearningSession.ends_at,
        )
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .outerjoin(Step, Step.id == LearningSession.step_id)
        .outerjoin(PathVersion, PathVersion.id == Step.version_id)
        .where(is_among(Attendance.user_id, user_ids), Attendance.presence == Presence.PRESENT)
        .order_by(LearningSession.ends_at, Attendance.day, Attendance.half, Attendance.id)
    )
    return [
        Attended(user_id, path_id, hours_of(day, half, starts, ends), at)
        for user_id, path_id, day, half, starts, ends, at in rows
        if user_id is not None
    ]


def hours_of(day: date, half: Half, starts: datetime, ends: datetime) -> float:
    """How much of a session falls in this half of that day."""
    span = span_of(day, half, starts, ends)
    return (span[1] - span[0]) / timedelta(hours=1) if span else 0.0


def list_known(db: Session, user_ids: Sequence[UUID], before: UUID) -> set[UUID]:
    """Who of those was already seen at another session than ``before``, that began earlier."""
    this = select(LearningSession.starts_at).where(LearningSession.id == before).scalar_subquery()
    return set(
        db.scalars(
            select(Attendance.user_id)
            .join(LearningSession, LearningSession.id == Attendance.session_id)
            .where(
                is_among(Attendance.user_id, user_ids),
                Attendance.presence == Presence.PRESENT,
                LearningSession.starts_at < this,
            )
            .distinct()
        )
    ) - {None}  # type: ignore[return-value]


def list_changes(db: Session, session_id: UUID) -> Sequence[AttendanceChange]:
    """Every correction of a session's roll, the latest first."""
    return db.scalars(
        select(AttendanceChange)
        .join(AttendanceChange.line)
        .where(Attendance.session_id == session_id)
        .options(
            contains_eager(AttendanceChange.line).joinedload(Attendance.user),
            joinedload(AttendanceChange.by),
        )
        .order_by(AttendanceChange.at.desc(), AttendanceChange.id.desc())
    ).all()


def list_lines_of(db: Session, user_id: UUID) -> Sequence[Attendance]:
    """Every line of this person on any roll with its corrections, in the order of time."""
    return db.scalars(
        select(Attendance)
        .join(Attendance.session)
        .where(Attendance.user_id == user_id)
        .options(
            joinedload(Attendance.session),
            selectinload(Attendance.changes).joinedload(AttendanceChange.by),
        )
        .order_by(LearningSession.starts_at, Attendance.day, Attendance.half)
    ).all()


def count_roll(db: Session, session_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each session whose roll was called: how many people were there at any time, of how
    many noted."""
    person = func.coalesce(cast(Attendance.user_id, String), Attendance.guest_email)
    present = case((Attendance.presence == Presence.PRESENT, person))
    rows = db.execute(
        select(
            Attendance.session_id,
            func.count(present.distinct()),
            func.count(person.distinct()),
        )
        .where(is_among(Attendance.session_id, session_ids))
        .group_by(Attendance.session_id)
    )
    return {session_id: (came, noted) for session_id, came, noted in rows}


def latest_presences(db: Session, among: Among = None) -> dict[UUID, datetime]:
    """The last session at which somebody was, by person; of those alone if some are given."""
    query = (
        select(Attendance.user_id, func.max(LearningSession.starts_at))
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(Attendance.presence == Presence.PRESENT, Attendance.user_id.is_not(None))
        .group_by(Attendance.user_id)
    )
    if among is not None:
        query = query.where(is_among(Attendance.user_id, among))
    return {person_id: at for person_id, at in db.execute(query) if person_id is not None}


def list_missed(
    db: Session, since: datetime, until: datetime, among: Among = None
) -> dict[UUID, list[LearningSession]]:
    """The sessions that ended then at which somebody held a seat and the roll says absent
    at every half-day, by person, in order of time; of those people alone if some are given."""
    there = (
        select(Attendance.id)
        .where(
            Attendance.session_id == Booking.session_id,
            Attendance.user_id == Booking.user_id,
            Attendance.presence != Presence.ABSENT,
        )
        .exists()
    )
    absent = (
        select(Attendance.id)
        .where(
            Attendance.session_id == Booking.session_id,
            Attendance.user_id == Booking.user_id,
            Attendance.presence == Presence.ABSENT,
        )
        .exists()
    )
    rows = db.execute(
        select(Booking.user_id, LearningSession)
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .join(User, User.id == Booking.user_id)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.cancelled_at.is_(None),
            LearningSession.ends_at > since,
            LearningSession.ends_at <= until,
            User.active.is_(True),
            is_among(Booking.user_id, among) if among is not None else true(),
            absent,
            ~there,
        )
        .order_by(LearningSession.starts_at, LearningSession.id, Booking.user_id)
    )
    found: dict[UUID, list[LearningSession]] = defaultdict(list)
    for user_id, session in rows:
        found[user_id].append(session)
    return found
