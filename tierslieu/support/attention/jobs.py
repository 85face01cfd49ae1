"""Every night, in a large place: of whom the rules speak."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.house import House
from tierslieu.nightly.rules import (
    ROWS,
    find_made,
    forget_made,
    is_due,
    is_large,
    set_made,
    slices,
)
from tierslieu.support.attention.listing import NAME
from tierslieu.support.attention.listing_queries import add_listed, list_open, remove_listed
from tierslieu.support.attention.queries import list_latest_settings
from tierslieu.support.attention.speaking import listen


def make_list(db: Session, house: House, now: datetime) -> int:
    """Judge everybody, in a large place whose list is of yesterday or older than a setting; gives
    how many stand in it. Commits in slices: the list before holds until this one is whole."""
    made_at = find_made(db, NAME)
    if not is_large(db):
        _remove(db, None)
        if made_at is not None:
            forget_made(db, NAME)
            db.commit()
        return 0
    changed = max((one.set_at for one in list_latest_settings(db)), default=None)
    is_old = made_at is not None and changed is not None and changed > made_at
    if not is_old and not is_due(made_at, now):
        return 0
    found: list[tuple[datetime, str, UUID, datetime]] = []
    for ids in slices(db):
        names = list_open(db, ids)
        for one in listen(db, house, now, ids).values():
            if one.user_id in names:
                newest = max(finding.at for finding in one.findings)
                found.append((one.since, names[one.user_id], one.user_id, newest))
        db.rollback()  # a whole place is read: nobody waits for that
    found.sort()
    _remove(db, made_at)  # what a worker that was killed had begun
    for first in range(0, len(found), ROWS):
        lock_for_writing(db)
        rows = [(user_id, newest) for _s, _n, user_id, newest in found[first : first + ROWS]]
        still = list_open(db, [user_id for user_id, _newest in rows])
        # Whoever closed their account meanwhile is nowhere any more.
        add_listed(db, now, first + 1, [row for row in rows if row[0] in still])
        db.commit()
    set_made(db, NAME, now)
    db.commit()
    _remove(db, now)
    return len(found)


def _remove(db: Session, but: datetime | None) -> None:
    lock_for_writing(db)
    while remove_listed(db, but):
        db.commit()
        lock_for_writing(db)
    db.commit()
