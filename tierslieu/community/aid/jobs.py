"""What is done by itself: silent asks close, digests leave, what is old is forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.community.aid.asks.rules import close_silent, forget_old
from tierslieu.community.aid.groups.rules import settle_left
from tierslieu.community.aid.helping.rules import forget_ended
from tierslieu.community.aid.moderation.rules import forget_old_decisions
from tierslieu.community.aid.notices import write_digests


def sweep(db: Session, now: datetime) -> int:
    """Close, end and erase what is due, a slice of each; gives how many."""
    count = close_silent(db, now) + forget_ended(db, now)
    db.commit()
    count += settle_left(db, now) + forget_old(db, now) + forget_old_decisions(db, now)
    db.commit()
    return count


def send_digests(db: Session, now: datetime) -> int:
    """Write the digests that are due, a slice of members; gives how many were looked at."""
    count = write_digests(db, now)
    db.commit()
    return count
