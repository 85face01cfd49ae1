"""Two accounts of one person become one: of two pauses of a kind that still hold, one does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.support.attention.models import AttentionPause


def join_pauses(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """The kept account's pause goes on; the other's of the same kind ends, and stays as history."""
    living = db.scalars(
        select(AttentionPause)
        .where(AttentionPause.about_id.in_([gone, kept]), AttentionPause.ended_at.is_(None))
        .order_by(AttentionPause.id)
        .with_for_update()
    ).all()
    ours = {one.kind for one in living if one.about_id == kept}
    for theirs in living:
        if theirs.about_id == gone and theirs.kind in ours:
            theirs.ended_at = now
    db.flush()
