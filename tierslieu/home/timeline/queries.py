"""Every SELECT of the timeline's own table."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.home.timeline.models import TimelineBorders


def find_borders(db: Session, user_id: UUID) -> TimelineBorders | None:
    """What this person said of their phases, if anything."""
    return db.scalar(
        select(TimelineBorders)
        .where(TimelineBorders.user_id == user_id)
        .execution_options(populate_existing=True)
    )
