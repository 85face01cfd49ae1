"""What is due by itself: reminders, questions nobody answered, endorsements that end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.endorsements import giving, rules
from tierslieu.house import Job
from tierslieu.house_kept import Retention


def _committed(
    rule: Callable[[Session, datetime], int],
) -> Callable[[Session, datetime], int]:
    def run(db: Session, now: datetime) -> int:
        count = rule(db, now)
        db.commit()
        return count

    return run


RULES = (
    Retention(
        "lapsed_endorsements",
        label=_("Adresses des soutiens demandés"),
        term=_("soixante jours"),
        sweep=rules.lapse,
        job="endorsements_lapse",
    ),
    Retention(
        "endorsements",
        label=_("Demandes de soutien sans suite"),
        term=_("six mois"),
        sweep=rules.forget,
        job="endorsements_forget",
    ),
)
JOBS = (
    Job("endorsements_lapse", timedelta(hours=1), _committed(rules.lapse)),
    Job("endorsements_end", timedelta(hours=1), _committed(giving.take_down_ended)),
    Job("endorsements_remind", timedelta(hours=6), _committed(rules.remind)),
    Job("endorsements_forget", timedelta(days=1), _committed(rules.forget)),
)
