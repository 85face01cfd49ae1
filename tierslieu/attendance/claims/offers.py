"""What claims offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.attendance.claims.queries import list_claimable
from tierslieu.house import Card, HomeCard
from tierslieu.people.models import ROLES


def claim_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """There are half-days that may be one's own."""
    count = len(list_claimable(db, user_id))
    if count:
        yield Card("attendance/_card_claims.html", {"count": count}, urgency=2, tone="ask")


OFFERS = (HomeCard("claims", frozenset(ROLES), claim_card),)
