"""Seats that were held and left empty without a word: a kind message the second time.

Nothing follows from it by itself. Who was excused, who gave the seat back and whose roll was never
called is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.queries import list_missed
from tierslieu.bookings.holding import next_waking
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import count_mails
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.web.formats import day

LOOKED_AT = timedelta(days=90)  # how far back
AFTER = timedelta(hours=20)  # the roll may still be put right the same evening
ENOUGH = 2
NOT_AGAIN = timedelta(days=60)
MOST_AT_ONCE = 200


def write_kindly(db: Session, *, now: datetime) -> int:
    """Write to who missed two without a word, once in sixty days; returns to how many."""
    lock_for_writing(db)
    count = 0
    for user_id, sessions in list_missed(db, now - LOOKED_AT, now - AFTER).items():
        prefix = f"missed:{user_id}:"
        is_due = len(sessions) >= ENOUGH and not count_mails(db, prefix, now - NOT_AGAIN)
        if count < MOST_AT_ONCE and is_due:
            count += _write(db, db.get_one(User, user_id), sessions[-ENOUGH:], prefix, now)
    return count


def _write(
    db: Session, user: User, sessions: Sequence[LearningSession], prefix: str, now: datetime
) -> bool:
    written = write_mail(
        db,
        user.email,
        "attendance_missed",
        {
            "name": user.name,
            "missed": [{"title": s.title, "day": day(s.starts_local)} for s in sessions],
            "path": "/mes-reservations",
        },
        now=now,
        due_key=f"{prefix}{sessions[-1].id}",
        leaves_at=next_waking(now),
    )
    return written is not None
