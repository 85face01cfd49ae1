"""The roll as its page shows it: who is expected, who came, what was noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, AttendanceChange, Half, Presence
from tierslieu.attendance.queries import list_known, list_lines
from tierslieu.attendance.rules import HalfDay, list_half_days
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.queries import list_active
from tierslieu.bookings.showing import mode_label
from tierslieu.clock import to_local
from tierslieu.people.models import fold
from tierslieu.web.formats import day, hour


@dataclass(frozen=True)
class RollRow:
    """One line of the roll. ``key``: the account's identifier, or the guest's address."""

    key: str
    name: str
    mode: SeatMode
    presence: Presence | None
    notes: Sequence[str]

    @property
    def is_present(self) -> bool:
        """Ticked."""
        return self.presence is Presence.PRESENT

    @property
    def is_excused(self) -> bool:
        """Said beforehand not to come."""
        return self.presence is Presence.EXCUSED


def half_day_slug(half_day: HalfDay) -> str:
    """``2026-11-26-pm``, as addresses carry it."""
    return f"{half_day[0].isoformat()}-{half_day[1].value}"


def half_day_words(half_day: HalfDay, *, with_day: bool) -> str:
    """«Matin», «Après-midi», with the day where a session has two."""
    word = str(_("Matin") if half_day[1] is Half.MORNING else _("Après-midi"))
    return f"{word}, {day(half_day[0])}" if with_day else word


def choose_half_day(session: LearningSession, asked: str, now: datetime) -> HalfDay:
    """The half-day asked for; otherwise the one we are in, or the first to come, or the last."""
    half_days = list_half_days(session)
    for half_day in half_days:
        if half_day_slug(half_day) == asked:
            return half_day
    local = to_local(now)
    here = (local.date(), Half.MORNING if local.hour < 13 else Half.AFTERNOON)
    later = [h for h in half_days if (h[0], h[1].value) >= (here[0], here[1].value)]
    return later[0] if later else half_days[-1]


def make_rows(db: Session, session: LearningSession, half_day: HalfDay) -> list[RollRow]:
    """Everybody booked or already noted, by name."""
    noted = [line for line in list_lines(db, session.id) if line.presence]
    here = {_key(line): line for line in noted if (line.day, line.half) == half_day}
    booked = {
        b.user_id: b for b in list_active(db, session.id) if b.status is BookingStatus.CONFIRMED
    }
    user_ids = {*booked, *(line.user_id for line in noted if line.user_id)}
    known = list_known(db, list(user_ids), session.id)
    rows = [
        _row(
            str(user_id), booking.user.name, booking.mode, here.get(str(user_id)), user_id in known
        )
        for user_id, booking in booked.items()
    ]
    seen: set[str] = {row.key for row in rows}
    for line in noted:
        key = _key(line)
        if key in seen:
            continue
        seen.add(key)
        name = line.user.name if line.user else line.guest_name
        is_known = line.user_id in known if line.user_id else False
        rows.append(_row(key, name, line.mode, here.get(key), is_known, walked_in=True))
    return sorted(rows, key=lambda row: (fold(row.name), row.key))


@dataclass(frozen=True)
class Correction:
    """One change of the roll, in words. ``half_day``: empty where a session has only one."""

    name: str
    half_day: str
    was: str
    became: str
    at: datetime
    by: str
    why: str


def presence_words(presence: Presence) -> str:
    """«présence», «absence», «absence annoncée»."""
    return {
        Presence.PRESENT: str(_("présence")),
        Presence.ABSENT: str(_("absence")),
        Presence.EXCUSED: str(_("absence annoncée")),
    }[presence]


def make_corrections(
    changes: Sequence[AttendanceChange], half_days: Sequence[HalfDay]
) -> list[Correction]:
    """What was corrected on a roll with those half-days, in the order given."""
    with_day = half_days[0][0] != half_days[-1][0]
    found = []
    for change in changes:
        line = change.line
        words = half_day_words((line.day, line.half), with_day=with_day)
        moved = change.was_mode is not None and change.was_mode is not change.became_mode
        found.append(
            Correction(
                name=line.user.name if line.user else line.guest_name,
                half_day=words if len(half_days) > 1 else "",
                was=_said(change.was, change.was_mode if moved else None),
                became=_said(change.became, change.became_mode if moved else None),
                at=change.at,
                by=change.by.name if change.by else str(_("quelqu’un de l’équipe")),
                why=change.why,
            )
        )
    return found


def _said(presence: Presence | None, mode: SeatMode | None) -> str:
    if presence is None:
        return str(_("rien de noté"))
    words = presence_words(presence)
    return f"{words} {mode_label(mode)}" if mode else words


def _key(line: Attendance) -> str:
    return str(line.user_id) if line.user_id else line.guest_email


def _row(
    key: str,
    name: str,
    mode: SeatMode,
    line: Attendance | None,
    is_known: bool,
    *,
    walked_in: bool = False,
) -> RollRow:
    notes = []
    if mode is SeatMode.ONLINE:
        notes.append(_("en ligne"))
    if not is_known:
        notes.append(_("première fois au tiers-lieu"))
    if walked_in:
        notes.append(_("sans réservation"))
    if line is not None and line.presence is Presence.EXCUSED:
        notes.append(_("a prévenu de son absence"))
    if line is not None and line.arrived_at is not None:
        notes.append(_("présence notée à %(hour)s", hour=hour(line.arrived_at)))
    return RollRow(key, name, mode, line.presence if line else None, notes)
