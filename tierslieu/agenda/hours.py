"""The hours of a week, as a room is open or a class is held: typed, kept, said and compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask_babel import gettext as _

from tierslieu.web.formats import NBSP
from tierslieu.web.languages import MAIN, current

Span = tuple[time, time]
_CLOCK = r"(\d{1,2})\s*(?:[h:]\s*(\d{2})?)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|à|to)\s*{_CLOCK}", re.ASCII | re.IGNORECASE)
MIDNIGHT = time.max  # «24 h», the end of a day
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """For each day from Monday, the spans in order; a day without any has none."""

    days: tuple[tuple[Span, ...], ...] = ((),) * 7

    @classmethod
    def read(cls, kept: Mapping[str, Sequence[Sequence[str]]]) -> Week:
        """From what the database keeps: ``{"0": [["08:00", "12:00"]]}``, Monday first."""
        return cls(
            tuple(
                tuple(
                    (time.fromisoformat(first), time.fromisoformat(last))
                    for first, last in kept.get(str(weekday), [])
                )
                for weekday in range(7)
            )
        )

    def kept(self) -> dict[str, list[list[str]]]:
        """As the database keeps it."""
        return {
            str(weekday): [[first.isoformat(), last.isoformat()] for first, last in spans]
            for weekday, spans in enumerate(self.days)
            if spans
        }

    def __bool__(self) -> bool:
        return any(self.days)

    def covers(self, starts: datetime, ends: datetime) -> bool:
        """Whether every moment from the one to the other (wall time) is in a span."""
        return all(
            any(first <= since and until <= last for first, last in self.days[day.weekday()])
            for day, since, until in _by_day(starts, ends)
        )

    def touches(self, starts: datetime, ends: datetime) -> bool:
        """Whether any moment from the one to the other is in a span."""
        return any(
            since < last and first < until
            for day, since, until in _by_day(starts, ends)
            for first, last in self.days[day.weekday()]
        )

    def say(self) -> list[str]:
        """``lundi à vendredi : 8 h – 12 h, 13 h 30 – 17 h 30``: days of one kind together."""
        names = weekdays()
        said = []
        for spans, group in groupby(range(7), key=lambda weekday: self.days[weekday]):
            days = list(group)
            first, last = names[days[0]], names[days[-1]]
            which = (
                first
                if len(days) == 1
                else _("%(first)s et %(last)s", first=first, last=last)
                if len(days) == 2
                else _("%(first)s à %(last)s", first=first, last=last)
            )
            if spans:
                said.append(str(_("%(days)s : %(hours)s", days=which, hours=say_spans(spans))))
        return said


def weekdays() -> list[str]:
    """The days of the week, Monday first."""
    return [
        str(name)
        for name in (
            _("lundi"),
            _("mardi"),
            _("mercredi"),
            _("jeudi"),
            _("vendredi"),
            _("samedi"),
            _("dimanche"),
        )
    ]


def parse_spans(text: str) -> tuple[Span, ...]:
    """``8:00-12:00, 13 h 30 – 17 h 30`` as spans, those that touch as one. Raises ValueError, in
    the words of who typed it."""
    spans = []
    for part in re.split(r"[,;\n]", text.replace(NBSP, " ").replace("\u202f", " ")):
        if not part.strip():
            continue
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise ValueError(_("Écrivez les heures ainsi : 8 h – 12 h, 13 h 30 – 17 h 30."))
        first, last = _clock(found[1], found[2]), _clock(found[3], found[4])
        if first >= last:
            raise ValueError(
                _("« %(text)s » finit avant de commencer : inversez les heures.", text=part.strip())
            )
        spans.append((first, last))
    return _joined(sorted(spans))


def _clock(hour: str, minute: str | None) -> time:
    if int(hour) == 24 and not int(minute or 0):
        return MIDNIGHT
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise ValueError(_("Une journée va de 0 h à 24 h : vérifiez les heures.")) from None


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def say_spans(spans: Sequence[Span]) -> str:
    """``8 h – 12 h, 13 h 30 – 17 h 30``; ``8:00 – 12:00, 13:30 – 17:30``. Both are read again."""
    return ", ".join(f"{_say(first)} – {_say(last)}" for first, last in spans)


def _say(at: time) -> str:
    if current() != MAIN:
        return "24:00" if at == MIDNIGHT else f"{at.hour}:{at.minute:02d}"
    if at == MIDNIGHT:
        return f"24{NBSP}h"
    return f"{at.hour}{NBSP}h" + (f"{NBSP}{at.minute:02d}" if at.minute else "")


def _by_day(starts: datetime, ends: datetime) -> Iterator[tuple[date, time, time]]:
    """What of the time from the one to the other falls in each day; the last moment of a day is
    :data:`MIDNIGHT`."""
    day = starts.date()
    while datetime.combine(day, time.min) < ends:
        since = starts.time() if day == starts.date() else time.min
        until = ends.time() if day == ends.date() else MIDNIGHT
        yield day, since, until
        day += _DAY
