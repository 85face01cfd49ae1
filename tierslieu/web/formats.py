"""Dates, hours and numbers as a careful writer of the language that is spoken writes them.

The examples are French, then English where it differs. ``language``: for a paper that has its own.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup, escape

from tierslieu import clock
from tierslieu.web import languages
from tierslieu.web.written import Theirs

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


def _shaped(
    value: datetime | date, shape: str, french: str | None = None, language: str | None = None
) -> str:
    """A date by a pattern of Unicode's (TR 35), in one word; ``french`` where it differs."""
    spoken = language or languages.current()
    pattern = french if french is not None and spoken == languages.MAIN else shape
    return format_date(value, pattern, locale=languages.LOCALES[spoken]).replace(" ", NBSP)


def _day_month(value: datetime | date) -> str:
    return "d'er' MMMM" if value.day == 1 else "d MMMM"


def day(value: datetime | date, *, year: bool = False) -> str:
    """``jeudi 26 novembre`` (``jeudi 26 novembre 2026`` with ``year``; 1 is ``1er``);
    ``Thursday 26 November``.

    A line may end after the weekday, nowhere else.
    """
    value = _local(value)
    end = " y" if year else ""
    bound = _shaped(value, f"d MMMM{end}", _day_month(value) + end)
    return f"{_shaped(value, 'EEEE')} {bound}"


def long_day(value: datetime | date, language: str | None = None) -> str:
    """``26 novembre 2026``, ``26 November 2026``, on one line."""
    value = _local(value)
    return _shaped(value, "d MMMM y", f"{_day_month(value)} y", language)


def short_day(value: datetime | date) -> str:
    """``26 nov.``, ``26 Nov``."""
    return _shaped(_local(value), "d MMM")


def weekday_abbr(value: datetime | date) -> str:
    """``jeu.``, ``Thu``"""
    return _shaped(_local(value), "EEE")


def day_number(value: datetime | date) -> str:
    """``26``"""
    return str(_local(value).day)


def month_abbr(value: datetime | date) -> str:
    """``nov.``, ``Nov``"""
    return _shaped(_local(value), "MMM")


def month(value: datetime | date, *, year: bool = True) -> str:
    """``novembre 2026``, ``November 2026``; without ``year`` the month alone."""
    return _shaped(_local(value), "LLLL y" if year else "LLLL")


def hour(value: datetime) -> str:
    """``14 h`` or ``14 h 30``, ``14:00`` or ``14:30``, on the wall in Paris."""
    local = _local(value)
    assert isinstance(local, datetime)
    if languages.current() != languages.MAIN:
        return f"{local.hour}:{local.minute:02d}"
    text = f"{local.hour}{NBSP}h"
    return text if not local.minute else f"{text}{NBSP}{local.minute:02d}"


def span(start: datetime, end: datetime) -> str:
    """``14 h – 17 h``; across days, ``jeudi 26 novembre, 14 h – vendredi 27 novembre, 12 h``."""
    first, last = _local(start), _local(end)
    if isinstance(first, datetime) and isinstance(last, datetime) and first.date() != last.date():
        return f"{day(first)}, {hour(first)} – {day(last)}, {hour(last)}"
    return f"{hour(start)} – {hour(end)}"


def number(value: float | int, decimals: int = 1, language: str | None = None) -> str:
    """``12 000`` or ``14,6``, ``12,000`` or ``14.6``: at most one decimal unless told."""
    locale = languages.LOCALES[language or languages.current()]
    text = format_decimal(value, format=f"#,##0.{'#' * decimals}", locale=locale)
    return text.replace(NBSP, NNBSP)


def amount(value: float, language: str | None = None) -> str:
    """``48 000``, ``48 000,50``: money, with its cents where there are some."""
    shape = "#,##0" if value == int(value) else "#,##0.00"
    locale = languages.LOCALES[language or languages.current()]
    return format_decimal(value, format=shape, locale=locale).replace(NBSP, NNBSP)


def hours(value: float, language: str | None = None) -> str:
    """``3 h``, ``2 h 30``, ``200 h``; ``2 h 30 min``."""
    whole, minutes = divmod(round(value * 60), 60)
    if not whole:
        return f"{minutes}{NBSP}min"
    text = f"{number(whole, language=language)}{NBSP}h"
    if not minutes:
        return text
    is_french = (language or languages.current()) == languages.MAIN
    return f"{text}{NBSP}{minutes:02d}" + ("" if is_french else f"{NBSP}min")


def ordinal(value: int) -> str:
    """``1re``, ``2e``: the rank in a line (feminine, *la 1re place*); ``1st``, ``2nd``."""
    if languages.current() != languages.MAIN:
        last = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10)
        return f"{value}{last or 'th'}"
    return "1re" if value == 1 else f"{value}e"


def upper_first(text: str) -> str:
    """A capital at the beginning; the rest stays: ``From Monday``, ``Salle Ada``."""
    return text[:1].upper() + text[1:]


def percent(value: float | int, decimals: int = 1) -> str:
    """``14,6 %``, ``14.6%``."""
    gap = NNBSP if languages.current() == languages.MAIN else ""
    return f"{number(value, decimals)}{gap}%"


def quoted(text: str) -> str:
    """``« Python »``, ``“Python”``; HTML stays HTML."""
    if isinstance(text, Markup):
        return escape(_("«\u202f%(words)s\u202f»")) % {"words": text}
    return str(_("«\u202f%(words)s\u202f»", words=text))


def bound(text: str) -> str:
    """What somebody typed, with ``; : ! ?`` and « » kept on the line of their words.

    For showing alone: what is stored or signed keeps the spaces that were typed. Only spaces that
    stand there already are changed, so that an address or a text in English stays as it is.
    """
    bare = _BEFORE_COLON.sub(NBSP, str(text))
    said = _AFTER_OPENING.sub(NNBSP, _BEFORE_HIGH.sub(NNBSP, bare))
    if isinstance(text, Theirs):
        return Theirs(said, text.language)
    return Markup(said) if isinstance(text, Markup) else said  # noqa: S704 - spaces only changed


FILTERS = {
    "bound": bound,
    "day": day,
    "long_day": long_day,
    "short_day": short_day,
    "weekday_abbr": weekday_abbr,
    "day_number": day_number,
    "month_abbr": month_abbr,
    "month": month,
    "hour": hour,
    "span": span,
    "number": number,
    "amount": amount,
    "hours": hours,
    "ordinal": ordinal,
    "percent": percent,
    "quoted": quoted,
    "upper_first": upper_first,
}
