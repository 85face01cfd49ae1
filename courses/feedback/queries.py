"""Every SELECT of the reports on the courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.paths.models import Path, PathVersion, Step
from tierslieu.people.models import User


@dataclass(frozen=True)
class Filter:
    """Which reports: None is any. The page and the CSV use the same one, so that they agree."""

    path: str | None = None  # slug
    kind: FeedbackKind | None = None
    state: FeedbackState | None = None


def _filtered(query: Any, wanted: Filter) -> Any:
    query = (
        query.join(Step, Step.id == CourseFeedback.step_id)
        .join(PathVersion, PathVersion.id == Step.version_id)
        .join(Path, Path.id == PathVersion.path_id)
    )
    if wanted.path is not None:
        query = query.where(Path.slug == wanted.path)
    if wanted.kind is not None:
        query = query.where(CourseFeedback.kind == wanted.kind)
    if wanted.state is not None:
        query = query.where(CourseFeedback.state == wanted.state)
    return query


_WHOLE = (
    contains_eager(CourseFeedback.step)
    .contains_eager(Step.version)
    .contains_eager(PathVersion.path),
    selectinload(CourseFeedback.events),
)


def count_reports(db: Session, wanted: Filter) -> int:
    """How many reports there are of those."""
    return db.scalar(_filtered(select(func.count(CourseFeedback.id)), wanted)) or 0


def list_reports(
    db: Session, wanted: Filter, *, limit: int | None = None, offset: int = 0
) -> list[CourseFeedback]:
    """Those reports with step, path and history, newest first."""
    return list(
        db.scalars(
            _filtered(select(CourseFeedback), wanted)
            .order_by(CourseFeedback.created_at.desc(), CourseFeedback.id.desc())
            .limit(limit)
            .offset(offset)
            .options(*_WHOLE)
        )
    )


def count_by_step(db: Session, wanted: Filter) -> list[tuple[Path, Step, int]]:
    """How many reports each step got, most first: where to look."""
    count = func.count(CourseFeedback.id)
    rows = db.execute(
        _filtered(select(Path, Step, count).select_from(CourseFeedback), wanted)
        # By the keys: PostgreSQL can't compare the JSON of the rest, and need not.
        .group_by(Path.id, Step.id)
        .order_by(count.desc(), Path.position, Step.position, Step.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def find_report(db: Session, report_id: UUID) -> CourseFeedback | None:
    """One report with step, path and history, as it is now; or None."""
    found: CourseFeedback | None = db.scalar(
        _filtered(select(CourseFeedback), Filter())
        .where(CourseFeedback.id == report_id)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )
    return found


def list_neighbours(db: Session, report: CourseFeedback, limit: int = 8) -> list[CourseFeedback]:
    """Other reports on the same step, newest first: perhaps the same thing seen by others."""
    return list(
        db.scalars(
            _filtered(select(CourseFeedback), Filter())
            .where(CourseFeedback.step_id == report.step_id, CourseFeedback.id != report.id)
            .order_by(CourseFeedback.created_at.desc(), CourseFeedback.id.desc())
            .limit(limit)
            .options(*_WHOLE)
        )
    )


def find_oldest_new(db: Session, but: UUID) -> CourseFeedback | None:
    """The new report that has waited longest, other than ``but``; None when all are read."""
    found: CourseFeedback | None = db.scalar(
        select(CourseFeedback)
        .where(CourseFeedback.state == FeedbackState.NEW, CourseFeedback.id != but)
        .order_by(CourseFeedback.created_at, CourseFeedback.id)
        .limit(1)
    )
    return found


def find_same_report(
    db: Session, author_id: UUID, step_id: UUID, body: str
) -> CourseFeedback | None:
    """The report this person already made in the same words about the same step, or None."""
    return db.scalar(
        select(CourseFeedback)
        .where(
            CourseFeedback.author_id == author_id,
            CourseFeedback.step_id == step_id,
            CourseFeedback.body == body,
        )
        .order_by(CourseFeedback.created_at)
        .limit(1)
    )


def list_reports_of(db: Session, user_ids: Sequence[UUID]) -> list[CourseFeedback]:
    """The reports of those people, newest first."""
    if not user_ids:
        return []
    return list(
        db.scalars(
            _filtered(select(CourseFeedback), Filter())
            .where(CourseFeedback.author_id.in_(user_ids))
            .order_by(CourseFeedback.created_at.desc(), CourseFeedback.id.desc())
            .options(*_WHOLE)
        )
    )


def count_received(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the reports received in [since, until): how many are handled, how many in all."""
    received = (CourseFeedback.created_at >= since, CourseFeedback.created_at < until)
    total = db.scalar(select(func.count(CourseFeedback.id)).where(*received)) or 0
    new = (
        db.scalar(
            select(func.count(CourseFeedback.id)).where(
                *received, CourseFeedback.state == FeedbackState.NEW
            )
        )
        or 0
    )
    return total - new, total


def name_people(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of the facilitators in a history."""
    rows = db.execute(select(User.id, User.name).where(User.id.in_(user_ids)).order_by(User.id))
    return {row[0]: row[1] for row in rows}
