"""Every SELECT of the reports on the courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from courses.feedback.models import (
    CourseFeedback,
    FeedbackEvent,
    FeedbackKind,
    FeedbackState,
    MeToo,
)
from courses.paths.models import Path, PathVersion, Step
from tierslieu.among import is_among
from tierslieu.people.models import FACILITATOR, User


@dataclass(frozen=True)
class Filter:
    """Which reports: None is any. The page and the CSV use the same one, so that they agree."""

    path: str | None = None  # slug
    kind: FeedbackKind | None = None
    state: FeedbackState | None = None
    with_merged: bool = False  # a duplicate counts once: in the report it was merged into


def filtered(query: Any, wanted: Filter) -> Any:
    """The query narrowed to those reports, with their step, version and path joined."""
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
    if not wanted.with_merged:
        query = query.where(CourseFeedback.merged_into_id.is_(None))
    return query


_EVERY = Filter(with_merged=True)


_WHOLE = (
    contains_eager(CourseFeedback.step)
    .contains_eager(Step.version)
    .contains_eager(PathVersion.path),
    selectinload(CourseFeedback.events),
    selectinload(CourseFeedback.me_too),
    selectinload(CourseFeedback.duplicates),
    selectinload(CourseFeedback.merged_into),
)


def whole() -> tuple[Any, ...]:
    """What comes with a report in a filtered query: step, path, history, who else saw it."""
    return _WHOLE


# What others on the step may read: somebody of the team has read it, and shows it.
OPEN_TO_OTHERS = (
    CourseFeedback.is_shown.is_(True),
    CourseFeedback.state.in_((FeedbackState.CONFIRMED, FeedbackState.SENT)),
)


def count_reports(db: Session, wanted: Filter) -> int:
    """How many reports there are of those."""
    return db.scalar(filtered(select(func.count(CourseFeedback.id)), wanted)) or 0


def count_written(db: Session, author_id: UUID, since: datetime) -> int:
    """How many reports this person sent since then."""
    query = select(func.count(CourseFeedback.id)).where(
        CourseFeedback.author_id == author_id, CourseFeedback.created_at > since
    )
    return db.scalar(query) or 0


def list_reports(
    db: Session, wanted: Filter, *, limit: int | None = None, offset: int = 0
) -> list[CourseFeedback]:
    """Those reports with step, path and history, newest first."""
    return list(
        db.scalars(
            filtered(select(CourseFeedback), wanted)
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
        filtered(select(Path, Step, count).select_from(CourseFeedback), wanted)
        # By the keys: PostgreSQL can't compare the JSON of the rest, and need not.
        .group_by(Path.id, Step.id)
        .order_by(count.desc(), Path.position, Step.position, Step.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def find_report(db: Session, report_id: UUID) -> CourseFeedback | None:
    """One report with step, path and history, as it is now; or None."""
    found: CourseFeedback | None = db.scalar(
        filtered(select(CourseFeedback), _EVERY)
        .where(CourseFeedback.id == report_id)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )
    return found


def list_neighbours(db: Session, report: CourseFeedback, limit: int = 8) -> list[CourseFeedback]:
    """Other reports on the same step in any version of its path, newest first: perhaps the same
    thing seen by others."""
    return list(
        db.scalars(
            filtered(select(CourseFeedback), Filter())
            .where(*same_step(report.step), CourseFeedback.id != report.id)
            .order_by(CourseFeedback.created_at.desc(), CourseFeedback.id.desc())
            .limit(limit)
            .options(*_WHOLE)
        )
    )


def same_step(step: Step) -> tuple[Any, Any]:
    """That it is about this step, whichever version of its path: for a filtered query."""
    return PathVersion.path_id == step.version.path_id, Step.key == step.key


def list_shown(db: Session, step: Step, limit: int = 12) -> list[CourseFeedback]:
    """The open reports on a step that others may read, those that most saw first."""
    saw = select(func.count(MeToo.id)).where(MeToo.feedback_id == CourseFeedback.id)
    return list(
        db.scalars(
            filtered(select(CourseFeedback), Filter())
            .where(*same_step(step), *OPEN_TO_OTHERS)
            .order_by(
                saw.correlate(CourseFeedback).scalar_subquery().desc(),
                CourseFeedback.created_at.desc(),
                CourseFeedback.id.desc(),
            )
            .limit(limit)
            .options(*_WHOLE)
        )
    )


def find_shown(db: Session, report_id: UUID) -> CourseFeedback | None:
    """An open report that others may read, as it is now; None for any other."""
    found: CourseFeedback | None = db.scalar(
        filtered(select(CourseFeedback), Filter())
        .where(CourseFeedback.id == report_id, *OPEN_TO_OTHERS)
        .options(*_WHOLE)
        .execution_options(populate_existing=True)
    )
    return found


def find_me_too(db: Session, report_id: UUID, user_id: UUID) -> MeToo | None:
    """What this person said of that report, or None."""
    return db.scalar(select(MeToo).where(MeToo.feedback_id == report_id, MeToo.user_id == user_id))


def list_me_too_of(db: Session, user_id: UUID) -> list[tuple[MeToo, CourseFeedback]]:
    """Where this person said «moi aussi», with those reports, newest first."""
    rows = db.execute(
        filtered(
            select(MeToo, CourseFeedback).join(
                CourseFeedback, CourseFeedback.id == MeToo.feedback_id
            ),
            _EVERY,
        )
        .where(MeToo.user_id == user_id)
        .order_by(MeToo.at.desc(), MeToo.id.desc())
        .options(*_WHOLE)
    )
    return [(row[0], row[1]) for row in rows]


def find_pictured(db: Session, report_id: UUID, user: User) -> CourseFeedback | None:
    """The report whose screenshot this person may see: the team's every one, one's own."""
    query = select(CourseFeedback).where(
        CourseFeedback.id == report_id, CourseFeedback.picture_id.is_not(None)
    )
    if not user.holds(FACILITATOR):
        query = query.where(CourseFeedback.author_id == user.id)
    return db.scalar(query)


def list_days_to_fix(
    db: Session, *, path: str | None = None, since: datetime | None = None, until: datetime
) -> list[float]:
    """For each report that is fixed, and was in [since, until): the days from its arrival to when
    the team noted it fixed. Duplicates count once, in the report they were merged into."""
    fixed_at = func.max(FeedbackEvent.at)
    query = (
        filtered(
            select(CourseFeedback.created_at, fixed_at).join(
                FeedbackEvent, FeedbackEvent.feedback_id == CourseFeedback.id
            ),
            Filter(path=path, state=FeedbackState.FIXED),
        )
        .where(FeedbackEvent.to_state == FeedbackState.FIXED)
        .group_by(CourseFeedback.id, CourseFeedback.created_at)
        .having(fixed_at < until)
        .order_by(fixed_at, CourseFeedback.id)
    )
    if since is not None:
        query = query.having(fixed_at >= since)
    return [(fixed - received).total_seconds() / 86_400 for received, fixed in db.execute(query)]


def count_fixed(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the reports received in [since, until): how many are fixed by now, how many in all;
    duplicates once."""
    received = select(func.count(CourseFeedback.id)).where(
        CourseFeedback.created_at >= since,
        CourseFeedback.created_at < until,
        CourseFeedback.merged_into_id.is_(None),
    )
    fixed = received.where(CourseFeedback.state == FeedbackState.FIXED)
    return db.scalar(fixed) or 0, db.scalar(received) or 0


