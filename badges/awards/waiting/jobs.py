"""Every night, in a large place: for whom which badge waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from badges.awards.proposals import Found, find_waiting
from badges.awards.waiting.models import WaitingKind
from badges.awards.waiting.queries import add_waiting, remove_lists
from badges.awards.waiting.rules import NAME, find_list
from badges.designs.queries import list_badges
from tierslieu.db import lock_for_writing
from tierslieu.house import House
from tierslieu.nightly.rules import find_made, forget_made, is_due, set_made, slices

UNDATED = datetime.max.replace(tzinfo=UTC)  # after whoever met it on a day that is known


def make_list(db: Session, house: House, now: datetime) -> int:
    """Judge everybody, in a large place whose list is of yesterday or older than a badge; gives how
    many stand in it. Commits in slices: the list before holds until this one is whole."""
    large, made_at = find_list(db)
    if not large:
        _remove(db, None)
        if find_made(db, NAME) is not None:
            forget_made(db, NAME)
            db.commit()
        return 0
    published = [b.published_at for b in list_badges(db) if b.published_at is not None]
    is_old = made_at is not None and any(made_at < at <= now for at in published)
    if not is_old and not is_due(made_at, now):
        return 0
    _remove(db, made_at)  # what a worker that was killed had begun
    count = 0
    for ids in slices(db):
        found = find_waiting(db, list_badges(db), house, now=now, among=ids)
        rows = [row for one in found for row in _rows(one, now)]
        lock_for_writing(db)
        # Whoever closed their account or was given the badge meanwhile is left out when shown.
        add_waiting(db, rows)
        db.commit()
        count += len(rows)
    set_made(db, NAME, now)
    db.commit()
    _remove(db, now)
    return count


def _rows(found: Found, now: datetime) -> Iterator[dict[str, Any]]:
    for kind, some in (
        (WaitingKind.READY, found.ready),
        (WaitingKind.TO_JUDGE, found.to_judge),
        (WaitingKind.TO_RENEW, found.to_renew),
    ):
        for one in some:
            at = one.ends_at if kind is WaitingKind.TO_RENEW else one.since
            yield {
                "made_at": now,
                "badge_id": found.badge.id,
                "user_id": one.user_id,
                "kind": kind,
                "is_withdrawn": one.withdrawn is not None,
                "at": at or UNDATED,
            }


def _remove(db: Session, but: datetime | None) -> None:
    lock_for_writing(db)
    while remove_lists(db, but):
        db.commit()
        lock_for_writing(db)
    db.commit()
