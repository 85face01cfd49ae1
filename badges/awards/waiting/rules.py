"""Who stands on the pages of what waits, and how many more there are, without judging everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.waiting.models import WaitingKind
from badges.awards.waiting.queries import (
    Kind,
    count_waiting,
    list_first,
    list_known,
    list_touched,
)
from tierslieu.nightly.rules import MOST, find_made, is_large

NAME = "badge_list"
TOUCHED = 60  # people something was noted of since the night, judged when the page is opened


@dataclass(frozen=True)
class Near:
    """Whom to judge so that the page is as if everybody had been: who waits longest in the list,
    and whom something was noted of since. ``only``: the former, and the badges for which they wait
    in the list; the latter may wait for any by now."""

    made_at: datetime
    people: Sequence[UUID]
    only: Mapping[UUID, Set[UUID]]
    totals: Mapping[Kind, int]
    known: set[tuple[UUID, WaitingKind, UUID]]

    def count(self, kind: Kind, found: int) -> int:
        """How many wait in this way, ``found`` among those who were judged; ``MOST`` at most."""
        total = self.totals[kind]
        if total >= MOST:
            return MOST
        judged = sum((badge_id, way) == kind for badge_id, way, _user_id in self.known)
        return min(MOST, total - judged + found)


def find_list(db: Session) -> tuple[bool, datetime | None]:
    """Whether the place is large, and if so of when its list is, None before the first."""
    return (True, find_made(db, NAME)) if is_large(db) else (False, None)


def find_near(
    db: Session, made_at: datetime, badge_ids: Sequence[UUID], viewer_id: UUID, shown: int
) -> Near:
    """Of those badges, for a page that shows so many of each to this viewer."""
    first = list_first(db, made_at, badge_ids, viewer_id, shown)
    touched = list_touched(db, made_at, TOUCHED) | {viewer_id}
    people = first | touched
    known = list_known(db, made_at, sorted(people))
    only: dict[UUID, set[UUID]] = {user_id: set() for user_id in first - touched}
    for badge_id, _kind, user_id in known:
        if user_id in only:
            only[user_id].add(badge_id)
    return Near(
        made_at,
        sorted(people),
        only,
        count_waiting(db, made_at, badge_ids, viewer_id),
        {one for one in known if one[2] != viewer_id},
    )
