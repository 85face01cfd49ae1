"""What is used or forgotten by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from courses.statements.rules import forget_old, use_waiting
from tierslieu.house import Job
from tierslieu.house_kept import Retention


def _use(db: Session, now: datetime) -> int:
    """Somebody may have begun to follow the path since."""
    count = use_waiting(db, now=now)
    db.commit()
    return count


def _forget(db: Session, now: datetime) -> int:
    count = forget_old(db, now)
    db.commit()
    return count


RULES = (
    Retention(
        "statements",
        label=_("Traces d’autres sites"),
        term=_("un an"),
        sweep=forget_old,
        job="forget_statements",
    ),
)
JOBS = (
    Job("use_statements", timedelta(hours=1), _use, by_any_clock=True),
    Job("forget_statements", timedelta(hours=6), _forget),
)
