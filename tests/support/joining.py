"""Joining two accounts, and what must hold after."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.support.badges import (
    house_here,
)
from tierslieu import clock
from tierslieu.house import Invariant
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import User


def join(db: Session, gone: User, kept: User, **changes: bool) -> User:
    joined = join_accounts(db, house_here(), gone.id, kept.id, now=clock.now(), **changes)
    db.commit()
    return joined


def audit(db: Session) -> list[str]:
    """What no longer holds."""
    return [sentence for one in house_here().all(Invariant) for sentence in one.check(db).broken]
