"""Every SELECT of the catalogue."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from courses.paths.models import Path, PathVersion, Step, StepPool
from tierslieu.people.models import Audience

_WHOLE_STEP = (joinedload(Step.pool), joinedload(Step.subpath), selectinload(Step.needs))


class Time(enum.Enum):
    """The time a person has for a path, in hours of work."""

    SHORT = "moins-de-10-h"
    MEDIUM = "de-10-a-40-h"
    LONG = "plus-de-40-h"

    def fits(self, path: Path) -> bool:
        """Whether the path's hours, or some of the range its sources give, fall in this time.

        A path whose source gives no hours fits no time: it is shown apart, and said so.
        """
        if path.hours is None:
            return False
        low = path.hours if path.hours_from is None else path.hours_from
        if self is Time.SHORT:
            return low < 10
        if self is Time.MEDIUM:
            return path.hours >= 10 and low <= 40
        return path.hours > 40


@dataclass(frozen=True)
class Found:
    """What a search in the catalogue finds.

    ``fitting`` answers the question; ``untimed`` would, but for their source saying no hours;
    ``near`` is for those people and takes another time; ``others`` is the rest. Together they are
    the whole catalogue, so that no search ends at a wall.
    """

    fitting: Sequence[Path]
    untimed: Sequence[Path]
    near: Sequence[Path]
    others: Sequence[Path]


def list_paths(db: Session, *, with_retired: bool = False) -> list[Path]:
    """The paths that are proposed, in the order of the catalogue; those no longer, if asked."""
    every = select(Path).order_by(Path.position, Path.slug)
    return list(db.scalars(every if with_retired else every.where(Path.retired_at.is_(None))))


def choose_paths(paths: Sequence[Path], audience: Audience | None, time: Time | None) -> Found:
    """Of ``paths``, those for such people who have that time (None: whoever, any time)."""
    fitting, untimed, near, others = [], [], [], []
    for path in paths:
        if audience is not None and audience.value not in path.audiences:
            others.append(path)
        elif time is None or time.fits(path):
            fitting.append(path)
        elif path.hours is None:
            untimed.append(path)
        elif audience is not None:
            near.append(path)
        else:
            others.append(path)
    return Found(fitting, untimed, near, others)


def find_path(db: Session, slug: str) -> Path | None:
    """The path of that slug, or None."""
    return db.scalar(select(Path).where(Path.slug == slug))


def current_version(db: Session, path_id: UUID) -> PathVersion | None:
    """The version that a new enrolment gets, with its steps; None for an unknown path."""
    return db.scalar(
        select(PathVersion)
        .where(PathVersion.path_id == path_id)
        .order_by(PathVersion.number.desc())
        .limit(1)
        .options(
            selectinload(PathVersion.pools), selectinload(PathVersion.steps).options(*_WHOLE_STEP)
        )
    )


def list_subpaths(db: Session, path_id: UUID) -> list[Path]:
    """The paths that take up a part of this one."""
    return list(
        db.scalars(
            select(Path)
            .where(Path.parent_id == path_id, Path.retired_at.is_(None))
            .order_by(Path.position, Path.slug)
        )
    )


def find_step(db: Session, step_id: UUID) -> Step | None:
    """A step with its version and path, or None."""
    return db.scalar(
        select(Step)
        .where(Step.id == step_id)
        .options(joinedload(Step.version).joinedload(PathVersion.path), *_WHOLE_STEP)
    )


def list_steps(db: Session, version_ids: Sequence[UUID]) -> list[Step]:
    """The steps of those versions, in order."""
    return list(
        db.scalars(
            select(Step)
            .where(Step.version_id.in_(version_ids))
            .order_by(Step.version_id, Step.position)
            .options(*_WHOLE_STEP)
        )
    )


def list_every_step(db: Session, path_id: UUID) -> list[Step]:
    """The steps of all versions of a path, the oldest version first."""
    return list(
        db.scalars(
            select(Step)
            .join(Step.version)
            .where(PathVersion.path_id == path_id)
            .order_by(PathVersion.number, Step.position)
        )
    )


def count_steps(db: Session) -> dict[UUID, int]:
    """How many steps the current version of each path asks: the required ones, and of each pool
    as many as it needs."""
    last = (
        select(PathVersion.path_id, func.max(PathVersion.number).label("number"))
        .group_by(PathVersion.path_id)
        .subquery()
    )
    is_last = (last.c.path_id == PathVersion.path_id) & (last.c.number == PathVersion.number)
    asked = (
        select(func.count(Step.id))
        .where(Step.version_id == PathVersion.id, Step.is_required, Step.pool_id.is_(None))
        .scalar_subquery()
    )
    chosen = (
        select(func.coalesce(func.sum(StepPool.needed), 0))
        .where(StepPool.version_id == PathVersion.id)
        .scalar_subquery()
    )
    rows = db.execute(
        select(PathVersion.path_id, asked + chosen)
        .join(last, is_last)
        .order_by(PathVersion.path_id)
    )
    return {row[0]: row[1] for row in rows}
