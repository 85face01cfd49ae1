"""What positioning does by itself: kept answers end after a year."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from courses.positioning.queries import list_old
from courses.positioning.rules import KEPT_FOR, forget_old
from tierslieu.house import Job
from tierslieu.house_kept import Retention

AT_ONCE = 200


def _forget(db: Session, now: datetime) -> int:
    ids = list_old(db, now - KEPT_FOR, AT_ONCE)
    db.rollback()
    count = forget_old(db, ids, now=now) if ids else 0
    db.commit()
    return count


def _forget_slice(db: Session, now: datetime) -> int:
    ids = list_old(db, now - KEPT_FOR, AT_ONCE)
    return forget_old(db, ids, now=now) if ids else 0


RULES = (
    Retention(
        "positioning",
        label=_("Réponses « par où commencer »"),
        term=_("un an"),
        sweep=_forget_slice,
        job="positioning_forgotten",
    ),
)
JOBS = (Job("positioning_forgotten", timedelta(hours=24), _forget, goes_on=True),)
