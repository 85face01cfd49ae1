"""Dates, hours and numbers as a careful French writer writes them; pure functions."""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from tierslieu import clock

NNBSP = "\u202f"
NBSP = "\u00a0"
# From the first of several spaces only, so that a long run of them is read once.
_BEFORE_COLON = re.compile("(?<! ) +(?=:)")
_BEFORE_HIGH = re.compile("(?<! ) +(?=[;!?»])")
_AFTER_OPENING = re.compile("(?<=«) +")


def _local(value: datetime | date) -> datetime | date:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return clock.to_local(value)
    return value


def day(value: datetime | date, *, year: bool = False) -> str:
    """``jeudi 26 novembre`` (``jeudi 26 novembre 2026`` with ``year``; 1 is ``1er``).

    A line may end after the weekday, nowhere else.
    """
    value = _local(value)
    first = "d" if value.day != 1 else "d'er'"
    bound = format_date(value, f"{first} MMMM" + (" y" if year else ""), locale="fr")
    return format_date(value, "EEEE ", locale="fr") + bound.replace(" ", NBSP)


def long_day(value: datetime | date) -> str:
    """``26 novembre 2026``, on one line."""
    value = _local(value)
    first = "d" if value.day != 1 else "d'er'"
    return format_date(value, f"{first} MMMM y", locale="fr").replace(" ", NBSP)


def short_day(value: datetime | date) -> str:
    """``26 nov.``."""
    return format_date(_local(value), "d MMM", locale="fr").replace(" ", NBSP)


def weekday_abbr(value: datetime | date) -> str:
    """``jeu.``"""
    return format_date(_local(value), "EEE", locale="fr")


def day_number(value: datetime | date) -> str:
    """``26``"""
    return str(_local(value).day)


def month_abbr(value: datetime | date) -> str:
    """``nov.``"""
    return format_date(_local(value), "MMM", locale="fr")


def hour(value: datetime) -> str:
    """``14 h`` or ``14 h 30``, on the wall in Paris."""
    local = _local(value)
    assert isinstance(local, datetime)
    text = f"{local.hour}{NBSP}h"
    return text if not local.minute else f"{text}{NBSP}{local.minute:02d}"


def span(start: datetime, end: datetime) -> str:
    """``14 h – 17 h``; across days, ``jeudi 26 novembre, 14 h – vendredi 27 novembre, 12 h``."""
    first, last = _local(start), _local(end)
    if isinstance(first, datetime) and isinstance(last, datetime) and first.date() != last.date():
        return f"{day(first)}, {hour(first)} – {day(last)}, {hour(last)}"
    return f"{hour(start)} – {hour(end)}"


def number(value: float | int, decimals: int = 1) -> str:
    """``12 000`` or ``14,6``: French spaces and comma, at most one decimal unless told."""
    shape = f"#,##0.{'#' * decimals}"
    return format_decimal(value, format=shape, locale="fr").replace("\u00a0", NNBSP)


def hours(value: float) -> str:
    """``3 h``, ``2 h 30``, ``200 h``."""
    whole, minutes = divmod(round(value * 60), 60)
    if not whole:
        return f"{minutes}{NBSP}min"
    return f"{number(whole)}{NBSP}h" + (f"{NBSP}{minutes:02d}" if minutes else "")


def ordinal(value: int) -> str:
    """``1re``, ``2e``: the rank in a line (feminine, *la 1re place*)."""
    return "1re" if value == 1 else f"{value}e"


def bound(text: str) -> str:
    """What somebody typed, with ``; : ! ?`` and « » kept on the line of their words.

    For showing alone: what is stored or signed keeps the spaces that were typed. Only spaces that
    stand there already are changed, so that an address or a text in English stays as it is.
    """
    text = _BEFORE_COLON.sub(NBSP, text)
    return _AFTER_OPENING.sub(NNBSP, _BEFORE_HIGH.sub(NNBSP, text))


FILTERS = {
    "bound": bound,
    "day": day,
    "long_day": long_day,
    "short_day": short_day,
    "weekday_abbr": weekday_abbr,
    "day_number": day_number,
    "month_abbr": month_abbr,
    "hour": hour,
    "span": span,
    "number": number,
    "hours": hours,
    "ordinal": ordinal,
}
