"""Signatures in words, and the list of who may sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.papers.sheets import tell_apart
from tierslieu.attendance.queries import list_lines
from tierslieu.attendance.rules import HalfDay
from tierslieu.attendance.signing.codes import Codes, own_digest
from tierslieu.attendance.signing.models import Manner, Signature
from tierslieu.attendance.signing.queries import list_expected, list_signatures
from tierslieu.attendance.signing.rules import list_uncovered
from tierslieu.attendance.signing.words import countersigned_words, first_by_line, how_signed


@dataclass(frozen=True)
class SignerLine:
    """One line of the sign-in page. ``code``: what the phone knows their own code again by."""

    key: UUID
    name: str
    apart: str
    code: str
    is_online: bool
    is_signed: bool
    is_seen: bool  # by the team alone: they may still sign themselves
    state: str


@dataclass(frozen=True)
class SheetState:
    """A half-day as the sign-in page shows it."""

    lines: Sequence[SignerLine]
    signed: int
    waiting: int  # signatures that nobody countersigned
    closed: Sequence[str]  # countersignatures, in words


def make_state(db: Session, session_id: UUID, half_day: HalfDay, codes: Codes) -> SheetState:
    """Who may sign this half-day, who did, and what is countersigned."""
    expected = list_expected(db, session_id)
    apart = tell_apart([(one.name, one.email) for one in expected])
    records = list_signatures(db, session_id, half_day)
    signed = first_by_line(records)
    here = {
        (line.user_id or line.guest_email): line
        for line in list_lines(db, session_id)
        if (line.day, line.half) == half_day
    }
    lines = []
    for one, other in zip(expected, apart, strict=True):
        line = here.get(one.user_id or one.email)
        signature = signed.get(line.id) if line else None
        code = own_digest(session_id, codes.own(session_id, one.user_id)) if one.user_id else ""
        lines.append(
            SignerLine(
                one.key,
                one.name,
                other,
                code,
                one.mode is SeatMode.ONLINE,
                signature is not None,
                signature is not None and signature.manner is Manner.TEAM,
                _state(line, signature),
            )
        )
    return SheetState(
        lines,
        sum(line.is_signed for line in lines),
        len(list_uncovered(records)),
        countersigned_words(records),
    )


def _state(line: Attendance | None, signature: Signature | None) -> str:
    if line is None:
        return ""
    if signature is not None:
        words = how_signed(signature)
        if line.presence is not Presence.PRESENT:
            words = str(_("%(signed)s ; l’appel dit l’absence", signed=words))
        return words
    return {
        Presence.PRESENT: str(_("présence notée à l’appel")),
        Presence.ABSENT: str(_("absence notée à l’appel")),
        Presence.EXCUSED: "",  # the list goes round the room: who is excused is nobody's business
    }[line.presence]
