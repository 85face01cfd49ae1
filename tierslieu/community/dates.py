"""Dates as people say them in French: exact, a span, or vague («mi-novembre», «printemps 2027»).

:func:`read_date` gives the first and last day that the words allow. The words stay what they are:
these two days only sort and filter. What is not understood gives None, and is sorted last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tierslieu.people.models import fold

MAX_WORDS = 120  # characters
YEARS_AHEAD = 8  # until 29 February comes again, whatever the year


@dataclass(frozen=True)
class Span:
    """Every day from ``earliest`` to ``latest``, both included. Raises ValueError backwards."""

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError("a span goes forward")

    def third(self, number: int) -> Span:
        """Its beginning, middle or end (0, 1, 2); for a month: 1–10, 11–20, 21 to its end."""
        count = (self.latest - self.earliest).days + 1
        first, end = count * number // 3, count * (number + 1) // 3 - 1
        return Span(self.earliest + timedelta(first), self.earliest + timedelta(max(first, end)))


@dataclass(frozen=True)
class _Told:
    """What some words mean in a given year; ``year`` where they say it themselves.

    ``month`` where they name a day of it: «3» in «du 3 au 5 mars» is of that month.
    """

    in_year: Callable[[int], Span]
    year: int | None = None
    month: int | None = None


# fmt: off
MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "jan": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11,
    "dec": 12,
}
# fmt: on
_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"((?:19|20|21)\d\d)"
_WEEKDAYS = r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?\b"
_HOUR = r"\d{1,2} ?(?:h(?:eures?)? ?(?:\d\d)?|:\d\d)(?!\w)"
_HOURS = re.compile(
    rf"(?:\b(?:a|de|des|vers|entre|a partir de) )?{_HOUR}(?: ?(?:-|a|et|/) ?{_HOUR})?"
    r"|\b(?:le )?(?:matin|apres-midi|soir|soiree|journee)\b"
)
_ARTICLES = re.compile(r"^(?:(?:les?|en|aux?|du|de|des|entre|courant|pour|dans|annee) |[ld]')")
_SEPARATORS = re.compile(r" ?(?:-|/) ?| (?:au|aux|a|et|ou|jusqu'au) ")
_PARTS = {"debut": 0, "mi": 1, "milieu": 1, "fin": 2}
# From and until (month, day), the year being that of the end: «hiver 2027» ends in March 2027.
_SEASONS = {
    "printemps": ((3, 20), (6, 20)),
    "ete": ((6, 21), (9, 21)),
    "automne": ((9, 22), (12, 20)),
    "hiver": ((12, 21), (3, 19)),
}
_RANKS = {"1": 0, "premier": 0, "2": 1, "deuxieme": 1, "second": 1, "3": 2, "troisieme": 2,
          "4": 3, "quatrieme": 3}  # fmt: skip


def read_date(words: str, *, today: date) -> Span | None:
    """The days these words may mean, or None if they are not understood.

    Words without a year mean the first such time that is not over on ``today``.
    """
    text = _plain(words[:MAX_WORDS])
    told = _lone(text) or _from_to(text)
    return _resolve(told, today) if told else None


def _plain(words: str) -> str:
    """Lower case without accents, weekdays, hours, and with one kind of dash and of space."""
    text = re.sub("[‐‑–—−]", "-", fold(words))
    text = re.sub(r"\b1er\b", "1", " ".join(text.split()))
    text = re.sub(_WEEKDAYS, "", _HOURS.sub("", text))
    text = re.sub(r" ?, ?", ", ", " ".join(text.split()))
    return text.strip(" ,.")


def _resolve(told: _Told, today: date) -> Span | None:
    years = [told.year] if told.year else range(today.year, today.year + YEARS_AHEAD + 1)
    for year in years:
        try:
            span = told.in_year(year)
        except (ValueError, OverflowError):  # 31 April; 29 February of most years
            continue
        if told.year or span.latest >= today:
            return span
    return None


def _lone(text: str) -> _Told | None:
    """One time without «from … to …»."""
    while (found := _ARTICLES.match(text)) is not None:
        text = text[found.end() :]
    for read in (_day, _month, _season, _week, _part_of_year, _year, _around, _part):
        told = read(text)
        if told is not None:
            return told
    return None


def _whole_year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)


def _on(month: int, day: int, year: int | None) -> _Told:
    def in_year(y: int) -> Span:
        return Span(date(y, month, day), date(y, month, day))

    return _Told(in_year, year, month)


def _day(text: str) -> _Told | None:
    if found := re.fullmatch(rf"(\d\d?) ?{_MONTH}(?:,? ?{_YEAR})?", text):
        return _on(MONTHS[found[2]], int(found[1]), _whole_year(found[3]))
    if found := re.fullmatch(rf"{_YEAR}-(\d\d)-(\d\d)", text):
        return _on(int(found[2]), int(found[3]), int(found[1]))
    if found := re.fullmatch(rf"(\d\d?)([/.-])(\d\d?)\2({_YEAR[1:-1]}|\d\d)", text):
        return _on(int(found[3]), int(found[1]), _whole_year(found[4]))
    if found := re.fullmatch(r"(\d\d?)/(\d\d?)", text):
        return _on(int(found[2]), int(found[1]), None)
    return None


def _months(first: int, count: int, year: int | None) -> _Told:
    """Whole months of one year."""

    def in_year(y: int) -> Span:
        after = first + count
        end = date(y, after, 1) if after <= 12 else date(y + 1, 1, 1)
        return Span(date(y, first, 1), end - timedelta(1))

    return _Told(in_year, year)


def _month(text: str) -> _Told | None:
    if found := re.fullmatch(rf"(?:mois de |mois d')?{_MONTH}(?: {_YEAR})?", text):
        return _months(MONTHS[found[1]], 1, _whole_year(found[2]))
    if found := re.fullmatch(rf"(\d\d?)/{_YEAR}|{_YEAR}-(\d\d)", text):
        month, year = int(found[1] or found[4]), int(found[2] or found[3])
        return _months(month, 1, year) if 1 <= month <= 12 else None
    return None


def _season(text: str) -> _Told | None:
    found = re.fullmatch(
        rf"(printemps|ete|automne|hiver)(?: {_YEAR}(?:[-/](\d{{4}}|\d\d))?)?", text
    )
    if found is None:
        return None
    begins, ends = _SEASONS[found[1]]

    def in_year(y: int) -> Span:
        return Span(date(y - (begins > ends), *begins), date(y, *ends))

    return _Told(in_year, _whole_year(found[3] or found[2]))


def _week(text: str) -> _Told | None:
    if found := re.fullmatch(rf"(?:semaine|sem\.?|s) ?(\d\d?)(?:,? (?:de |en )?{_YEAR})?", text):
        number = int(found[1])

        def in_year(y: int) -> Span:
            monday = date.fromisocalendar(y, number, 1)
            return Span(monday, monday + timedelta(6))

        return _Told(in_year, _whole_year(found[2]))
    if found := re.fullmatch(r"(semaine|week-end|we) (?:du|des) (.+)", text):
        told = _day(found[2])
        return told and _widened(told, 0, 6 if found[1] == "semaine" else 1)
    return None


def _part_of_year(text: str) -> _Told | None:
    rank = f"({'|'.join(_RANKS)})(?:er|eme|e|nd)?"
    if found := re.fullmatch(rf"{rank} (trimestre|semestre)(?: (?:de )?{_YEAR})?", text):
        months, number = (3 if found[2] == "trimestre" else 6), _RANKS[found[1]]
        told = _months(1 + months * number, months, _whole_year(found[3]))
        return told if (number + 1) * months <= 12 else None  # a year has two semesters
    if found := re.fullmatch(rf"t([1-4]) {_YEAR}", text):
        return _months(3 * int(found[1]) - 2, 3, int(found[2]))
    if found := re.fullmatch(rf"(?:la )?rentree(?: scolaire)?(?: (?:de )?{_YEAR})?", text):
        return _Told(lambda y: Span(date(y, 9, 1), date(y, 9, 15)), _whole_year(found[1]))
    return None


def _year(text: str) -> _Told | None:
    if found := re.fullmatch(_YEAR, text):
        return _months(1, 12, int(found[1]))
    if found := re.fullmatch(rf"(?:annee )?scolaire {_YEAR}[-/](\d{{4}}|\d\d)", text):
        return _Told(lambda y: Span(date(y - 1, 9, 1), date(y, 7, 7)), _whole_year(found[2]))
    return None


def _around(text: str) -> _Told | None:
    if found := re.fullmatch(r"(?:vers|environ|autour|aux alentours) (?:le |du )?(.+)", text):
        told = _day(found[1])
        return told and _widened(told, 3, 3)
    return None


def _widened(told: _Told, before: int, after: int) -> _Told:
    def in_year(y: int) -> Span:
        span = told.in_year(y)
        return Span(span.earliest - timedelta(before), span.latest + timedelta(after))

    return _Told(in_year, told.year)


def _part(text: str) -> _Told | None:
    """«début», «mi-» or «fin» of a month, a season, a quarter or a year."""
    found = re.fullmatch(r"(debut|mi|milieu|fin)[ -](?:de |du |d'|l'|de l')?(.+)", text)
    if found is None:
        return None
    number, whole = _PARTS[found[1]], None
    for read in (_month, _season, _part_of_year, _year):
        whole = whole or read(found[2])
    if whole is None:
        return None
    known = whole
    return _Told(lambda y: known.in_year(y).third(number), known.year)


def _halves(text: str) -> Iterator[tuple[str, str]]:
    for found in _SEPARATORS.finditer(text):
        yield text[: found.start()], text[found.end() :]


def _from_to(text: str) -> _Told | None:
    for left, right in _halves(text):
        last = _lone(right)
        if last is None:
            continue
        while (article := _ARTICLES.match(left)) is not None:
            left = left[article.end() :]
        if last.month and (bare := re.fullmatch(r"(\d\d?)(?:, \d\d?)*", left)):
            return _joined(_on(last.month, int(bare[1]), last.year), last, same_month=True)
        first = _lone(left)
        if first is not None:
            return _joined(first, last, same_month=False)
    return None


def _joined(first: _Told, last: _Told, *, same_month: bool) -> _Told:
    """From the one to the other; where only one says its year, the other is beside it."""

    def in_year(y: int) -> Span:
        begins, ends = first.in_year(first.year or y), last.in_year(last.year or y)
        if begins.earliest > ends.latest and not same_month:
            if first.year is None:  # «du 28 décembre au 3 janvier 2027»
                begins = first.in_year((last.year or y) - 1)
            elif last.year is None:
                ends = last.in_year(first.year + 1)
        return Span(begins.earliest, ends.latest)

    return _Told(in_year, last.year or first.year)
