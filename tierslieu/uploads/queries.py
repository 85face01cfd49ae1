"""Every SELECT of the uploads."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu.uploads.models import Upload


def list_digests(db: Session) -> set[str]:
    """The digests that some row uses."""
    return set(db.scalars(select(Upload.sha256).distinct().order_by(Upload.sha256)))


def list_uploads(db: Session, owner_id: UUID | None = None) -> list[Upload]:
    """All uploads, or one person's, oldest first."""
    query = select(Upload).order_by(Upload.created_at, Upload.id)
    return list(db.scalars(query if owner_id is None else query.where(Upload.owner_id == owner_id)))


def sum_sizes(db: Session, owner_id: UUID) -> int:
    """How many bytes one person's files hold."""
    query = select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == owner_id)
    return int(db.scalar(query) or 0)
