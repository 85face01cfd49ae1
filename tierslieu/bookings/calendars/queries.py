"""The sessions of a week or a month, day by day: as many as a page can show, and how many more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import Filter, conditions_of


@dataclass(frozen=True)
class Block:
    """A session as it stands in one day of a calendar."""

    id: UUID
    title: str
    starts_local: datetime
    ends_local: datetime
    is_cancelled: bool
    is_from_before: bool = False  # it began the day before and goes on


@dataclass
class Day:
    """The sessions that touch a day: the first of them, and how many there are."""

    count: int = 0
    blocks: list[Block] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not among the blocks."""
        return self.count - len(self.blocks)


def list_by_day(db: Session, wanted: Filter, days: Sequence[date], *, most: int) -> dict[date, Day]:
    """Each of ``days`` with at most ``most`` sessions, in order of time, in one query.

    The database counts: a day with a thousand sessions sends as many rows as it shows. Those that
    go on after midnight come besides, for they stand in two days; they are few.
    """
    starts_on, ends_on = (
        func.date(column) for column in (LearningSession.starts_local, LearningSession.ends_local)
    )
    ranked = (
        select(
            LearningSession.id,
            LearningSession.title,
            LearningSession.starts_local,
            LearningSession.ends_local,
            LearningSession.starts_at,
            LearningSession.cancelled_at,
            (starts_on != ends_on).label("spills"),
            func.row_number()
            .over(partition_by=starts_on, order_by=(LearningSession.starts_at, LearningSession.id))
            .label("place"),
            func.count().over(partition_by=starts_on).label("of_day"),
        )
        .where(*conditions_of(wanted))
        .subquery()
    )
    rows = db.execute(
        select(ranked)
        .where((ranked.c.place <= most) | ranked.c.spills)
        .order_by(ranked.c.starts_at, ranked.c.id)
    ).all()
    found = {day: Day() for day in days}
    for row in rows:
        block = Block(
            row.id, row.title, row.starts_local, row.ends_local, row.cancelled_at is not None
        )
        _put(found, block, place=row.place, of_day=row.of_day)
    for day in found.values():
        # Of a day, what began the day before stands first.
        day.blocks = sorted(day.blocks, key=lambda b: not b.is_from_before)[:most]
    return found


def _put(found: dict[date, Day], block: Block, *, place: int, of_day: int) -> None:
    first = block.starts_local.date()
    if first in found:
        found[first].blocks.append(block)
        if place == 1:
            found[first].count += of_day
    # An hour that ends a session is no longer of it: at midnight it does not touch the next day.
    last = (block.ends_local - timedelta(microseconds=1)).date()
    day = first + timedelta(days=1)
    while day <= last:
        if day in found:
            found[day].count += 1
            found[day].blocks.append(
                Block(
                    block.id,
                    block.title,
                    block.starts_local,
                    block.ends_local,
                    block.is_cancelled,
                    is_from_before=True,
                )
            )
        day += timedelta(days=1)
