"""What says that somebody was there: of one session, of a period, of a path.

Two papers of the same facts. The *attestation de présence* lists the half-days; the *certificat de
réalisation* says that an action took place with this person, from when to when, for how many
hours. Both count only what the roll noted, and neither says what was learnt: badges do.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, span_of
from tierslieu.attendance.papers.asking import Asked
from tierslieu.attendance.papers.queries import Holder, list_presences
from tierslieu.web.formats import day, hours, long_day, span


class Kind(enum.Enum):
    """Which of the two papers."""

    PRESENCE = "attestation"
    REALISATION = "certificat"


@dataclass(frozen=True)
class Moment:
    """A half-day somebody was at."""

    on: date
    day: str
    half: str
    hours: str
    length: timedelta
    title: str
    path: tuple[str, str]  # slug and title, both empty if the session is of none
    place: str
    mode: SeatMode

    @property
    def way(self) -> str:
        """How one took part."""
        return str(_("en ligne") if self.mode is SeatMode.ONLINE else _("sur place"))

    @property
    def lasted(self) -> str:
        """Its length in words."""
        return hours(self.length / timedelta(hours=1))


@dataclass(frozen=True)
class Statement:
    """All that both papers say of a person, apart from the database."""

    name: str
    moments: Sequence[Moment]
    titles: Sequence[str]
    path: str  # the path asked for
    period: str  # the period asked for, empty if none
    dates: str  # from the first to the last half-day
    places: Sequence[str]
    lengths: Sequence[tuple[str, str]]  # by way of taking part, those there are
    total: str
    made_on: str

    @property
    def count(self) -> int:
        """Half-days."""
        return len(self.moments)


def list_moments(db: Session, holder: Holder, asked: Asked, now: datetime) -> list[Moment]:
    """The half-days that are over, within what was asked for."""
    here = clock.to_local(now)
    found = []
    for line in list_presences(db, holder, asked.session_id):
        within = span_of(line.day, line.half, line.session.starts_local, line.session.ends_local)
        if within is None or within[1] > here:
            continue  # three hours are not attended before they are over
        moment = _make_moment(line, within)
        if (asked.since and line.day < asked.since) or (asked.until and line.day > asked.until):
            continue
        if asked.path and moment.path[0] != asked.path:
            continue
        found.append(moment)
    return found


def list_own_paths(moments: Sequence[Moment]) -> list[tuple[str, str]]:
    """The paths these half-days belong to, by title."""
    return sorted({m.path for m in moments if m.path[0]}, key=lambda path: (path[1], path[0]))


def compose_statement(
    holder: Holder, moments: Sequence[Moment], asked: Asked, now: datetime
) -> Statement:
    """What the papers of these half-days say. They may be none: nothing is then to be printed."""
    by_way: dict[str, timedelta] = {}
    for mode in SeatMode:
        lengths = [m.length for m in moments if m.mode is mode]
        if lengths:
            way = _("en ligne") if mode is SeatMode.ONLINE else _("sur place")
            by_way[str(way)] = sum(lengths, timedelta())
    total = sum(by_way.values(), timedelta())
    return Statement(
        name=holder.name,
        moments=moments,
        titles=list(dict.fromkeys(m.title for m in moments)),
        path=next((m.path[1] for m in moments), "") if asked.path else "",
        period=_period(asked.since, asked.until),
        dates=_dates([m.on for m in moments]),
        places=list(dict.fromkeys(m.place for m in moments)),
        lengths=[(way, _in_hours(length)) for way, length in by_way.items()],
        total=_in_hours(total),
        made_on=long_day(now),
    )


def _make_moment(line: Attendance, within: tuple[datetime, datetime]) -> Moment:
    session = line.session
    path = session.step.version.path if session.step else None
    return Moment(
        on=line.day,
        day=day(line.day, year=True),
        half=str(_("matin") if line.half is Half.MORNING else _("après-midi")),
        hours=span(*within),
        length=within[1] - within[0],
        title=session.title,
        path=(path.slug, path.title) if path else ("", ""),
        place=describe_place(session, line.mode),
        mode=line.mode,
    )


def _in_hours(length: timedelta) -> str:
    return hours(length / timedelta(hours=1))


def _period(since: date | None, until: date | None) -> str:
    if since and until:
        return str(_("du %(first)s au %(last)s", first=long_day(since), last=long_day(until)))
    if since:
        return str(_("depuis le %(day)s", day=long_day(since)))
    return str(_("jusqu’au %(day)s", day=long_day(until))) if until else ""


def _dates(days: Sequence[date]) -> str:
    if not days:
        return ""
    first, last = min(days), max(days)
    if first == last:
        return str(_("le %(day)s", day=long_day(first)))
    return str(_("du %(first)s au %(last)s", first=long_day(first), last=long_day(last)))
