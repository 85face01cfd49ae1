"""Which packages hold somebody's data, and how often each left the house."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from tierslieu.evaluation.models import PackageDownload
from tierslieu.surveys.models import Study, Wave


def count_taken(db: Session, hashes: Sequence[str]) -> dict[str, int]:
    """How often each of these packages was downloaded, by its hash."""
    rows = db.execute(
        select(PackageDownload.sha256, func.count())
        .where(PackageDownload.sha256.in_(hashes))
        .group_by(PackageDownload.sha256)
        .order_by(PackageDownload.sha256)
    )
    return {row[0]: row[1] for row in rows}


def find_by_slug(db: Session, slug: str) -> Study | None:
    """A study that was opened, by the name in its address."""
    return db.scalar(
        select(Study)
        .where(Study.slug == slug, Study.opened_at.is_not(None), Study.has_own_consent.is_(True))
        .options(selectinload(Study.waves).joinedload(Wave.instrument))
    )
