"""What positioning does by itself: kept answers end after a year."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from courses.positioning.queries import list_old
from courses.positioning.rules import KEPT_FOR, forget_old
from tierslieu.house import Job

AT_ONCE = 200


def _forget(db: Session, now: datetime) -> int:
    ids = list_old(db, now - KEPT_FOR, AT_ONCE)
    db.rollback()
    count = forget_old(db, ids, now=now) if ids else 0
    db.commit()
    return count


JOBS = (Job("positioning_forgotten", timedelta(hours=24), _forget, goes_on=True),)
