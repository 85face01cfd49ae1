"""Reading who was asked, for those who take part alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.evaluation.queries import SLICE
from tierslieu.surveys.models import Invitation


def list_invitations(
    db: Session, wave_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[Invitation]:
    """Every invitation of these people to these waves, by wave and person."""
    found: list[Invitation] = []
    for start in range(0, len(user_ids), SLICE):
        found += db.scalars(
            select(Invitation)
            .where(
                Invitation.wave_id.in_(wave_ids),
                Invitation.user_id.in_(user_ids[start : start + SLICE]),
            )
            .order_by(Invitation.wave_id, Invitation.user_id, Invitation.id)
        )
    return found
