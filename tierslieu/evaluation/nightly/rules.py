"""Keeping figures, and asking for them anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.evaluation.nightly.models import NightlyFigures
from tierslieu.evaluation.nightly.periods import list_periods
from tierslieu.evaluation.nightly.queries import list_kept


def list_due(db: Session, now: datetime) -> list[str]:
    """The names of what is to be made by ``now``: what somebody waits for, then what is missing or
    of another night."""
    kept = {one.name: one for one in list_kept(db)}
    due = [
        one.name
        for one in list_periods(db, now)
        if one.name not in kept
        or kept[one.name].asked_at is not None
        or one.is_due(kept[one.name].made_at, now)
    ]
    return sorted(due, key=lambda name: name not in kept or kept[name].asked_at is None)


def keep_figures(db: Session, name: str, content: Mapping[str, Any], *, made_at: datetime) -> None:
    """Keep what was made of the place as it was at ``made_at``, unless it is already newer."""
    lock_for_writing(db)
    found = db.get(NightlyFigures, name, with_for_update=True, populate_existing=True)
    if found is None:
        try:
            with db.begin_nested():
                db.add(NightlyFigures(name=name, made_at=made_at, content=dict(content)))
        except IntegrityError:  # another worker made the same at this moment: its figures do
            return
    elif found.made_at <= made_at:
        found.content, found.made_at = dict(content), made_at
        if found.asked_at is not None and found.asked_at <= made_at:
            found.asked_at = None
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
    gone = {one.name for one in list_kept(db)} - {one.name for one in list_periods(db, now)}
    if gone:
        lock_for_writing(db)
        db.execute(delete(NightlyFigures).where(NightlyFigures.name.in_(gone)))
    return len(gone)
