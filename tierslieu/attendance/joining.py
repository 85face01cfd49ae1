"""Two accounts of one person become one: of two lines of a roll one is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.attendance.models import Attendance, Presence
from tierslieu.db import lock_for_writing
from tierslieu.people.joining.rows import turn

_WORTH = {Presence.PRESENT: 0, Presence.EXCUSED: 1, Presence.ABSENT: 2}


def join_attendance(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Of one half-day noted for both accounts the line that says most stays: who was there was
    there. What was signed, and what programs sent, is of that line from now on; its corrections
    stay its own, for they tell how it came to say what it says."""
    lock_for_writing(db)
    lines = db.scalars(
        select(Attendance)
        .where(Attendance.user_id.in_([gone, kept]))
        .order_by(Attendance.session_id, Attendance.day, Attendance.half, Attendance.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    ours = {(one.session_id, one.day, one.half): one for one in lines if one.user_id == kept}
    for theirs in (one for one in lines if one.user_id == gone):
        other = ours.get((theirs.session_id, theirs.day, theirs.half))
        if other is None:
            continue
        better, worse = sorted(
            (other, theirs), key=lambda one: (_WORTH[one.presence], one is theirs)
        )
        for change in list(worse.changes):
            db.delete(change)
        db.flush()
        turn(db, Attendance.__tablename__, worse.id, better.id)
        db.expire(worse)
        db.delete(worse)
        db.flush()
