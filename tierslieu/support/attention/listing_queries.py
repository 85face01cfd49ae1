"""Reading and changing the list made at night, of those whom a reader may ask after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from tierslieu.among import is_among
from tierslieu.counting import count_some
from tierslieu.nightly.rules import MOST, ROWS
from tierslieu.people.models import User
from tierslieu.support.attention.models import AttentionListed, AttentionPause
from tierslieu.support.attention.queries import is_of_team


def _listed(made_at: datetime, reader_id: UUID, today: date, is_later: bool) -> Select[UUID]:
    """Who has waited longest first. What keeps the rules quiet is as ``quieted_by`` has it, on the
    facts of when the list was made."""
    living = or_(AttentionPause.until > today, AttentionPause.until.is_(None))
    aside = and_(
        AttentionPause.until.is_(None), AttentionPause.made_at >= AttentionListed.newest_at
    )
    quiet = exists().where(
        AttentionPause.about_id == AttentionListed.user_id,
        AttentionPause.ended_at.is_(None),
        or_(AttentionPause.until > today, aside),
    )
    query = (
        select(AttentionListed.user_id)
        .join(User, User.id == AttentionListed.user_id)
        .where(
            AttentionListed.made_at == made_at,
            AttentionListed.user_id != reader_id,
            User.active.is_(True),
            is_of_team(reader_id),
        )
    )
    if not is_later:
        return query.where(~quiet).order_by(AttentionListed.place)
    # From the pauses, which are few, not along the list: a sum is in no index.
    paused = select(AttentionPause.about_id).where(AttentionPause.ended_at.is_(None), living)
    in_order = AttentionListed.place + 0
    return query.where(AttentionListed.user_id.in_(paused), quiet).order_by(in_order)


def count_listed(
    db: Session, made_at: datetime, reader_id: UUID, today: date, *, is_later: bool
) -> int:
    """How many stand in the list made then, put off or not; ``MOST`` for that many or more."""
    return count_some(db, _listed(made_at, reader_id, today, is_later).limit(MOST))


def list_listed(
    db: Session,
    made_at: datetime,
    reader_id: UUID,
    today: date,
    *,
    is_later: bool,
    offset: int,
    limit: int,
) -> list[UUID]:
    """So many of them, who has waited longest first."""
    query = _listed(made_at, reader_id, today, is_later)
    return list(db.scalars(query.offset(offset).limit(limit)))


def find_listed(db: Session, user_id: UUID) -> datetime | None:
    """Of when the latest list is in which this person stands."""
    return db.scalar(
        select(AttentionListed.made_at)
        .where(AttentionListed.user_id == user_id)
        .order_by(AttentionListed.made_at.desc())
        .limit(1)
    )


def list_open(db: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Those of these accounts that are open, with what they are put in order by."""
    rows = db.execute(
        select(User.id, User.sort_name)
        .where(is_among(User.id, ids), User.active.is_(True))
        .order_by(User.id)
    )
    return {row[0]: row[1] for row in rows}


def add_listed(
    db: Session, made_at: datetime, first: int, rows: Sequence[tuple[UUID, datetime]]
) -> None:
    """These people, each with their newest fact, from the place ``first`` on."""
    db.execute(
        insert(AttentionListed),
        [
            {"made_at": made_at, "place": first + number, "user_id": user_id, "newest_at": newest}
            for number, (user_id, newest) in enumerate(rows)
        ],
    )


def remove_listed(db: Session, but: datetime | None) -> int:
    """Some rows of every list but the one made then; how many. 0: none is left."""
    old = select(AttentionListed.made_at, AttentionListed.place)
    if but is not None:
        old = old.where(AttentionListed.made_at != but)
    keys = db.execute(old.order_by(AttentionListed.made_at, AttentionListed.place).limit(ROWS))
    last = [(row[0], row[1]) for row in keys][-1:]
    for made_at, place in last:
        gone = delete(AttentionListed).where(
            or_(
                AttentionListed.made_at < made_at,
                and_(AttentionListed.made_at == made_at, AttentionListed.place <= place),
            )
        )
        if but is not None:
            gone = gone.where(AttentionListed.made_at != but)
        return int(getattr(db.execute(gone), "rowcount", 0))
    return 0


def remove_listed_of(db: Session, user_id: UUID) -> None:
    """This person stands in no list any more."""
    db.execute(delete(AttentionListed).where(AttentionListed.user_id == user_id))
