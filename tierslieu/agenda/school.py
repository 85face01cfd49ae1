"""The school year: the holidays of a zone, and when classes are held.

Dates of holidays come from ``vacances-scolaires-france``, which knows them until the summer of a
year that it says by its data: beyond, they are unknown, and said to be so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

from flask_babel import gettext as _
from markupsafe import escape
from vacances_scolaires_france import SchoolHolidayDates

from tierslieu.agenda.days import public_holidays
from tierslieu.agenda.hours import Week
from tierslieu.web.formats import long_day
from tierslieu.web.written import Theirs, around

ZONES = ("A", "B", "C")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SchoolYear:
    """What the place goes by: its zone ('' where there is none), and when classes are held."""

    zone: str
    classes: Week

    def holidays(self, days: Iterable[date]) -> dict[date, str]:
        """Which of those days are school holidays, and of which name; the name is '' for a day
        of which it is unknown."""
        if not self.zone:
            return {}
        known, since, until = _dates(self.zone)
        found = {}
        for day in days:
            if day in known:
                found[day] = known[day]
            elif not since <= day <= until:
                found[day] = ""
        return found

    def say(self, day: date, name: str) -> str:
        """``Vacances de Noël (zone B)``, or that nobody knows."""
        if not name:
            return str(_("Vacances scolaires inconnues si loin"))
        return around(_("%(name)s (zone %(zone)s)"), name=Theirs(name), zone=escape(self.zone))

    def spans(self, days: Iterable[date]) -> list[str]:
        """The holidays that some of those days are of, each said once from its first day to its
        last: ``Vacances de Noël (zone B) : 19 décembre 2026 – 3 janvier 2027``."""
        held = sorted(self.holidays(days).items())
        runs: list[list[tuple[date, str]]] = [held[:1]] if held else []
        for (before, name), (day, other) in pairwise(held):
            if (day - before).days == 1 and name == other:
                runs[-1].append((day, other))
            else:
                runs.append([(day, other)])
        runs = [self._whole(run) for run in runs]
        return [
            around(
                _("%(what)s : %(first)s – %(last)s"),
                what=self.say(*run[0]),
                first=escape(long_day(run[0][0])),
                last=escape(long_day(run[-1][0])),
            )
            if len(run) > 1
            else around(
                _("%(what)s : %(day)s"), what=self.say(*run[0]), day=escape(long_day(run[0][0]))
            )
            for run in runs
        ]

    def _whole(self, run: list[tuple[date, str]]) -> list[tuple[date, str]]:
        """The same holidays from their first day to their last, where they are known."""
        (first, name), (last, _name) = run[0], run[-1]
        known = _dates(self.zone)[0]
        while name and known.get(first - ONE_DAY) == name:
            first -= ONE_DAY
        while name and known.get(last + ONE_DAY) == name:
            last += ONE_DAY
        return [(first, name)] if first == last else [(first, name), (last, name)]

    def has_class(self, starts: datetime, ends: datetime) -> bool:
        """Whether classes are held then (wall time): in class hours, on no holiday. Where holidays
        are unknown, it may be."""
        if not self.classes.touches(starts, ends):
            return False
        day = starts.date()
        return not self.holidays([day]).get(day) and day not in public_holidays(day.year)

    def say_class(self, starts: datetime, ends: datetime) -> str:
        """That who teaches has a class then; '' when they do not."""
        if not self.has_class(starts, ends):
            return ""
        if self.holidays([starts.date()]).get(starts.date()) == "":
            return str(
                _(
                    "C’est peut-être une heure de classe : les vacances scolaires de cette date "
                    "ne sont pas connues."
                )
            )
        return str(_("C’est une heure de classe : qui enseigne ne peut pas venir, sauf décharge."))


@cache
def _dates(zone: str) -> tuple[dict[date, str], date, date]:
    """The holidays of a zone by day, and between which days they are known."""
    source = SchoolHolidayDates()
    found = {
        day: row["nom_vacances"].replace("'", "’")
        for day, row in source.data.items()
        if source.is_holiday_for_zone(day, zone)
    }
    return found, min(found), max(found)
