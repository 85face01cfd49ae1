"""Writing an act down, forgetting a person, sweeping what is old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.logbook.acts import Act
from tierslieu.logbook.chain import seal_of
from tierslieu.logbook.models import LogEntry, LogHead
from tierslieu.logbook.queries import accounts_of, find_last_before
from tierslieu.logbook.whence import whence
from tierslieu.logbook.writing import Noted, keep_for_commit

# Three years: as long as a wrong done here may be asked about, and the longest the CNIL finds
# proportionate for such records (recommendation on logging, délibération 2021-122).
KEPT_FOR = timedelta(days=3 * 365 + 1)


def note(
    db: Session,
    act: Act,
    *,
    now: datetime | None = None,
    subject_id: UUID | None = None,
    about: Mapping[str, str | int] | None = None,
    words: str = "",
    actor_id: UUID | None = None,
    is_nobody: bool = False,
) -> None:
    """Write an act down, in the transaction that does it; call it once the rule has written.

    Who acts and from where is known by itself; ``actor_id`` where the rule was told.
    ``about``: what it was done to, in a few texts and numbers that name nobody, for they can never
    be erased. ``words``: what was said of the subject (a reason); goes with them. ``is_nobody``:
    whoever acts asks to be forgotten by this very act.
    """
    came = whence()
    who = None if is_nobody else actor_id or came.actor_id
    keep_for_commit(
        db,
        Noted(
            at=now or clock.now(),
            act=act.value,
            via=came.via.value,
            via_ref=came.ref,
            about=json.dumps(dict(about or {}), sort_keys=True, ensure_ascii=False),
            actor_id=who,
            actor=seal_of(str(who) if who else ""),
            subject_id=subject_id,
            subject=seal_of(str(subject_id) if subject_id else "", words),
        ),
    )


def forget_in_logbook(db: Session, user_id: UUID) -> None:
    """Empty what says who this person is, whatever they did or was done to them; the chain stays
    whole. Of accounts that were joined to theirs too."""
    lock_for_writing(db)
    theirs = accounts_of(db, user_id)
    db.execute(
        update(LogEntry)
        .where(LogEntry.actor_id.in_(theirs))
        .values(actor_id=None, actor_salt="")
        .execution_options(synchronize_session=False)
    )
    db.execute(
        update(LogEntry)
        .where(LogEntry.subject_id.in_(theirs))
        .values(subject_id=None, subject_salt="", words="")
        .execution_options(synchronize_session=False)
    )


def sweep(db: Session, *, now: datetime) -> int:
    """Remove what is older than :data:`KEPT_FOR`; how many rows. The hash of the last of them stays
    as the anchor that the rest follows."""
    lock_for_writing(db)
    last = find_last_before(db, now - KEPT_FOR)
    if last is None:
        return 0
    db.execute(select(LogHead.id).with_for_update())
    db.execute(
        update(LogHead).values(anchor=last.digest, anchor_number=last.number, anchor_at=last.at)
    )
    swept = db.execute(
        delete(LogEntry)
        .where(LogEntry.number <= last.number)
        .execution_options(synchronize_session=False)
    )
    count: int = swept.rowcount  # type: ignore[attr-defined]
    return count
