"""Every SELECT of the files that wait for a yes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.community.entries.queries import Viewer
from tierslieu.community.imports.models import ImportDraft


def find_draft(
    db: Session, viewer: Viewer, draft_id: UUID, *, locked: bool = False
) -> ImportDraft | None:
    """One's own file, as it is now; nobody else's."""
    query = select(ImportDraft).where(
        ImportDraft.id == draft_id, ImportDraft.owner_id == viewer.user_id
    )
    query = query.execution_options(populate_existing=True)
    return db.scalar(query.with_for_update() if locked else query)


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
