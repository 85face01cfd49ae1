"""What happens by itself: the digests of Monday morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.feedback.digests.links import leave_path
from courses.feedback.digests.queries import list_due_paths
from courses.feedback.digests.rules import is_time, send_digest, week_of
from tierslieu.house import Job


def send_digests(db: Session, now: datetime) -> int:
    """One path a transaction: killed in between, the next run goes on with the rest."""
    if not is_time(now):
        return 0
    week, count = week_of(now), 0
    leave = partial(leave_path, current_app.config["TIERSLIEU"])
    for path_id in list_due_paths(db, week):
        try:
            digest = send_digest(db, path_id, week, now=now, leave=leave)
            db.commit()
        except IntegrityError:  # another worker was quicker
            db.rollback()
            continue
        count += digest.mails if digest is not None else 0
    db.rollback()
    return count


JOBS = (Job("course_digests", timedelta(minutes=10), send_digests),)
