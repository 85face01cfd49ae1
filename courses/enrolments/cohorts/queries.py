"""Every SELECT of the cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from courses.enrolments.models import Cohort, Enrolment, EnrolmentStatus

_WHOLE = (joinedload(Cohort.path), joinedload(Cohort.facilitator))


def find_cohort(db: Session, cohort_id: UUID) -> Cohort | None:
    """One cohort with its path and who is in charge."""
    return db.scalar(select(Cohort).where(Cohort.id == cohort_id).options(*_WHOLE))


def list_cohorts(db: Session, path_id: UUID) -> Sequence[Cohort]:
    """The cohorts of a path, the latest first."""
    return db.scalars(
        select(Cohort)
        .where(Cohort.path_id == path_id)
        .order_by(Cohort.starts_on.desc(), Cohort.title, Cohort.id)
        .options(*_WHOLE)
    ).all()


def list_joinable(db: Session, path_id: UUID, today: date) -> Sequence[Cohort]:
    """The cohorts of a path that one may join oneself, the earliest first."""
    return db.scalars(
        select(Cohort)
        .where(Cohort.path_id == path_id, Cohort.is_open, Cohort.ends_on >= today)
        .order_by(Cohort.starts_on, Cohort.title, Cohort.id)
        .options(*_WHOLE)
    ).all()


def count_members(db: Session, cohort_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many follow their path with each of those cohorts; nobody: left out."""
    rows = db.execute(
        select(Enrolment.cohort_id, func.count())
        .where(Enrolment.cohort_id.in_(cohort_ids), Enrolment.status != EnrolmentStatus.STOPPED)
        .group_by(Enrolment.cohort_id)
        .order_by(Enrolment.cohort_id)
    )
    return {cohort_id: count for cohort_id, count in rows if cohort_id is not None}
