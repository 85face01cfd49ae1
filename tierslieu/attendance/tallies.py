"""How often people were there, told from as few rows as say it: some came for years."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attendance.models import Attendance, Presence


@dataclass(frozen=True)
class HalfDays:
    """How many half-days somebody attended; ``reached``: when the one that was asked for, of those
    that were, was over (the third: 3)."""

    count: int
    reached: dict[int, datetime]


Key = TypeVar("Key")
NO_HALF_DAYS = HalfDays(0, {})


def find_half_days(
    db: Session, user_ids: Sequence[UUID], asked: Collection[int]
) -> dict[UUID, HalfDays]:
    """The half-days of these people, whatever their sessions were about; whoever never came is
    left out. ``asked``: which of them, counted from 1, it matters when they were."""
    lines = (
        select(Attendance.user_id, LearningSession.ends_at, *_numbered(Attendance.user_id))
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(is_among(Attendance.user_id, user_ids), Attendance.presence == Presence.PRESENT)
        .subquery()
    )
    rows = db.execute(_asked(lines, asked))
    return _gathered((user_id, at, number, total) for user_id, at, number, total in rows)


def find_half_days_by_path(
    db: Session, user_ids: Sequence[UUID], asked: Collection[int]
) -> dict[tuple[UUID, UUID], HalfDays]:
    """The same of the sessions about a step, by person and path."""
    lines = (
        select(
            Attendance.user_id,
            LearningSession.ends_at,
            *_numbered(Attendance.user_id, PathVersion.path_id),
            PathVersion.path_id,
        )
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .join(Step, Step.id == LearningSession.step_id)
        .join(PathVersion, PathVersion.id == Step.version_id)
        .where(is_among(Attendance.user_id, user_ids), Attendance.presence == Presence.PRESENT)
        .subquery()
    )
    rows = db.execute(_asked(lines, asked))
    return _gathered(
        ((user_id, path_id), at, number, total) for user_id, at, number, total, path_id in rows
    )


def _numbered(*within: InstrumentedAttribute[Any]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Which half-day of those this one is, counted from 1, and how many there are."""
    # Of those that are over at the same instant it does not matter which is the earlier.
    in_time = LearningSession.ends_at
    return (
        func.row_number().over(partition_by=within, order_by=in_time).label("number"),
        func.count().over(partition_by=within).label("total"),
    )


def _asked(lines: Subquery, asked: Collection[int]) -> Select[Any]:
    """The first says how many there are."""
    wanted = lines.c.number.in_({1, *asked})
    return select(lines).where(wanted).order_by(lines.c.user_id, lines.c.number)


def _gathered(rows: Iterable[tuple[Key, datetime, int, int]]) -> dict[Key, HalfDays]:
    found: dict[Key, HalfDays] = {}
    for key, at, number, total in rows:
        found.setdefault(key, HalfDays(total, {})).reached[number] = at
    return found


class Presences(NamedTuple):
    """A session about a step at which somebody was, and for how many half-days."""

    user_id: UUID
    id: UUID
    title: str
    ends_at: datetime
    starts_local: datetime
    ends_local: datetime
    path_id: UUID
    key: str
    half_days: int


def list_presences(
    db: Session, user_ids: Sequence[UUID], path_ids: Collection[UUID], *, first: int | None = None
) -> Iterator[Presences]:
    """The sessions about a step of those paths at which these people were, in the order of time;
    of each person and step (by its key) the ``first`` ones alone, if so many are given. Few and
    narrow columns: a night reads the whole place this way."""
    step = (Attendance.user_id, PathVersion.path_id, Step.key)
    in_time = (LearningSession.ends_at, LearningSession.id)
    lines = (
        select(
            Attendance.user_id,
            LearningSession.id,
            LearningSession.title,
            LearningSession.ends_at,
            LearningSession.starts_local,
            LearningSession.ends_local,
            PathVersion.path_id,
            Step.key,
            func.count().label("half_days"),
            func.row_number().over(partition_by=step, order_by=in_time).label("number"),
        )
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .join(Step, Step.id == LearningSession.step_id)
        .join(PathVersion, PathVersion.id == Step.version_id)
        .where(
            is_among(Attendance.user_id, user_ids),
            Attendance.presence == Presence.PRESENT,
            PathVersion.path_id.in_(path_ids),
        )
        .group_by(Attendance.user_id, LearningSession.id, PathVersion.path_id, Step.key)
        .subquery()
    )
    query = select(*(one for one in lines.c if one.name != "number"))
    if first is not None:
        query = query.where(lines.c.number <= first)
    for row in db.execute(query.order_by(lines.c.ends_at, lines.c.user_id, lines.c.id)):
        yield Presences(*row)
