"""What the logbook of the place is told of awards."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.models import Award, AwardBatch
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note


def note_award(
    db: Session,
    act: Act,
    award: Award,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    words: str = "",
) -> None:
    """Write down what was done with one award; ``words``: the reason its holder read."""
    badge = str(award.badge_id)
    about = {"badge": badge, "award": str(award.id), "title": award.badge.name}
    note(
        db,
        act,
        now=now,
        subject_id=award.user_id,
        about=about,
        words=words if award.user_id else "",
        actor_id=actor_id,
    )


def note_batch(
    db: Session, batch: AwardBatch, count: int, *, now: datetime, actor_id: UUID | None
) -> None:
    """Write down, once, that a badge goes to many: the batch itself says to whom."""
    about: dict[str, str | int] = {"badge": str(batch.badge_id), "batch": str(batch.id)}
    about["count"] = count
    note(db, Act.BADGES_AWARDED, now=now, about=about, actor_id=actor_id)