def find_oldest_new(db: Session, but: UUID) -> CourseFeedback | None:
    """The new report that has waited longest, other than ``but``; None when all are read."""
    found: CourseFeedback | None = db.scalar(
        select(CourseFeedback)
        .where(
            CourseFeedback.state == FeedbackState.NEW,
            CourseFeedback.merged_into_id.is_(None),
            CourseFeedback.id != but,
        )
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
            filtered(select(CourseFeedback), _EVERY)
            .where(is_among(CourseFeedback.author_id, user_ids))
            .order_by(CourseFeedback.created_at.desc(), CourseFeedback.id.desc())
            .options(*_WHOLE)
        )
    )


def count_received(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the reports received in [since, until): how many are handled (a duplicate that was merged
    is), how many in all."""
    received = (CourseFeedback.created_at >= since, CourseFeedback.created_at < until)
    total = db.scalar(select(func.count(CourseFeedback.id)).where(*received)) or 0
    new = (
        db.scalar(
            select(func.count(CourseFeedback.id)).where(
                *received,
                CourseFeedback.state == FeedbackState.NEW,
                CourseFeedback.merged_into_id.is_(None),
            )
        )
        or 0
    )
    return total - new, total


def name_people(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of the facilitators in a history."""
    rows = db.execute(
        select(User.id, User.name).where(is_among(User.id, user_ids)).order_by(User.id)
    )
    return {row[0]: row[1] for row in rows}
