"""Reminders of a seat: three days before, and in the morning; each with a link that gives it back.

Who booked after a reminder was due has the confirmation before their eyes, and gets none. A
session that moves to another day is reminded of anew.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from tierslieu.bookings import notices
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import list_seated_between
from tierslieu.clock import to_utc
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import list_written

DAYS_BEFORE = 3
AT = time(9)  # of that day
MORNING = time(8)
EVENING = time(18)  # of the day before, for what begins early
EARLY = time(9, 30)
AT_ONCE = 500


def remind(db: Session, *, now: datetime) -> int:
    """Write the reminders that are due and were not written; returns how many."""
    lock_for_writing(db)
    until = now + timedelta(days=DAYS_BEFORE + 1)
    due = {
        f"booking:{booking.id}:{kind}:{booking.session.starts_local.date().isoformat()}": (
            booking,
            kind,
        )
        for booking in list_seated_between(db, now, until)
        if (kind := _due(booking, now)) is not None
    }
    written = list_written(db, list(due))
    new = [key for key in due if key not in written][:AT_ONCE]
    for key in new:
        booking, kind = due[key]
        notices.tell_reminder(db, booking, now, kind=kind, key=key)
    return len(new)


def _due(booking: Booking, now: datetime) -> str | None:
    """Which reminder is due now: the later one alone, if both are."""
    first, last = due_at(booking.session.starts_local)
    confirmed = booking.confirmed_at or booking.created_at
    if now >= last:
        return "morning" if confirmed < last else None
    if first <= now < first + timedelta(days=1) and confirmed < first:
        return "days"
    return None


def due_at(starts_local: datetime) -> tuple[datetime, datetime]:
    """When the two reminders of a session that begins then (wall time) are due."""
    day = starts_local.date()
    first = datetime.combine(day - timedelta(days=DAYS_BEFORE), AT)
    last = (
        datetime.combine(day, MORNING)
        if starts_local.time() >= EARLY
        else datetime.combine(day - timedelta(days=1), EVENING)
    )
    return to_utc(first), to_utc(last)
