"""Seats that were held and left empty without a word: a kind message the second time.

Nothing follows from it by itself, unless the team has set a rule
(:mod:`tierslieu.bookings.limits`). Who was excused, who gave the seat back and whose roll was never
called is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.queries import list_missed
from tierslieu.bookings.holding import next_waking
from tierslieu.bookings.limits.queries import find_limit, find_rule
from tierslieu.bookings.limits.rules import counts_from, counts_since, limit_person
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import count_mails
from tierslieu.mail.rules import write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.web.formats import day, long_day

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
            "missed": _told(sessions),
            "path": "/mes-reservations",
        },
        now=now,
        due_key=f"{prefix}{sessions[-1].id}",
        leaves_at=next_waking(now),
    )
    return written is not None


def limit_by_rule(db: Session, *, now: datetime) -> int:
    """Limit who missed as many as the rule of the place says, and tell them; returns how many.
    None while the team has set no rule."""
    lock_for_writing(db)
    rule = find_rule(db)
    if rule is None:
        return 0
    count = 0
    for user_id, sessions in list_missed(db, counts_from(rule, now), now - AFTER).items():
        since = counts_since(db, user_id, rule, now)
        missed = [session for session in sessions if session.ends_at > since]
        is_due = len(missed) >= rule.times and find_limit(db, user_id, now) is None
        if count < MOST_AT_ONCE and is_due:
            user = db.get_one(User, user_id)
            limit = limit_person(db, user, rule, now=now)
            write_mail(
                db,
                user.email,
                "bookings_limited",
                {
                    "name": user.name,
                    "missed": _told(missed),
                    "most": limit.most,
                    "until": in_each(partial(long_day, limit.until)),
                    "path": "/mes-reservations",
                },
                now=now,
                leaves_at=next_waking(now),
            )
            count += 1
    return count


def _told(sessions: Sequence[LearningSession]) -> list[dict[str, Any]]:
    return [
        {"title": one.title, "day": in_each(partial(day, one.starts_local))} for one in sessions
    ]
