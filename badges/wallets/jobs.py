"""Forgetting offers that are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from badges.wallets.rules import forget_over


def run(db: Session, now: datetime) -> int:
    """Forget them; gives how many."""
    count = forget_over(db, now)
    db.commit()
    return count
