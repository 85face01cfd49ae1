"""Reading who was asked, for those who take part alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.evaluation.queries import SLICE
from tierslieu.surveys.models import Invitation


class Asked(NamedTuple):
    """An invitation, and what became of it."""

    wave_id: UUID
    user_id: UUID
    answered_at: datetime | None
    declined_at: datetime | None
    closes_at: datetime


def list_asked(
    db: Session, wave_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> Iterator[list[Asked]]:
    """Every invitation of these people to these waves, by wave and person: of so many people at
    once, so that memory stays bounded; one's own are together."""
    for start in range(0, len(user_ids), SLICE):
        rows = db.execute(
            select(
                Invitation.wave_id,
                Invitation.user_id,
                Invitation.answered_at,
                Invitation.declined_at,
                Invitation.closes_at,
            )
            .where(
                Invitation.wave_id.in_(wave_ids),
                Invitation.user_id.in_(user_ids[start : start + SLICE]),
            )
            .order_by(Invitation.wave_id, Invitation.user_id, Invitation.id)
        )
        yield [Asked(*row) for row in rows]
