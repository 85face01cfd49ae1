"""Phones that send at one instant: each in a process of its own, behind a barrier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tests.support.forking import START
from tests.support.signing_in import CODES, Phone
from tierslieu.attendance.signing.device.rules import receive
from tierslieu.attendance.signing.rules import sign_in_room
from tierslieu.people.models import User


@dataclass(frozen=True)
class Sender:
    """One process: what a phone holds, or somebody with the room's code (``user_id``)."""

    phone: Phone | None = None
    user_id: UUID | None = None


def send_at_once(
    database_url: str, session_id: UUID, senders: Sequence[Sender], now: datetime, leader: UUID
) -> Counter[str]:
    """What each was told, counted; an error by its words."""
    barrier, queue = START.Barrier(len(senders)), START.SimpleQueue()
    runners = [
        START.Process(
            target=_runner,
            args=(database_url, session_id, sender, now, leader, barrier, queue),
            daemon=True,
        )
        for sender in senders
    ]
    for runner in runners:
        runner.start()
    told: Counter[str] = Counter()
    for _each in runners:
        told.update(queue.get())
    for runner in runners:
        runner.join(timeout=30)
    return told


def _runner(
    database_url: str,
    session_id: UUID,
    sender: Sender,
    now: datetime,
    leader: UUID,
    barrier: Any,
    queue: Any,
) -> None:
    engine = create_engine(database_url)
    with Session(engine) as db:
        db.execute(text("SELECT 1"))  # connected before the start
        db.rollback()
        barrier.wait(timeout=90)
        try:
            told = _send(db, session_id, sender, now, leader)
            db.commit()
        except Exception as error:
            told = [f"{type(error).__name__}: {error}"[:200]]
    engine.dispose()
    queue.put(told)


def _send(db: Session, session_id: UUID, sender: Sender, now: datetime, leader: UUID) -> list[str]:
    if sender.phone is None:
        sign_in_room(db, session_id, db.get_one(User, sender.user_id), now=now)
        return ["signed"]
    records = sender.phone.records
    heard = receive(
        db,
        session_id,
        sender.phone.id,
        records,
        CODES,
        skew=timedelta(),
        now=now,
        actor_id=leader,
    )
    return ["noted" if one.is_new else "known" for one in heard]
