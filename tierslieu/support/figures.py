"""What must always hold of appointments."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tierslieu.house import Finding
from tierslieu.support.appointments.queries import count_standing, list_at_once, list_doubled


def check_one_each(db: Session) -> Finding:
    """No slot has two standing appointments."""
    return Finding(count_standing(db), [str(slot_id) for slot_id in list_doubled(db)])


def check_apart(db: Session) -> Finding:
    """Nobody keeps two slots at one time."""
    return Finding(count_standing(db), [f"{first} {second}" for first, second in list_at_once(db)])
