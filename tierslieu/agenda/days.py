"""What a day is, whoever meets on it: a public holiday, or the day clocks change.

Public holidays are those of article L3133-1 of the Code du travail, which hold everywhere in
France; those of Alsace-Moselle and of overseas are not among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from tierslieu.clock import PARIS


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher; any year from 1583)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def public_holidays(year: int) -> dict[date, list[str]]:
    """The public holidays of a year, in words, by day; one day may be two of them."""
    sunday = easter(year)
    named = [
        (date(year, 1, 1), _("Jour de l’an")),
        (sunday + timedelta(days=1), _("Lundi de Pâques")),
        (date(year, 5, 1), _("Fête du Travail")),
        (date(year, 5, 8), _("Victoire de 1945")),
        (sunday + timedelta(days=39), _("Ascension")),
        (sunday + timedelta(days=50), _("Lundi de Pentecôte")),
        (date(year, 7, 14), _("Fête nationale")),
        (date(year, 8, 15), _("Assomption")),
        (date(year, 11, 1), _("Toussaint")),
        (date(year, 11, 11), _("Armistice de 1918")),
        (date(year, 12, 25), _("Noël")),
    ]
    found: dict[date, list[str]] = {}
    for day, name in sorted(named, key=lambda pair: pair[0]):
        found.setdefault(day, []).append(str(name))
    return found


def clock_change(day: date) -> timedelta:
    """By how much clocks in Paris are put forward that day; nothing on most."""
    midnight = datetime.combine(day, time.min, PARIS)
    next_one = datetime.combine(day + timedelta(days=1), time.min, PARIS)
    before, after = midnight.utcoffset(), next_one.utcoffset()
    assert before is not None
    assert after is not None
    return after - before


def notes_of(days: Iterable[date]) -> dict[date, list[str]]:
    """What is to be said of those days, in words; days of which there is nothing are left out."""
    days = list(days)
    holidays: dict[date, list[str]] = {}
    for year in {day.year for day in days}:
        holidays.update(public_holidays(year))
    notes = {}
    for day in days:
        said = [_("Jour férié : %(name)s", name=name) for name in holidays.get(day, [])]
        shift = clock_change(day)
        if shift > timedelta(0):
            said.append(_("Heure d’été : à 2 h, il est 3 h"))
        elif shift < timedelta(0):
            said.append(_("Heure d’hiver : à 3 h, il est 2 h"))
        if said:
            notes[day] = said
    return notes
