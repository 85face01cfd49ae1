"""What following a person does by itself: reminders; numbers and old things forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.support.appointments import reminders
from tierslieu.support.attention.rules import forget_old_contacts
from tierslieu.support.notes.rules import forget_old_notes
from tierslieu.support.retention import forget_old, forget_phones


def _remind(db: Session, now: datetime) -> int:
    count = reminders.remind(db, now=now)
    db.commit()
    return count


def _forget_phones(db: Session, now: datetime) -> int:
    count = forget_phones(db, now=now)
    db.commit()
    return count


def _forget_old(db: Session, now: datetime) -> int:
    count = forget_old(db, now=now) + forget_old_notes(db, now=now)
    count += forget_old_contacts(db, now=now)
    db.commit()
    return count


RULES = (
    Retention(
        "phones",
        label=_("Numéros où appeler"),
        term=_("un jour après le rendez-vous"),
        sweep=lambda db, now: forget_phones(db, now=now),
        job="appointment_phones",
    ),
    Retention(
        "appointments",
        label=_("Rendez-vous"),
        term=_("trois ans"),
        sweep=lambda db, now: forget_old(db, now=now),
        job="follow_up_forgotten",
    ),
    Retention(
        "follow_notes",
        label=_("Notes de suivi"),
        term=_("trois ans"),
        sweep=lambda db, now: forget_old_notes(db, now=now),
        job="follow_up_forgotten",
    ),
    Retention(
        "attention",
        label=_("Contacts pris et relances suspendues"),
        term=_("un an"),
        sweep=lambda db, now: forget_old_contacts(db, now=now),
        job="follow_up_forgotten",
    ),
)
JOBS = (
    Job("appointment_reminders", timedelta(minutes=10), _remind),
    Job("appointment_phones", timedelta(hours=1), _forget_phones, goes_on=True),
    Job("follow_up_forgotten", timedelta(hours=24), _forget_old, goes_on=True),
)
