"""The hours that people spent here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.queries import hours_of


@dataclass(frozen=True)
class Held:
    """``hours``: an hour of one person is one; ``people``: how many different ones they are."""

    hours: float
    people: int


def count_held(db: Session, since: datetime, until: datetime) -> Held:
    """What was attended at sessions that ended in [since, until), guests without account too.

    A guest is known by their address; a name without one is somebody else each time.
    """
    rows = db.execute(
        select(
            Attendance.id,
            Attendance.user_id,
            Attendance.guest_email,
            Attendance.day,
            Attendance.half,
            LearningSession.starts_local,
            LearningSession.ends_local,
        )
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(
            Attendance.presence == Presence.PRESENT,
            LearningSession.ends_at >= since,
            LearningSession.ends_at < until,
        )
        .order_by(Attendance.id)
    )
    hours, people = 0.0, set()
    for line, user_id, email, day, half, starts, ends in rows:
        hours += hours_of(day, half, starts, ends)
        people.add(user_id or email or line)
    return Held(hours, len(people))
