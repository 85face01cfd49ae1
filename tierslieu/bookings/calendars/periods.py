"""Weeks, months and days as addresses name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NoReturn

from tierslieu.agenda.queries import Filter
from tierslieu.clock import to_utc
from tierslieu.errors import NotYours

# No session is planned beyond; and a program that follows «next» comes to an end.
YEARS = range(2000, 2100)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days in a row, ``first`` and ``last`` among them."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1)]

    @property
    def filter(self) -> Filter:
        """What touches it, from midnight to midnight on the wall."""
        return Filter(
            since=to_utc(datetime.combine(self.first, time.min)),
            until=to_utc(datetime.combine(self.last + ONE_DAY, time.min)),
        )


def week_name(day: date) -> str:
    """The ISO 8601 week of a day, ``2026-W48``; nothing beyond the years we show."""
    iso = day.isocalendar()
    return f"{iso.year}-W{iso.week:02d}" if iso.year in YEARS else ""


def month_name(day: date) -> str:
    """``2026-11``; nothing beyond the years we show."""
    return f"{day:%Y-%m}" if day.year in YEARS else ""


def day_name(day: date) -> str:
    """``2026-11-26``; nothing beyond the years we show."""
    return day.isoformat() if day.year in YEARS else ""


def read_week(text: str) -> Period:
    """The week of that name. Raises :class:`NotYours` if there is none."""
    year, week = _numbers(text, r"(\d{4})-W(\d{2})")
    try:
        first = date.fromisocalendar(year, week, 1)
    except ValueError:
        _refuse()
    return Period(first, first + 6 * ONE_DAY)


def read_month(text: str) -> Period:
    """The month of that name. Raises :class:`NotYours` if there is none."""
    year, month = _numbers(text, r"(\d{4})-(\d{2})")
    if not 1 <= month <= 12:
        _refuse()
    after = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), after - ONE_DAY)


def read_day(text: str) -> Period:
    """The day of that name. Raises :class:`NotYours` if there is none."""
    year, month, day = _numbers(text, r"(\d{4})-(\d{2})-(\d{2})")
    try:
        found = date(year, month, day)
    except ValueError:
        _refuse()
    return Period(found, found)


def _numbers(text: str, shape: str) -> list[int]:
    found = re.fullmatch(shape, text, re.ASCII)
    if found is None:
        _refuse()
    numbers = [int(part) for part in found.groups()]
    if numbers[0] not in YEARS:
        _refuse()
    return numbers


def _refuse() -> NoReturn:
    raise NotYours
