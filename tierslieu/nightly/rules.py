"""Whether a place needs lists, when one is due, and which one holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tierslieu.clock import to_local, to_utc
from tierslieu.counting import count_some
from tierslieu.db import lock_for_writing
from tierslieu.nightly.models import NightlyList
from tierslieu.people.models import User

LIVE = 200  # open accounts: up to so many, everybody is judged when a page is opened
AT = time(3)  # on the wall: nobody is at the place, and the day before is noted
EVERY = timedelta(minutes=10)  # how often the worker looks whether a list is due
SLICE = 300  # people judged at once, so that memory stays bounded
MOST = 1000  # of a list, told and paged through: beyond, «1 000 ou plus» says enough
ROWS = 2000  # of a list, written or removed in one transaction


def is_large(db: Session) -> bool:
    """Whether there are too many accounts to judge everybody while somebody waits. No more of them
    are counted than it takes to tell."""
    some = select(User.id).where(User.active.is_(True)).limit(LIVE + 1)
    return count_some(db, some) > LIVE


def find_made(db: Session, name: str) -> datetime | None:
    """When the list that holds was made; None where there is none yet."""
    return db.scalar(select(NightlyList.made_at).where(NightlyList.name == name))


def is_due(made_at: datetime | None, now: datetime) -> bool:
    """Whether three o'clock in the morning has passed since the list was made, or none was; also
    where a clock that was wrong made one of the future."""
    return made_at is None or made_at < last_night(now) or made_at > now


def last_night(now: datetime) -> datetime:
    """The last time it was three o'clock in the morning at the place, ``now`` included."""
    here = to_local(now)
    night = to_utc(datetime.combine(here.date(), AT))
    if night > now:
        night = to_utc(datetime.combine(here.date() - timedelta(days=1), AT))
    return night


def set_made(db: Session, name: str, made_at: datetime) -> None:
    """The list made then holds from now on."""
    lock_for_writing(db)
    db.merge(NightlyList(name=name, made_at=made_at))
    db.flush()


def forget_made(db: Session, name: str) -> None:
    """There is no such list any more."""
    lock_for_writing(db)
    db.execute(delete(NightlyList).where(NightlyList.name == name))
    db.flush()


def slices(db: Session) -> Iterator[list[UUID]]:
    """Every open account, some hundreds at a time, in the order of their identifiers."""
    after: UUID | None = None
    while True:
        query = select(User.id).where(User.active.is_(True)).order_by(User.id).limit(SLICE)
        ids = list(db.scalars(query if after is None else query.where(User.id > after)))
        if ids:
            yield ids
        if len(ids) < SLICE:
            return
        after = ids[-1]
