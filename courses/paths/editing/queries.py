"""Every SELECT of the drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from courses.paths.models import Path, PathDraft, PathVersion, Step


def find_draft(db: Session, slug: str) -> PathDraft | None:
    """The draft of that path, or None."""
    return db.scalar(select(PathDraft).where(PathDraft.slug == slug))


def list_drafts(db: Session) -> Sequence[PathDraft]:
    """What is being written, the latest change first."""
    return db.scalars(select(PathDraft).order_by(PathDraft.updated_at.desc(), PathDraft.id)).all()


def list_keys(db: Session, slug: str) -> set[str]:
    """The keys of all steps that a path ever had."""
    return set(
        db.scalars(
            select(Step.key)
            .join(PathVersion, PathVersion.id == Step.version_id)
            .join(Path, Path.id == PathVersion.path_id)
            .where(Path.slug == slug)
            .order_by(Step.key)
        )
    )


def list_parts(db: Session) -> dict[str, set[str]]:
    """For each path, those that are steps of its current version, by slug."""
    part = aliased(Path)
    newest = (
        select(PathVersion.path_id, func.max(PathVersion.number).label("number"))
        .group_by(PathVersion.path_id)
        .subquery()
    )
    rows = db.execute(
        select(Path.slug, part.slug)
        .join(PathVersion, PathVersion.path_id == Path.id)
        .join(
            newest,
            (newest.c.path_id == PathVersion.path_id) & (newest.c.number == PathVersion.number),
        )
        .join(Step, Step.version_id == PathVersion.id)
        .join(part, part.id == Step.subpath_id)
        .order_by(Path.slug, part.slug)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for whole, slug in rows:
        found[whole].add(slug)
    return found
