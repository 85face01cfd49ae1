"""What is counted of attendance, and what must always hold of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from courses.enrolments.models import Enrolment
from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attendance.models import NOBODY, Attendance, Presence
from tierslieu.attendance.rules import half_days_between, list_half_days
from tierslieu.attendance.tallies import Presences, list_presences
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.house import EvidenceItem, Figure, Finding, Happening

FIRST = 3  # sessions about a step, of each person: one of them nearly always fulfils it


def _held_in(since: datetime, until: datetime) -> ColumnElement[bool]:
    return (LearningSession.ends_at >= since) & (LearningSession.ends_at < until)


def find_evidence(
    db: Session, user_ids: Sequence[UUID], step_ids: Sequence[UUID]
) -> Iterable[EvidenceItem]:
    """Who was there for which step.

    A step is fulfilled by presence at every half-day of one session about it: half of a day is
    half of what the step asks. It counts from the end of the first such session. When a path is
    published anew, a session about a step of one version counts for the same step in the others, so
    that nobody is asked to come twice.
    """
    asked = {
        step.id: (path_id, step.key)
        for step, path_id in db.execute(
            select(Step, PathVersion.path_id)
            .join(PathVersion, PathVersion.id == Step.version_id)
            .where(Step.id.in_(step_ids))
            .order_by(Step.id)
        )
    }
    steps: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for step_id, about in asked.items():
        steps[about].append(step_id)
    paths = {path_id for path_id, _key in asked.values()}
    found, begun = _first_whole(list_presences(db, user_ids, paths, first=FIRST))
    if begun:  # they were at the first of their sessions for half of them only
        more, _begun = _first_whole(list_presences(db, sorted(begun), paths))
        found = more | found
    for (user_id, path_id, key), one in found.items():
        for step_id in steps[path_id, key]:
            yield EvidenceItem(user_id, step_id, one.ends_at, f"session:{one.id}", one.title)


def _first_whole(
    presences: Iterable[Presences],
) -> tuple[dict[tuple[UUID, UUID, str], Presences], set[UUID]]:
    """By person, path and step, the first session somebody was at from its beginning to its end;
    and those who were at so many as were read, and at none of them so."""
    found: dict[tuple[UUID, UUID, str], Presences] = {}
    others: Counter[tuple[UUID, UUID, str]] = Counter()
    for one in presences:
        key = (one.user_id, one.path_id, one.key)
        if key in found:
            continue
        if one.half_days >= len(half_days_between(one.starts_local, one.ends_local)):
            found[key] = one
        else:
            others[key] += 1
    return found, {key[0] for key, count in others.items() if count >= FIRST and key not in found}


def list_dated(db: Session, since: datetime, until: datetime) -> list[UUID]:
    """Who was at a session about a step that ended in [since, until), once."""
    found = db.scalars(
        select(Attendance.user_id)
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(
            Attendance.presence == Presence.PRESENT,
            LearningSession.step_id.is_not(None),
            _held_in(since, until),
        )
        .distinct()
        .order_by(Attendance.user_id)
    )
    return [user_id for user_id in found if user_id is not None]


def find_after_session(db: Session, since: datetime, until: datetime) -> Iterable[Happening]:
    """Each person with an account who was there, at the end of each session of the period."""
    rows = db.execute(
        select(
            Attendance.user_id,
            LearningSession.id,
            LearningSession.ends_at,
            LearningSession.title,
            PathVersion.path_id,
        )
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .outerjoin(LearningSession.step)
        .outerjoin(Step.version)
        .where(
            Attendance.user_id.is_not(None),
            Attendance.presence == Presence.PRESENT,
            _held_in(since, until),
        )
        .distinct()
        .order_by(LearningSession.ends_at, LearningSession.id, Attendance.user_id)
    )
    for user_id, session_id, ends_at, title, path_id in rows:
        assert user_id is not None
        yield Happening(user_id, ends_at, f"session:{session_id}", title, path_id)


def research_rows(
    db: Session, user_ids: Sequence[UUID]
) -> Iterable[tuple[UUID, datetime, Sequence[Any]]]:
    """One row for each half-day noted, in the order of time."""
    lines = db.scalars(
        select(Attendance)
        .join(Attendance.session)
        .where(is_among(Attendance.user_id, user_ids))
        .options(
            joinedload(Attendance.session)
            .joinedload(LearningSession.step)
            .joinedload(Step.version)
            .joinedload(PathVersion.path)
        )
        .order_by(LearningSession.starts_at, Attendance.day, Attendance.half, Attendance.id)
    )
    for line in lines:
        if line.user_id is None:
            continue
        session = line.session
        path = session.step.version.path.slug if session.step else ""
        values = (path, line.half.value, line.mode.value, line.presence.value, line.walked_in)
        yield line.user_id, session.starts_at, values


def half_days(db: Session, since: datetime, until: datetime) -> Figure:
    """Half-days attended at sessions that ended in the period, guests without account too."""
    count = db.scalars(
        select(func.count(Attendance.id))
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(Attendance.presence == Presence.PRESENT, _held_in(since, until))
    ).one()
    return Figure(count)


def no_shows(db: Session, since: datetime, until: datetime) -> Figure:
    """Seats booked and kept by people who neither came nor said so, where the roll was called.

    Once its names are forgotten, a roll tells who had booked by its lines alone.
    """
    lines = select(Attendance.id).where(Attendance.session_id == Booking.session_id)
    seen = lines.where(
        Attendance.user_id == Booking.user_id,
        Attendance.presence.in_((Presence.PRESENT, Presence.EXCUSED)),
    )
    named = lines.where(Attendance.guest_email.not_like(f"%{NOBODY}")).exists()
    kept = (
        select(func.count(Booking.id))
        .join(LearningSession, LearningSession.id == Booking.session_id)
        .where(Booking.status == BookingStatus.CONFIRMED, _held_in(since, until), named)
    )
    empty, nobodies = _nobodies(db, since, until)
    missed = db.scalars(kept.where(~seen.exists())).one()
    return Figure(missed + empty, db.scalars(kept).one() + nobodies)


def _nobodies(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Of rolls without names: who had booked and was at none of it unexcused, and all of them."""
    came = case((Attendance.presence != Presence.ABSENT, 1), else_=0)
    people = (
        select(func.max(came).label("came"))
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(
            Attendance.guest_email.like(f"%{NOBODY}"),
            Attendance.walked_in.is_(False),
            _held_in(since, until),
        )
        .group_by(Attendance.session_id, Attendance.guest_email)
        .subquery()
    )
    total = db.scalars(select(func.count()).select_from(people)).one()
    return total - (db.scalars(select(func.sum(people.c.came))).one() or 0), total


