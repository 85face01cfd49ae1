"""Reminders of an appointment: the day before, and in the morning; each once, with a link that
cancels it by one tap.

Who took it after a reminder was due has the confirmation before their eyes, and gets none. One that
moves is reminded of anew. None leaves in the quiet hours: what begins early is reminded of the
evening before.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from tierslieu.bookings.reminders import EARLY, EVENING, MORNING
from tierslieu.clock import to_local, to_utc
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import list_written
from tierslieu.support.appointments import notices
from tierslieu.support.appointments.models import Appointment
from tierslieu.support.appointments.queries import list_booked_between

AT = time(9)  # of the day before
AT_ONCE = 500


def remind(db: Session, *, now: datetime) -> int:
    """Write the reminders that are due and were not written; returns how many."""
    lock_for_writing(db)
    due = {
        f"appointment:{one.id}:{kind}:{one.slot_id}": one
        for one in list_booked_between(db, now, now + timedelta(days=2))
        if (kind := _due(one, now)) is not None
    }
    written = list_written(db, list(due))
    new = [key for key in due if key not in written][:AT_ONCE]
    for key in new:
        left = (due[key].slot.starts_local.date() - to_local(now).date()).days
        notices.tell_reminder(db, due[key], now, days_left=left, key=key)
    return len(new)


def _due(appointment: Appointment, now: datetime) -> str | None:
    """Which reminder is due now: the later one alone, if both are."""
    first, last = due_at(appointment.slot.starts_local)
    if now >= last:
        return "morning" if appointment.placed_at < last else None
    return "day" if now >= first and appointment.placed_at < first else None


def due_at(starts_local: datetime) -> tuple[datetime, datetime]:
    """When the two reminders of what begins then (wall time) are due."""
    on, before = starts_local.date(), starts_local.date() - timedelta(days=1)
    last = (
        datetime.combine(on, MORNING)
        if starts_local.time() >= EARLY
        else datetime.combine(before, EVENING)
    )
    return to_utc(datetime.combine(before, AT)), to_utc(last)
