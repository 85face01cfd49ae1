"""Every SELECT of the files that wait for a yes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.community.entries.models import BaseKind
from tierslieu.community.entries.queries import Viewer
from tierslieu.community.imports.models import ImportDraft


def find_draft(db: Session, viewer: Viewer, draft_id: UUID) -> ImportDraft | None:
    """One's own file, as it is now; nobody else's."""
    return db.scalar(
        select(ImportDraft)
        .where(ImportDraft.id == draft_id, ImportDraft.owner_id == viewer.user_id)
        .execution_options(populate_existing=True)
    )


def lock_drafts(db: Session, base: BaseKind) -> None:
    """Wait until nobody else applies a file to this base, and keep others waiting."""
    db.execute(
        select(ImportDraft.id)
        .where(ImportDraft.base == base, ImportDraft.applied_at.is_(None))
        .order_by(ImportDraft.id)
        .with_for_update()
    )


def list_old_drafts(db: Session, before: datetime) -> list[ImportDraft]:
    """Files shown before that instant, the oldest first."""
    return list(
        db.scalars(
            select(ImportDraft)
            .where(ImportDraft.created_at < before)
            .order_by(ImportDraft.created_at, ImportDraft.id)
        )
    )


def list_drafts_of(db: Session, user_id: UUID) -> list[ImportDraft]:
    """A person's files, the oldest first."""
    return list(
        db.scalars(
            select(ImportDraft)
            .where(ImportDraft.owner_id == user_id)
            .order_by(ImportDraft.created_at, ImportDraft.id)
        )
    )
