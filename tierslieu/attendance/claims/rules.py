"""What somebody says of half-days noted under their address: these were mine, or not.

Nothing is joined by itself: an address may have been mistyped at the door, and only the person
knows where they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.claims.queries import list_claimable
from tierslieu.attendance.models import Attendance
from tierslieu.db import lock_for_writing


def claim_lines(db: Session, user_id: UUID) -> int:
    """The half-days are this person's from now on; returns how many."""
    lines = _hold(db, user_id)
    for line in lines:
        line.user_id, line.guest_name, line.guest_email = user_id, "", ""
    db.flush()
    return len(lines)


def decline_lines(db: Session, user_id: UUID) -> int:
    """It was somebody else: this person is not asked again. Returns how many half-days."""
    lines = _hold(db, user_id)
    for line in lines:
        line.declined_by_id = user_id
    db.flush()
    return len(lines)


def _hold(db: Session, user_id: UUID) -> Sequence[Attendance]:
    lock_for_writing(db)
    # The rows that the roll takes, in one order, so that nobody notes the same line meanwhile.
    for session_id in sorted({line.session_id for line in list_claimable(db, user_id)}):
        db.get(LearningSession, session_id, with_for_update=True)
    db.expire_all()
    return list_claimable(db, user_id)
