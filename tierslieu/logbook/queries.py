"""Reading the logbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from tierslieu.among import is_among
from tierslieu.logbook.acts import Act
from tierslieu.logbook.models import LogEntry, LogHead


def find_head(db: Session) -> LogHead | None:
    """Where the logbook begins and ends; None before the first act."""
    return db.scalar(select(LogHead).execution_options(populate_existing=True))


def iterate_entries(db: Session) -> Iterator[LogEntry]:
    """Every row, the first first, some at a time."""
    query = select(LogEntry).order_by(LogEntry.number)
    return iter(db.scalars(query.execution_options(yield_per=1000, populate_existing=True)))


def find_last_before(db: Session, instant: datetime) -> LogEntry | None:
    """The last of the rows at the beginning that are all older than this."""
    # By number, not by date alone: two acts of a second may stand the other way round.
    first_kept = db.scalar(select(func.min(LogEntry.number)).where(LogEntry.at >= instant))
    query = select(LogEntry).where(LogEntry.at < instant)
    if first_kept is not None:
        query = query.where(LogEntry.number < first_kept)
    return db.scalar(query.order_by(LogEntry.number.desc()).limit(1))


def find_digest(db: Session, number: int) -> str | None:
    """The hash of the row of that number; of the last one swept too."""
    found = db.scalar(select(LogEntry.digest).where(LogEntry.number == number))
    if found is None:
        head = find_head(db)
        return head.anchor if head is not None and head.anchor_number == number else None
    return found


def accounts_of(db: Session, user_id: UUID) -> list[UUID]:
    """This account, and those that were joined to it, one after the other."""
    found, asked = [user_id], [user_id]
    while asked:
        joined = db.scalars(
            select(LogEntry.words)
            .where(LogEntry.act == Act.ACCOUNTS_JOINED.value, LogEntry.subject_id.in_(asked))
            .order_by(LogEntry.number)
        )
        asked = [UUID(words) for words in joined if words]
        asked = [one for one in asked if one not in found]
        found += asked
    return found


def _chosen(
    user_ids: Sequence[UUID], act: str, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if user_ids:
        asked.append(
            or_(is_among(LogEntry.actor_id, user_ids), is_among(LogEntry.subject_id, user_ids))
        )
    if act:
        asked.append(LogEntry.act == act)
    if since is not None:
        asked.append(LogEntry.at >= since)
    if until is not None:
        asked.append(LogEntry.at < until)
    return asked


def list_entries(
    db: Session,
    *,
    user_ids: Sequence[UUID] = (),
    act: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[LogEntry]:
    """The newest acts first, by or about one of these accounts, of one kind, in a half-open
    period."""
    return db.scalars(
        select(LogEntry)
        .where(*_chosen(user_ids, act, since, until))
        .order_by(LogEntry.number.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count_entries(
    db: Session,
    *,
    user_ids: Sequence[UUID] = (),
    act: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many :func:`list_entries` would find."""
    query = select(func.count()).select_from(LogEntry)
    return db.scalar(query.where(*_chosen(user_ids, act, since, until))) or 0
