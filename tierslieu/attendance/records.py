"""Records of the roll that may be sent again: each has a nonce, and is noted once.

A phone without network sends what it has until it is answered. Sent again, a record must not undo
what somebody corrected on the roll meanwhile: its nonce says that it was heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, AttendanceRecord
from tierslieu.attendance.queries import list_records
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused


@dataclass(frozen=True)
class Record:
    """One word about one person and one half-day; ``digest`` tells what it says from another."""

    nonce: UUID
    digest: str
    entry: RollEntry


@dataclass(frozen=True)
class Noted:
    """A record and its line of the roll as it stands; ``is_new``: it was noted just now."""

    nonce: UUID
    line: Attendance
    is_new: bool


def note_records(
    db: Session,
    session_id: UUID,
    records: Sequence[Record],
    *,
    now: datetime,
    actor_id: UUID,
    why: str = "",
) -> list[Noted]:
    """Note the records not heard before, all of them or none; those heard before change nothing.

    Each is of one half-day. Returns what became of each, in the order given. Raises as
    :func:`note_presence` does, with the ``nonce`` of the record it is about; besides,
    ``person_unknown`` for an account that is not there, and ``nonce_reused`` for another record
    under the nonce of one heard before.
    """
    lock_for_writing(db)
    # The row that note_presence takes: of two who send the same, one comes after the other.
    if db.get(LearningSession, session_id, with_for_update=True, populate_existing=True) is None:
        raise NotYours
    known = list_records(db, session_id, [record.nonce for record in records])
    fresh: dict[UUID, Record] = {}
    for record in records:
        before = known.get(record.nonce) or fresh.get(record.nonce)
        if before is None:
            fresh[record.nonce] = record
        elif before.digest != record.digest:
            raise Refused(
                _("Ce numéro a déjà servi à noter autre chose : il en faut un par enregistrement."),
                code="nonce_reused",
                more={"nonce": str(record.nonce)},
            )
    lines = _note(db, session_id, list(fresh.values()), now, actor_id, why)
    for nonce, line in lines.items():
        digest = fresh[nonce].digest
        db.add(
            AttendanceRecord(
                session_id=session_id,
                nonce=nonce,
                attendance_id=line.id,
                digest=digest,
                noted_at=now,
            )
        )
    db.flush()
    return [
        Noted(
            record.nonce,
            lines[record.nonce] if record.nonce in fresh else known[record.nonce].attendance,
            record.nonce in fresh,
        )
        for record in records
    ]


def _note(
    db: Session,
    session_id: UUID,
    records: Sequence[Record],
    now: datetime,
    actor_id: UUID,
    why: str,
) -> dict[UUID, Attendance]:
    if not records:
        return {}
    entries = [record.entry for record in records]
    try:
        lines = note_presence(db, session_id, entries, now=now, actor_id=actor_id, why=why)
    except Refused as refused:
        if (number := refused.more.pop("entry", None)) is not None:
            refused.more["nonce"] = str(records[number].nonce)
            if isinstance(refused, NotYours):
                raise Refused(
                    _("Il n’y a pas de compte de cet identifiant : rien n’a été noté."),
                    code="person_unknown",
                    more=refused.more,
                ) from None
        raise
    return {record.nonce: line for record, line in zip(records, lines, strict=True)}
