"""What following a person does by itself: reminders; numbers and old things forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tierslieu.house import Job
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


JOBS = (
    Job("appointment_reminders", timedelta(minutes=10), _remind),
    Job("appointment_phones", timedelta(hours=1), _forget_phones, goes_on=True),
    Job("follow_up_forgotten", timedelta(hours=24), _forget_old, goes_on=True),
)
