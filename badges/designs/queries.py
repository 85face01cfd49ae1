"""Reading badge classes, and the paths and steps a criterion may be about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from badges.designs.models import (
    BadgeClass,
    BadgeCriterion,
    BadgeCriterionGroup,
    CriterionKind,
)
from courses.paths.models import Path, PathVersion, Step

_CONDITIONS = selectinload(BadgeClass.groups).selectinload(BadgeCriterionGroup.conditions)
_WHOLE = (
    selectinload(BadgeClass.skills),
    selectinload(BadgeClass.endorsements),
    _CONDITIONS.selectinload(BadgeCriterion.path),
    _CONDITIONS.selectinload(BadgeCriterion.asked_badge),
    _CONDITIONS.selectinload(BadgeCriterion.step)
    .selectinload(Step.version)
    .selectinload(PathVersion.path),
)


def list_badges(db: Session, *, archived: bool = False) -> Sequence[BadgeClass]:
    """Badge classes that can be awarded, by name; with ``archived``, those that no longer are.

    Of each line of versions the newest; drafts are in neither list.
    """
    query = select(BadgeClass).options(*_WHOLE).order_by(func.lower(BadgeClass.name), BadgeClass.id)
    query = query.where(BadgeClass.published_at.is_not(None))
    if archived:
        query = query.where(BadgeClass.archived_at.is_not(None), ~_has_published_successor())
    else:
        query = query.where(BadgeClass.archived_at.is_(None))
    return db.scalars(query).all()


def list_drafts(db: Session) -> Sequence[BadgeClass]:
    """Versions being prepared, by name."""
    return db.scalars(
        select(BadgeClass)
        .where(BadgeClass.published_at.is_(None))
        .options(*_WHOLE)
        .order_by(func.lower(BadgeClass.name), BadgeClass.id)
    ).all()


def find_badge(db: Session, slug: str, *, drafts: bool = False) -> BadgeClass | None:
    """The badge class at this address; a draft only for those who may see drafts."""
    query = select(BadgeClass).where(BadgeClass.slug == slug).options(*_WHOLE)
    return db.scalar(query if drafts else query.where(BadgeClass.published_at.is_not(None)))


def get_badge(db: Session, badge_id: UUID, *, locked: bool = False) -> BadgeClass | None:
    """The badge class of this identifier, with its skills and conditions.

    With ``locked``, read anew and kept from others who would write it, until the commit.
    """
    query = select(BadgeClass).where(BadgeClass.id == badge_id).options(*_WHOLE)
    if locked:
        # Awards may refer to it meanwhile: no key changes.
        query = query.with_for_update(of=BadgeClass, key_share=True).execution_options(
            populate_existing=True
        )
    return db.scalar(query)


def find_successor(db: Session, badge_id: UUID) -> BadgeClass | None:
    """The version that follows this one, a draft included."""
    return db.scalar(select(BadgeClass).where(BadgeClass.previous_id == badge_id))


def find_newest(db: Session, badge: BadgeClass) -> BadgeClass:
    """The newest published version of this badge's line; itself when it is the newest."""
    newest = badge
    while (later := find_successor(db, newest.id)) is not None and later.published_at is not None:
        newest = later
    return newest


def _has_published_successor() -> ColumnElement[bool]:
    later = aliased(BadgeClass)
    return exists().where(later.previous_id == BadgeClass.id, later.published_at.is_not(None))


def has_published_successor(db: Session, badge_id: UUID) -> bool:
    """Whether a newer version took the place of this one."""
    query = select(BadgeClass.id).where(BadgeClass.id == badge_id, _has_published_successor())
    return db.scalar(query) is not None


def list_slugs(db: Session, stem: str) -> set[str]:
    """Addresses already taken that begin with ``stem``."""
    found = select(BadgeClass.slug).where(BadgeClass.slug.startswith(stem, autoescape=True))
    return set(db.scalars(found.order_by(BadgeClass.slug)))


def list_askable_badges(db: Session, ids: Collection[UUID] = ()) -> Sequence[BadgeClass]:
    """The badges another one may ask for, by name: of ``ids``, or else those still awarded."""
    query = select(BadgeClass).order_by(func.lower(BadgeClass.name), BadgeClass.id)
    newest = BadgeClass.archived_at.is_(None) & BadgeClass.published_at.is_not(None)
    return db.scalars(query.where(BadgeClass.id.in_(ids) if ids else newest)).all()


def list_families(db: Session) -> dict[UUID, UUID]:
    """Each badge class → what it shares with every version of the same badge.

    Who holds any version holds the badge: for what other badges ask, for what is proposed and for
    what is awarded without being read over. The one place that knows how versions are linked:
    the family is the first version's identifier.
    """
    rows = db.execute(select(BadgeClass.id, BadgeClass.previous_id).order_by(BadgeClass.version))
    family: dict[UUID, UUID] = {}
    for badge_id, previous_id in rows:
        # A version comes after the one it follows: its family is known already.
        family[badge_id] = family.get(previous_id, badge_id) if previous_id else badge_id
    return family


def list_completed_paths(db: Session) -> dict[UUID, set[str]]:
    """The slugs of the paths that each badge asks one to have completed; a badge that asks for
    none is left out."""
    rows = db.execute(
        select(BadgeCriterionGroup.badge_id, Path.slug)
        .join(BadgeCriterion, BadgeCriterion.group_id == BadgeCriterionGroup.id)
        .join(Path, Path.id == BadgeCriterion.path_id)
        .where(BadgeCriterion.kind == CriterionKind.PATH_COMPLETED)
        .order_by(BadgeCriterionGroup.badge_id, Path.slug)
    )
    found: dict[UUID, set[str]] = {}
    for badge_id, slug in rows:
        found.setdefault(badge_id, set()).add(slug)
    return found


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
