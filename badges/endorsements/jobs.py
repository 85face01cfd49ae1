"""What is due by itself: reminders, questions nobody answered, endorsements that end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from badges.endorsements import giving, rules
from tierslieu.house import Job


def _committed(
    rule: Callable[[Session, datetime], int],
) -> Callable[[Session, datetime], int]:
    def run(db: Session, now: datetime) -> int:
        count = rule(db, now)
        db.commit()
        return count

    return run


JOBS = (
    Job("endorsements_lapse", timedelta(hours=1), _committed(rules.lapse)),
    Job("endorsements_end", timedelta(hours=1), _committed(giving.take_down_ended)),
    Job("endorsements_remind", timedelta(hours=6), _committed(rules.remind)),
    Job("endorsements_forget", timedelta(days=1), _committed(rules.forget)),
)
