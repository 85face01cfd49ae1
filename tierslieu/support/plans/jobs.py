"""What plans do by themselves: reminders; old ones forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.support.plans import reminders
from tierslieu.support.plans.retention import forget_old


def _remind(db: Session, now: datetime) -> int:
    count = reminders.remind(db, now=now)
    db.commit()
    return count


def _forget_old(db: Session, now: datetime) -> int:
    count = forget_old(db, now=now)
    db.commit()
    return count


RULES = (
    Retention(
        "plans",
        label=_("Plans que personne n’a touchés"),
        term=_("trois ans"),
        sweep=lambda db, now: forget_old(db, now=now),
        job="plans_forgotten",
    ),
)
JOBS = (
    Job("plan_reminders", timedelta(hours=1), _remind, goes_on=True),
    Job("plans_forgotten", timedelta(hours=24), _forget_old, goes_on=True),
)
