"""Who came in a year, from where, to what: counts of people before anything is hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.evaluation.yearly.models import YearlyReport
from tierslieu.people.models import Profile

POSSIBLE = range(2000, 2200)  # an address may hold any number; a column may not


def find_report(db: Session, year: int) -> YearlyReport | None:
    """The report of a year, published or in preparation."""
    return db.get(YearlyReport, year) if year in POSSIBLE else None


def list_reports(db: Session) -> Sequence[YearlyReport]:
    """Every report, the latest year first."""
    return db.scalars(select(YearlyReport).order_by(YearlyReport.year.desc())).all()


def first_instant(db: Session) -> datetime | None:
    """When the first session was held or the first path begun."""
    found = [
        db.scalar(select(func.min(LearningSession.starts_at))),
        db.scalar(select(func.min(Enrolment.started_at))),
    ]
    return min((one for one in found if one is not None), default=None)


def list_people(db: Session, since: datetime, until: datetime) -> list[UUID]:
    """Who began a path or was at a session in [since, until), each once."""
    began = select(Enrolment.user_id).where(
        Enrolment.started_at >= since, Enrolment.started_at < until
    )
    came = (
        select(Attendance.user_id)
        .join(Attendance.session)
        .where(
            Attendance.user_id.is_not(None),
            Attendance.presence == Presence.PRESENT,
            LearningSession.starts_at >= since,
            LearningSession.starts_at < until,
        )
    )
    both = union(began, came).subquery()
    return [one for one in db.scalars(select(both.c[0]).order_by(both.c[0])) if one is not None]


def list_profiles_of(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """The profiles of these people that have one."""
    wanted = set(user_ids)
    found = db.scalars(select(Profile).order_by(Profile.user_id))
    return {one.user_id: one for one in found if one.user_id in wanted}


def count_begun(db: Session, since: datetime, until: datetime) -> dict[str, int]:
    """How many people began each path in [since, until), by its title."""
    rows = db.execute(
        select(Path.title, func.count(Enrolment.user_id.distinct()))
        .join(Enrolment, Enrolment.path_id == Path.id)
        .where(Enrolment.started_at >= since, Enrolment.started_at < until)
        .group_by(Path.id, Path.title)
        .order_by(Path.title, Path.id)
    )
    return {row[0]: row[1] for row in rows}


def count_present(db: Session, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """How many people were at each session in [since, until): by what it belongs to (a series, or
    nothing) and its title."""
    rows = db.execute(
        select(
            LearningSession.series_id,
            LearningSession.title,
            Attendance.user_id,
            Attendance.guest_email,
        )
        .join(Attendance.session)
        .where(
            Attendance.presence == Presence.PRESENT,
            LearningSession.starts_at >= since,
            LearningSession.starts_at < until,
        )
        .distinct()
        .order_by(LearningSession.title)
    )
    seen: Counter[tuple[str, str]] = Counter()
    for series_id, title, _user, _guest in rows:
        seen[str(series_id or ""), title] += 1
    return dict(seen)
