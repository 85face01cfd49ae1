"""Acts noted in a transaction go to the end of the chain as its last step before the commit.

So the end of the chain is held for an instant only, is always the last thing to be locked (no two
writers wait for each other), and what is rolled back was never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, SessionTransaction

from tierslieu.chaining import write_instant
from tierslieu.db import is_sqlite, say_writing
from tierslieu.logbook.chain import Link, Sealed
from tierslieu.logbook.models import LogEntry, LogHead

_NOTED = "tierslieu_noted"


@dataclass(frozen=True)
class Noted:
    """An act that waits for the commit."""

    at: datetime
    act: str
    via: str
    via_ref: str
    about: str
    actor_id: UUID | None
    actor: Sealed
    subject_id: UUID | None
    subject: Sealed


def keep_for_commit(db: Session, noted: Noted) -> None:
    """Write this act when the transaction commits; never if it fails, or the step it is in."""
    say_writing(db)
    steps, step = [], db.get_nested_transaction()
    while step is not None:
        steps.append(step)
        step = step.parent if step.parent is not None and step.parent.nested else None
    db.info.setdefault(_NOTED, []).append((noted, steps))


def _append(db: Session, noted: Sequence[Noted]) -> None:
    make = sqlite.insert if is_sqlite(db) else postgresql.insert
    db.execute(
        make(LogHead)
        .values(id=1, head="", length=0, anchor="", anchor_number=0)
        .on_conflict_do_nothing()
    )
    # The one row every writer passes by: the order of the chain is the order of the commits.
    head = db.execute(select(LogHead.head, LogHead.length).with_for_update()).one()
    previous, number, rows = head.head, head.length, []
    for one in noted:
        number += 1
        link = Link(
            number=number,
            previous=previous,
            at=write_instant(one.at),
            act=one.act,
            via=one.via,
            via_ref=one.via_ref,
            about=one.about,
            actor=one.actor.seal,
            subject=one.subject.seal,
        )
        rows.append(
            {
                "number": number,
                "at": one.at.replace(microsecond=0),
                "act": one.act,
                "via": one.via,
                "via_ref": one.via_ref,
                "about": one.about,
                "actor_id": one.actor_id,
                "actor_salt": one.actor.salt,
                "actor_seal": one.actor.seal,
                "subject_id": one.subject_id,
                "subject_salt": one.subject.salt,
                "words": one.subject.words,
                "subject_seal": one.subject.seal,
                "previous": previous,
                "digest": link.digest,
            }
        )
        previous = link.digest
    db.execute(insert(LogEntry), rows)
    db.execute(update(LogHead).values(head=previous, length=number))


@event.listens_for(Session, "before_commit")
def _write_noted(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a step within the transaction ends; the transaction goes on
    noted = session.info.pop(_NOTED, None)
    if noted:
        session.flush()
        _append(session, [one for one, _steps in noted])


@event.listens_for(Session, "after_soft_rollback")
def _forget_step(session: Session, ended: SessionTransaction) -> None:
    noted = session.info.get(_NOTED)
    if noted and ended.nested:
        session.info[_NOTED] = [(one, steps) for one, steps in noted if ended not in steps]


@event.listens_for(Session, "after_transaction_end")
def _forget_noted(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTED, None)
