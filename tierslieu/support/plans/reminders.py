"""Reminders of what falls due: a week before, once for each day on which something is due.

None for a date that was written within that week, none for what is ticked by then, none at night:
what was due in the night is looked at in the morning. The mail says the day, not what is to do.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.bookings.holding import next_waking
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import list_written
from tierslieu.mail.rules import write_mail
from tierslieu.mail.words import in_each
from tierslieu.support.plans.models import PlanStep
from tierslieu.support.plans.queries import list_due_between
from tierslieu.web.formats import day as format_day

BEFORE = timedelta(days=7)
AT_ONCE = 500


def remind(db: Session, *, now: datetime) -> int:
    """Write the reminders that are due and were not written; returns how many."""
    if next_waking(now) != now:
        return 0
    lock_for_writing(db)
    today = to_local(now).date()
    due: dict[tuple[UUID, date], list[PlanStep]] = defaultdict(list)
    for step in list_due_between(db, today, today + BEFORE):
        assert step.due is not None
        assert step.dated_at is not None
        if to_local(step.dated_at).date() <= step.due - BEFORE:
            due[step.plan_id, step.due].append(step)
    keys = {f"plan:{plan_id}:due:{day}": steps for (plan_id, day), steps in due.items()}
    written = list_written(db, list(keys))
    new = [key for key in keys if key not in written][:AT_ONCE]
    for key in new:
        steps = keys[key]
        day, user = steps[0].due, steps[0].plan.user
        assert day is not None
        context = {
            "name": user.name,
            "day": in_each(partial(format_day, day, year=True)),
            "count": len(steps),
            "path": "/mon-plan",
        }
        write_mail(db, user.email, "support_plan_due", context, now=now, due_key=key)
    return len(new)
