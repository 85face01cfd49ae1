"""The page of whom to ask after: everybody judged at once in a small place, the night's list in a
large one (``tierslieu/nightly``). The rules stay the judge: whoever is shown is judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.house import House
from tierslieu.nightly.rules import find_made, is_large
from tierslieu.support.attention.listing_queries import count_listed, list_listed
from tierslieu.support.attention.speaking import Spoken, list_spoken, listen, read_settings

NAME = "attention_list"


@dataclass(frozen=True)
class Shown:
    """One page of those of whom the rules speak. ``counts``: how many there are now, and put off,
    ``MOST`` at most. ``made_at``: of when the list is; None: of this moment. ``is_awaited``: there
    is no list yet."""

    items: Sequence[Spoken]
    number: int
    counts: tuple[int, int]
    made_at: datetime | None = None
    is_awaited: bool = False


def show_spoken(
    db: Session,
    house: House,
    reader_id: UUID,
    now: datetime,
    *,
    is_later: bool,
    number: int,
    per_page: int,
) -> Shown:
    """The page that was asked for, of those put off or of the others; a page beyond the last is
    the last."""

    def start(count: int) -> tuple[int, int]:
        last = max(1, -(-count // per_page))
        return min(number, last), (min(number, last) - 1) * per_page

    if not is_large(db):
        lists = list_spoken(db, house, reader_id, now)
        asked = lists[is_later]
        page, first = start(len(asked))
        return Shown(asked[first : first + per_page], page, (len(lists[0]), len(lists[1])))
    made_at = find_made(db, NAME)
    if made_at is None:
        return Shown((), 1, (0, 0), is_awaited=True)
    today = to_local(now).date()
    counts = (
        count_listed(db, made_at, reader_id, today, is_later=False),
        count_listed(db, made_at, reader_id, today, is_later=True),
    )
    page, first = start(counts[is_later])
    ids = list_listed(
        db, made_at, reader_id, today, is_later=is_later, offset=first, limit=per_page
    )
    # Who has come since, or answered, is not shown; who fell silent since waits for the night.
    spoken = listen(db, house, now, ids) if ids else {}
    found = [spoken[one] for one in ids if one in spoken]
    items = [one for one in found if (one.pause is not None) is is_later]
    return Shown(items, page, counts, made_at)


def count_spoken(
    db: Session, house: House, reader_id: UUID, now: datetime
) -> tuple[int, datetime | None]:
    """Of how many a rule speaks, those put off left out, ``MOST`` at most in a large place; and of
    when that is, None for now."""
    if not is_large(db):
        return len(list_spoken(db, house, reader_id, now)[0]), None
    made_at = find_made(db, NAME)
    is_on, _place, _standing = read_settings(db, house)
    if made_at is None or not is_on:
        return 0, made_at
    today = to_local(now).date()
    return count_listed(db, made_at, reader_id, today, is_later=False), made_at
