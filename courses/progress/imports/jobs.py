"""What is forgotten by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from courses.progress.imports.rules import forget_imports
from tierslieu.house import Job


def _forget(db: Session, now: datetime) -> int:
    count = forget_imports(db, now)
    db.commit()
    return count


JOBS = (Job("forget_grade_imports", timedelta(hours=1), _forget),)
