"""Reading badge classes, and the paths and steps a criterion may be about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from badges.designs.models import BadgeClass, BadgeCriterion, BadgeCriterionGroup
from courses.paths.models import Path, PathVersion, Step

_CONDITIONS = selectinload(BadgeClass.groups).selectinload(BadgeCriterionGroup.conditions)
_WHOLE = (
    selectinload(BadgeClass.skills),
    _CONDITIONS.selectinload(BadgeCriterion.path),
    _CONDITIONS.selectinload(BadgeCriterion.asked_badge),
    _CONDITIONS.selectinload(BadgeCriterion.step)
    .selectinload(Step.version)
    .selectinload(PathVersion.path),
)


def list_badges(db: Session, *, archived: bool = False) -> Sequence[BadgeClass]:
    """Badge classes that can be awarded, by name; with ``archived``, those that no longer are."""
    query = select(BadgeClass).options(*_WHOLE).order_by(func.lower(BadgeClass.name), BadgeClass.id)
    still = BadgeClass.archived_at.is_(None)
    return db.scalars(query.where(~still if archived else still)).all()


def find_badge(db: Session, slug: str) -> BadgeClass | None:
    """The badge class at this address."""
    return db.scalar(select(BadgeClass).where(BadgeClass.slug == slug).options(*_WHOLE))


def get_badge(db: Session, badge_id: UUID) -> BadgeClass | None:
    """The badge class of this identifier, with its skills and conditions."""
    return db.scalar(select(BadgeClass).where(BadgeClass.id == badge_id).options(*_WHOLE))


def list_slugs(db: Session, stem: str) -> set[str]:
    """Addresses already taken that begin with ``stem``."""
    found = select(BadgeClass.slug).where(BadgeClass.slug.startswith(stem, autoescape=True))
    return set(db.scalars(found.order_by(BadgeClass.slug)))


def list_askable_badges(db: Session, ids: Collection[UUID] = ()) -> Sequence[BadgeClass]:
    """The badges another one may ask for, by name: of ``ids``, or else those still awarded."""
    query = select(BadgeClass).order_by(func.lower(BadgeClass.name), BadgeClass.id)
    wanted = BadgeClass.id.in_(ids) if ids else BadgeClass.archived_at.is_(None)
    return db.scalars(query.where(wanted)).all()


def list_families(db: Session) -> dict[UUID, UUID]:
    """Each badge class → what it shares with every version of the same badge.

    Who holds any version holds the badge: for what other badges ask, for what is proposed and for
    what is awarded without being read over. The one place that knows how versions are linked;
    as long as a badge is never published anew, each is its own family.
    """
    ids = db.scalars(select(BadgeClass.id).order_by(BadgeClass.id))
    return {badge_id: badge_id for badge_id in ids}


def list_requirements(db: Session) -> list[tuple[UUID, UUID]]:
    """Which badge asks for which: (who asks, what is asked)."""
    rows = db.execute(
        select(BadgeCriterionGroup.badge_id, BadgeCriterion.asked_badge_id)
        .join(BadgeCriterion, BadgeCriterion.group_id == BadgeCriterionGroup.id)
        .where(BadgeCriterion.asked_badge_id.is_not(None))
        .distinct()
        .order_by(BadgeCriterionGroup.badge_id, BadgeCriterion.asked_badge_id)
    )
    return [(asker, asked) for asker, asked in rows if asked is not None]


def list_paths(db: Session) -> Sequence[Path]:
    """The paths of the catalogue, in its order."""
    return db.scalars(select(Path).order_by(Path.position, Path.title)).all()


def list_current_steps(db: Session) -> dict[str, list[Step]]:
    """The steps of each path as it stands today: the path's short title, its steps in order."""
    newest = (
        select(PathVersion.path_id, func.max(PathVersion.number).label("number"))
        .group_by(PathVersion.path_id)
        .subquery()
    )
    rows = db.execute(
        select(Path.short_title, Step)
        .join(PathVersion, PathVersion.path_id == Path.id)
        .join(
            newest,
            (newest.c.path_id == PathVersion.path_id) & (newest.c.number == PathVersion.number),
        )
        .join(Step, Step.version_id == PathVersion.id)
        .order_by(Path.position, Path.title, Step.position)
    )
    groups: dict[str, list[Step]] = {}
    for title, step in rows:
        groups.setdefault(title, []).append(step)
    return groups
