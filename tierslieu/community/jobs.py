"""What is done by itself: files that nobody confirmed are forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.community.imports.rules import forget_old_drafts


def sweep_drafts(db: Session, now: datetime) -> int:
    """Forget the files shown more than a week ago; gives how many."""
    count = forget_old_drafts(db, now)
    db.commit()
    return count