def list_came(db: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """(person, path) of the enrolments begun in [since, until) of who was present at a half-day
    about a step of that path, once."""
    rows = db.execute(
        select(Enrolment.user_id, Enrolment.path_id)
        .join(PathVersion, PathVersion.path_id == Enrolment.path_id)
        .join(Step, Step.version_id == PathVersion.id)
        .join(LearningSession, LearningSession.step_id == Step.id)
        .join(
            Attendance,
            (Attendance.session_id == LearningSession.id)
            & (Attendance.user_id == Enrolment.user_id),
        )
        .where(
            Attendance.presence == Presence.PRESENT,
            Enrolment.started_at >= since,
            Enrolment.started_at < until,
        )
        .distinct()
        .order_by(Enrolment.path_id, Enrolment.user_id)
    )
    return [(row[0], row[1]) for row in rows]


def check_half_days(db: Session) -> Finding:
    """Each line is of a half-day its session has, and of nobody before the session was near."""
    lines = db.scalars(
        select(Attendance).options(joinedload(Attendance.session)).order_by(Attendance.id)
    ).all()
    wrong = [
        f"attendance {line.id}: not a half-day of session {line.session_id}"
        for line in lines
        if (line.day, line.half) not in list_half_days(line.session)
    ]
    return Finding(len(lines), wrong)


def check_arrivals(db: Session) -> Finding:
    """Who is present has an arrival, who isn't has none."""
    odd = db.scalars(
        select(Attendance.id)
        .where((Attendance.presence == Presence.PRESENT) != Attendance.arrived_at.is_not(None))
        .order_by(Attendance.id)
    ).all()
    total = db.scalars(select(func.count(Attendance.id))).one()
    return Finding(total, [f"attendance {line}: presence and arrival differ" for line in odd])


def check_corrections(db: Session) -> Finding:
    """A line says what its last correction says, and each correction starts where one ended."""
    lines = db.scalars(
        select(Attendance)
        .where(Attendance.changes.any())
        .options(selectinload(Attendance.changes))
        .order_by(Attendance.id)
    ).all()
    wrong = []
    for line in lines:
        said = [*((change.was, change.was_mode) for change in line.changes[1:])]
        became = [(change.became, change.became_mode) for change in line.changes]
        if [*said, (line.presence, line.mode)] != became:
            wrong.append(f"attendance {line.id}: its corrections do not lead to what it says")
    return Finding(len(lines), wrong)
