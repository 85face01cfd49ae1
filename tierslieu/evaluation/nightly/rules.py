"""Keeping figures, and asking for them anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.evaluation.nightly.models import NightlyFigures
from tierslieu.evaluation.nightly.periods import Period, list_periods
from tierslieu.evaluation.nightly.queries import list_rows

LEASE = timedelta(hours=3)  # of what a worker is at; what failed is not tried again before


def list_due(db: Session, now: datetime) -> list[str]:
    """The names of what is to be made by ``now``: what somebody waits for, then what is missing or
    of another night."""
    rows = {one.name: one for one in list_rows(db)}

    def is_due(period: Period) -> bool:
        row = rows.get(period.name)
        if row is None or row.made_at is None or row.asked_at is not None:
            return True
        return period.is_due(row.made_at, now)

    due = [one.name for one in list_periods(db, now) if is_due(one)]
    return sorted(due, key=lambda name: name not in rows or rows[name].asked_at is None)


def lease_next(db: Session, now: datetime) -> str | None:
    """Take what comes first of what is due and nobody is at; None where nothing is."""
    lock_for_writing(db)
    for name in list_due(db, now):
        row = _hold(db, name)
        until = row.leased_until
        if until is not None and now < until <= now + LEASE + clock.DIFFERENCE:
            continue
        row.leased_until = now + LEASE
        db.flush()
        return name
    return None


def _hold(db: Session, name: str) -> NightlyFigures:
    found = db.get(NightlyFigures, name, with_for_update=True, populate_existing=True)
    if found is not None:
        return found
    try:
        with db.begin_nested():
            db.add(found := NightlyFigures(name=name))
    except IntegrityError:  # another worker takes the same at this moment
        found = db.get_one(NightlyFigures, name, with_for_update=True, populate_existing=True)
    return found


def keep_figures(db: Session, name: str, content: Mapping[str, Any], *, made_at: datetime) -> None:
    """Keep what was made of the place as it was at ``made_at``, unless it is already newer."""
    lock_for_writing(db)
    found = _hold(db, name)
    if found.made_at is None or found.made_at <= made_at:
        found.content, found.made_at = dict(content), made_at
        if found.asked_at is not None and found.asked_at <= made_at:
            found.asked_at = None
    found.leased_until = None
    db.flush()


def ask_anew(db: Session, names: Iterable[str], *, now: datetime) -> int:
    """Have what is kept under these names made anew; gives how many there are. Asked twice before
    it is made, it is made once."""
    lock_for_writing(db)
    changed = db.scalars(
        update(NightlyFigures)
        .where(NightlyFigures.name.in_(list(names)))
        .values(asked_at=now)
        .returning(NightlyFigures.name)
    )
    return len(changed.all())


def forget_gone(db: Session, now: datetime) -> int:
    """Take away what nobody is shown any more: the figures of a report that is published."""
    gone = {one.name for one in list_rows(db)} - {one.name for one in list_periods(db, now)}
    if gone:
        lock_for_writing(db)
        db.execute(delete(NightlyFigures).where(NightlyFigures.name.in_(gone)))
    return len(gone)
