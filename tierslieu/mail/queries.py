"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.clockwork import nobody_at
from tierslieu.mail.models import HELD, LONGEST_WAIT, NEVER, OutboxMessage


def _is_its_turn(now: datetime) -> ColumnElement[bool]:
    """Its instant has come, or was written by a clock that was ahead and has been set right."""
    ahead = now + clock.DIFFERENCE
    return or_(
        OutboxMessage.next_try_at <= now,
        and_(
            OutboxMessage.next_try_at < NEVER,
            or_(
                OutboxMessage.created_at > ahead,
                and_(OutboxMessage.attempts > 0, OutboxMessage.next_try_at > ahead + LONGEST_WAIT),
            ),
        ),
    )


def find_due(db: Session, now: datetime, limit: int) -> Sequence[OutboxMessage]:
    """Mails to send now that no worker is at, oldest first."""
    return db.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.sent_at.is_(None),
            _is_its_turn(now),
            nobody_at(OutboxMessage.leased_until, now),
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def list_latest(db: Session, offset: int, limit: int) -> Sequence[OutboxMessage]:
    """The newest mails first: the inbox page of a demonstration."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.recipient != "")
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count_all(db: Session) -> int:
    """How many mails the outbox holds, forgotten ones left out."""
    kept = select(func.count()).where(OutboxMessage.recipient != "")
    return db.scalar(kept.select_from(OutboxMessage)) or 0


def list_mails_to(db: Session, address: str) -> Sequence[OutboxMessage]:
    """The mails written to this address that are still kept, the first first."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.recipient == address)
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    ).all()


def list_mails_due(db: Session, due: str) -> Sequence[OutboxMessage]:
    """The mails whose key begins so and that are still kept, the first first."""
    return db.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.due_key.startswith(due, autoescape=True), OutboxMessage.recipient != ""
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    ).all()


def count_mails_to(db: Session, address: str, template: str, since: datetime) -> int:
    """How many mails of that template were written to this address since then."""
    query = select(func.count()).select_from(OutboxMessage)
    return (
        db.scalar(
            query.where(
                OutboxMessage.recipient == address,
                OutboxMessage.template == template,
                OutboxMessage.created_at > since,
            )
        )
        or 0
    )


def list_sent_before(db: Session, instant: datetime, limit: int) -> Sequence[OutboxMessage]:
    """Mails that left before then and are still kept, the first first."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.sent_at < instant, OutboxMessage.recipient != "")
        .order_by(OutboxMessage.sent_at, OutboxMessage.id)
        .limit(limit)
    ).all()


def find_message(db: Session, message_id: UUID) -> OutboxMessage | None:
    """One mail; None for one that was forgotten."""
    found = db.get(OutboxMessage, message_id)
    return found if found is not None and found.recipient else None


def count_mails(db: Session, due: str, since: datetime) -> int:
    """How many mails whose key begins so were written since then, left or not."""
    query = select(func.count()).select_from(OutboxMessage)
    return (
        db.scalar(
            query.where(
                OutboxMessage.due_key.startswith(due, autoescape=True),
                OutboxMessage.created_at > since,
            )
        )
        or 0
    )


def list_written(db: Session, due_keys: Sequence[str]) -> set[str]:
    """Those of the keys whose mail was written, left or not."""
    found: set[str] = set()
    for start in range(0, len(due_keys), 500):
        some = due_keys[start : start + 500]
        query = select(OutboxMessage.due_key).where(OutboxMessage.due_key.in_(some))
        found.update(key for key in db.scalars(query.order_by(OutboxMessage.due_key)) if key)
    return found


def list_of_key(db: Session, due_key: str) -> Sequence[OutboxMessage]:
    """The mails written under this key, or one that goes on from it after a colon."""
    return db.scalars(
        select(OutboxMessage)
        .where(
            or_(
                OutboxMessage.due_key == due_key,
                OutboxMessage.due_key.startswith(f"{due_key}:", autoescape=True),
            )
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    ).all()


def list_held(db: Session, limit: int) -> Sequence[OutboxMessage]:
    """Mails of before a restore that are held back, the first first."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.last_error == HELD)
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(limit)
    ).all()


def count_held(db: Session) -> int:
    """How many they are."""
    query = select(func.count()).select_from(OutboxMessage)
    return (
        db.scalar(query.where(OutboxMessage.sent_at.is_(None), OutboxMessage.last_error == HELD))
        or 0
    )


@dataclass(frozen=True)
class Waiting:
    """How many mails are to leave, how many were given up, and the seconds since the oldest of
    the first could have left."""

    count: int
    failed: int
    age: float


def measure_waiting(db: Session, now: datetime) -> Waiting:
    """How the outbox is."""
    given_up = now + timedelta(days=365)  # the sender puts their next try at the end of time
    is_failed = OutboxMessage.next_try_at > given_up
    count, failed, oldest = db.execute(
        select(
            func.count().filter(~is_failed),
            func.count().filter(is_failed),
            func.min(OutboxMessage.created_at).filter(OutboxMessage.next_try_at <= now),
        )
        .select_from(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None))
    ).one()
    return Waiting(count, failed, (now - oldest).total_seconds() if oldest else 0.0)
