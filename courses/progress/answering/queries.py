"""Every SELECT of the queue: what waits, what was answered a moment ago, one's usual words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Cohort, Enrolment
from courses.paths.models import Path, Step
from courses.progress.answering.models import AnswerHabits
from courses.progress.models import RecordState, StepRecord
from courses.progress.queries import WHOLE, waiting_for
from tierslieu.among import is_among

RETURNED = 500  # of what somebody returned last, read for the words they use


@dataclass(frozen=True)
class Narrowing:
    """What of the queue is asked for; all of it by default.

    ``slug`` and ``key``: a path, and a step of it; ``days``: waiting for so long at least;
    ``cohort_id``: one cohort; ``is_own``: the cohorts in one's own charge.
    """

    slug: str = ""
    key: str = ""
    days: int = 0
    cohort_id: UUID | None = None
    is_own: bool = False

    def args(self) -> dict[str, Any]:
        """As the address of a page says it."""
        group = "miens" if self.is_own else str(self.cohort_id or "")
        found = {
            "etape": f"{self.slug}:{self.key}" if self.key else self.slug,
            "depuis": str(self.days or ""),
            "groupe": group,
        }
        return {name: value for name, value in found.items() if value}


ALL = Narrowing()


def _narrowed(person_id: UUID, asked: Narrowing, now: datetime) -> Select[StepRecord]:
    query = waiting_for(person_id)
    if asked.slug:
        query = query.join(Path, Path.id == Enrolment.path_id).where(Path.slug == asked.slug)
    if asked.key:
        query = query.where(Step.key == asked.key)
    if asked.days:
        query = query.where(StepRecord.declared_at <= now - timedelta(days=asked.days))
    if asked.cohort_id:
        query = query.where(Enrolment.cohort_id == asked.cohort_id)
    if asked.is_own:
        query = query.join(Cohort, Cohort.id == Enrolment.cohort_id).where(
            Cohort.facilitator_id == person_id
        )
    return query


def count_narrowed(db: Session, person_id: UUID, asked: Narrowing, *, now: datetime) -> int:
    """How many wait, of those asked for."""
    found = _narrowed(person_id, asked, now).subquery()
    return db.scalar(select(func.count()).select_from(found)) or 0


def list_narrowed(
    db: Session,
    person_id: UUID,
    asked: Narrowing,
    *,
    now: datetime,
    limit: int | None = None,
    offset: int = 0,
) -> list[StepRecord]:
    """What waits, of what is asked for, oldest first."""
    query = _narrowed(person_id, asked, now).order_by(StepRecord.declared_at, StepRecord.id)
    return list(db.scalars(query.limit(limit).offset(offset).options(*WHOLE)))


def find_neighbours(
    db: Session, person_id: UUID, asked: Narrowing, record: StepRecord, *, now: datetime
) -> tuple[UUID | None, UUID | None]:
    """The one that waits just before this one, and just after it."""
    at, one = StepRecord.declared_at, StepRecord.id
    query = _narrowed(person_id, asked, now).with_only_columns(one)
    same = at == record.declared_at
    before = query.where(or_(at < record.declared_at, and_(same, one < record.id)))
    after = query.where(or_(at > record.declared_at, and_(same, one > record.id)))
    return (
        db.scalar(before.order_by(at.desc(), one.desc()).limit(1)),
        db.scalar(after.order_by(at, one).limit(1)),
    )


def find_following(
    db: Session, person_id: UUID, asked: Narrowing, record: StepRecord, *, now: datetime
) -> UUID | None:
    """The one that has waited longest after ``record``, or else the oldest of all asked for."""
    _before, after = find_neighbours(db, person_id, asked, record, now=now)
    oldest = list_narrowed(db, person_id, asked, now=now, limit=1) if after is None else []
    return after or next((one.id for one in oldest), None)


@dataclass(frozen=True)
class WaitingGroup:
    """How many wait of one step of a path, in any of its versions, in one cohort or in none."""

    slug: str
    path: str
    key: str
    title: str
    position: int
    cohort_id: UUID | None
    count: int


def list_waiting_groups(db: Session, person_id: UUID) -> list[WaitingGroup]:
    """All that waits, counted in one go: paths by name, steps in their order."""
    position = func.min(Step.position)
    step = (Path.slug, Path.short_title, Step.key)
    query = (
        waiting_for(person_id)
        .join(Path, Path.id == Enrolment.path_id)
        .with_only_columns(*step, func.max(Step.title), position, Enrolment.cohort_id, func.count())
        .group_by(*step, Enrolment.cohort_id)
        .order_by(Path.short_title, Path.slug, position, Step.key, Enrolment.cohort_id)
    )
    return [WaitingGroup(*row) for row in db.execute(query)]


def list_waiting_cohorts(db: Session, groups: Sequence[WaitingGroup]) -> list[Cohort]:
    """The cohorts in which somebody waits, by name."""
    ids = {one.cohort_id for one in groups if one.cohort_id is not None}
    query = select(Cohort).where(is_among(Cohort.id, ids)).order_by(Cohort.title, Cohort.id)
    return list(db.scalars(query))


def list_chosen(db: Session, person_id: UUID, record_ids: Sequence[UUID]) -> list[StepRecord]:
    """Those of these that still wait for an answer that this person may give, oldest first."""
    query = waiting_for(person_id).where(is_among(StepRecord.id, record_ids))
    ordered = query.order_by(StepRecord.declared_at, StepRecord.id)
    return list(db.scalars(ordered.options(*WHOLE)))


def list_just_answered(
    db: Session, person_id: UUID, *, since: datetime, at: datetime | None = None
) -> list[StepRecord]:
    """What this person answered in their last act since then: several lines when they answered
    several at once. ``at``: that of this instant instead. A report's lines are no such answer."""
    mine = (
        StepRecord.decided_by_id == person_id,
        StepRecord.brought_by_id.is_(None),
        StepRecord.state != RecordState.DECLARED,
        StepRecord.decided_at > since,
    )
    if at is None:
        at = db.scalar(select(func.max(StepRecord.decided_at)).where(*mine))
    if at is None:
        return []
    query = select(StepRecord).where(*mine, StepRecord.decided_at == at)
    return list(db.scalars(query.order_by(StepRecord.id).options(*WHOLE)))


def find_habits(db: Session, person_id: UUID) -> AnswerHabits | None:
    """How this person likes to answer, if they ever said."""
    return db.get(AnswerHabits, person_id)


def list_recent_words(db: Session, person_id: UUID, limit: int) -> list[str]:
    """The words this person returned steps with, the latest first, each once. No more of what they
    returned is read than :data:`RETURNED`: somebody may have answered for years."""
    last = (
        select(StepRecord.word, StepRecord.decided_at)
        .where(StepRecord.decided_by_id == person_id, StepRecord.state == RecordState.RETURNED)
        .order_by(StepRecord.decided_at.desc())
        .limit(RETURNED)
        .subquery()
    )
    query = (
        select(last.c.word)
        .where(last.c.word != "")
        .group_by(last.c.word)
        .order_by(func.max(last.c.decided_at).desc(), last.c.word)
        .limit(limit)
    )
    return list(db.scalars(query))
