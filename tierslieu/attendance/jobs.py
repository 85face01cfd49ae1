"""What attendance does by itself: a kind message to who missed two without a word, and what the
place has decided beyond."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tierslieu.attendance.missed import limit_by_rule, write_kindly
from tierslieu.house import Job


def _write_kindly(db: Session, now: datetime) -> int:
    count = write_kindly(db, now=now)
    db.commit()
    return count


def _limit(db: Session, now: datetime) -> int:
    count = limit_by_rule(db, now=now)
    db.commit()
    return count


JOBS = (
    Job("missed_kindly", timedelta(hours=6), _write_kindly),
    Job("missed_rule", timedelta(hours=6), _limit),
)
