"""What attendance does by itself: a kind message to who missed two without a word, what the place
has decided beyond, and names that are forgotten in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.attendance.missed import limit_by_rule, write_kindly
from tierslieu.attendance.retention import forget_misses, forget_old, horizon
from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.settings import Settings


def _write_kindly(db: Session, now: datetime) -> int:
    count = write_kindly(db, now=now)
    db.commit()
    return count


def _forget_names(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    return forget_old(db, horizon(now, settings.attendance_years))


def _forget_old(db: Session, now: datetime) -> int:
    count = _forget_names(db, now)
    forget_misses(db, now)
    db.commit()
    return count


def _limit(db: Session, now: datetime) -> int:
    count = limit_by_rule(db, now=now)
    db.commit()
    return count


RULES = (
    Retention(
        "attendance",
        label=_("Noms sur les feuilles de présence et d’émargement"),
        term=_("trois ans après la séance, ou la durée choisie par le lieu"),
        sweep=_forget_names,
        job="attendance_retention",
    ),
    Retention(
        "wrong_signing_codes",
        label=_("Codes d’émargement faux"),
        term=_("un jour"),
        sweep=forget_misses,
        job="attendance_retention",
    ),
)
JOBS = (
    Job("missed_kindly", timedelta(hours=6), _write_kindly),
    Job("attendance_retention", timedelta(hours=24), _forget_old, goes_on=True),
    Job("missed_rule", timedelta(hours=6), _limit),
)
