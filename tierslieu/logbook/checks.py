"""Whether the logbook is whole, and where it is not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.chaining import write_instant
from tierslieu.house import Finding
from tierslieu.logbook.chain import Link, Sealed
from tierslieu.logbook.models import LogEntry
from tierslieu.logbook.queries import find_digest, find_head, iterate_entries
from tierslieu.logbook.rules import KEPT_FOR


def link_of(one: LogEntry) -> Link:
    """What was hashed of a row, from what is stored of it."""
    return Link(
        number=one.number,
        previous=one.previous,
        at=write_instant(one.at),
        act=one.act,
        via=one.via,
        via_ref=one.via_ref,
        about=one.about,
        actor=one.actor_seal,
        subject=one.subject_seal,
    )


def _unsealed(one: LogEntry) -> bool:
    """Whether a person said beside the row is not the one who was sealed."""
    actor = Sealed(str(one.actor_id or ""), "", one.actor_salt)
    subject = Sealed(str(one.subject_id or ""), one.words, one.subject_salt)
    return any(
        sealed.seal != seal if sealed.salt else bool(sealed.who or sealed.words)
        for sealed, seal in ((actor, one.actor_seal), (subject, one.subject_seal))
    )


def _is_old(at: datetime | None) -> bool:
    return at is not None and at < clock.now() - KEPT_FOR


def check_logbook(db: Session) -> Finding:
    """Every row follows the one before, from the anchor to the head; every person beside a row is
    the one who was sealed.

    The note is the head, to be kept elsewhere: whoever may write the database could make the whole
    chain anew, but not one that passes by a head somebody else wrote down.
    """
    head = find_head(db)
    after, number = (head.anchor, head.anchor_number) if head is not None else ("", 0)
    checked, wrong = 0, []
    if head is not None and head.anchor_number and not _is_old(head.anchor_at):
        wrong.append(f"logbook: rows up to {number} were removed before their time")
    for one in iterate_entries(db):
        checked += 1
        link = link_of(one)
        if one.number != number + 1:
            wrong.append(f"logbook: after row {number} comes row {one.number}")
        elif one.previous != after:
            wrong.append(f"logbook: row {one.number} does not follow the one before")
        if link.digest != one.digest:
            wrong.append(f"logbook: row {one.number} is not what was hashed")
        if _unsealed(one):
            wrong.append(f"logbook: row {one.number} names somebody else than was sealed")
        after, number = one.digest, one.number
    if head is None:
        return Finding(checked, [*wrong, "logbook: its head is missing"] if checked else wrong)
    if (head.head, head.length) != (after, number):
        wrong.append(
            f"logbook: it ends with row {number}, its head says {head.length}: "
            "its last rows are missing, or are others"
        )
    return Finding(checked, wrong, f"head {head.length}:{head.head}")


def passes_by(db: Session, number: int, digest: str) -> bool | None:
    """Whether the logbook still holds the head that was noted once; None: it was swept since."""
    found = find_digest(db, number)
    if found is not None:
        return found == digest
    head = find_head(db)
    return None if head is not None and number < head.anchor_number else False
