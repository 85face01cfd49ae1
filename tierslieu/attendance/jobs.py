"""What attendance does by itself: a kind message to who missed two without a word."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tierslieu.attendance.missed import write_kindly
from tierslieu.house import Job


def _write_kindly(db: Session, now: datetime) -> int:
    count = write_kindly(db, now=now)
    db.commit()
    return count


JOBS = (Job("missed_kindly", timedelta(hours=6), _write_kindly),)
