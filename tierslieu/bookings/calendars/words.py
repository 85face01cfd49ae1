"""Weeks and months in words."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from tierslieu.bookings.calendars.periods import Period
from tierslieu.web.formats import NBSP, long_day, month, short_day, weekday_abbr
from tierslieu.web.languages import MAIN, current


def month_words(day: date, *, within: int = 0) -> str:
    """``novembre 2026``; ``novembre`` where the year ``within`` is said already."""
    return month(day, year=day.year != within)


def week_words(day: date) -> str:
    """``semaine 48``."""
    return str(_("semaine %(number)s", number=day.isocalendar().week))


def day_words(day: date) -> str:
    """``mar. 24 nov.``."""
    return weekday_abbr(day) + NBSP + short_day(day)


def span_words(period: Period) -> str:
    """``du 23 au 29 novembre 2026``; each month and year said once where they are the same."""
    first, last = period.first, period.last
    number = "1er" if first.day == 1 and current() == MAIN else str(first.day)
    if first.year != last.year:
        begins = long_day(first)
    elif first.month != last.month:
        begins = number + NBSP + month(first, year=False)
    else:
        begins = number
    return str(_("du %(first)s au %(last)s", first=begins, last=long_day(last)))


def count_words(count: int) -> str:
    """``3 séances``, ``aucune séance``."""
    if not count:
        return str(_("aucune séance"))
    return str(ngettext("%(num)s séance", "%(num)s séances", count))
