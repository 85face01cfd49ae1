"""Dates as people say them: what is understood, what is not, and how it sorts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.community.dates import MONTHS, Span, read_date

TODAY = date(2026, 11, 27)
SAID = {
    "14 novembre 2026": "2026-11-14 2026-11-14",
    "Samedi 14 novembre 2026, de 14 h à 17 h 30": "2026-11-14 2026-11-14",
    "1er décembre": "2026-12-01 2026-12-01",
    "3 mars": "2027-03-03 2027-03-03",
    "14/11/2026": "2026-11-14 2026-11-14",
    "14/11/26": "2026-11-14 2026-11-14",
    "2026-11-14": "2026-11-14 2026-11-14",
    "le 14.11.2026": "2026-11-14 2026-11-14",
    "29 février": "2028-02-29 2028-02-29",
    "du 3 au 5 mars 2027": "2027-03-03 2027-03-05",
    "3–5 mars 2027": "2027-03-03 2027-03-05",
    "samedi 6 et dimanche 7 mars 2027": "2027-03-06 2027-03-07",
    "les 3, 4 et 5 mars 2027": "2027-03-03 2027-03-05",
    "du 28 février au 2 mars 2027": "2027-02-28 2027-03-02",
    "du 28 décembre au 3 janvier 2027": "2026-12-28 2027-01-03",
    "du 28 décembre 2026 au 3 janvier": "2026-12-28 2027-01-03",
    "du 14/11/2026 au 16/11/2026": "2026-11-14 2026-11-16",
    "2026-11-14/2026-11-16": "2026-11-14 2026-11-16",
    "entre mars et mai 2027": "2027-03-01 2027-05-31",
    "mars-avril 2027": "2027-03-01 2027-04-30",
    "novembre 2026": "2026-11-01 2026-11-30",
    "novembre": "2026-11-01 2026-11-30",  # it is not over
    "courant février 2027": "2027-02-01 2027-02-28",
    "mi-novembre": "2027-11-11 2027-11-20",
    "mi-novembre 2026": "2026-11-11 2026-11-20",
    "Mi‑décembre": "2026-12-11 2026-12-20",
    "début janvier 2027": "2027-01-01 2027-01-10",
    "fin février 2027": "2027-02-19 2027-02-28",
    "fin d’avril": "2027-04-21 2027-04-30",
    "de fin mars à début avril 2027": "2027-03-21 2027-04-10",
    "printemps 2027": "2027-03-20 2027-06-20",
    "hiver": "2026-12-21 2027-03-19",
    "hiver 2026-2027": "2026-12-21 2027-03-19",
    "été": "2027-06-21 2027-09-21",
    "semaine 12": "2027-03-22 2027-03-28",
    "S12 2027": "2027-03-22 2027-03-28",
    "semaine 53 2026": "2026-12-28 2027-01-03",
    "semaine du 15 mars 2027": "2027-03-15 2027-03-21",
    "week-end du 6 mars 2027": "2027-03-06 2027-03-07",
    "2e trimestre 2027": "2027-04-01 2027-06-30",
    "fin du premier trimestre 2027": "2027-03-02 2027-03-31",
    "T1 2027": "2027-01-01 2027-03-31",
    "deuxième semestre 2027": "2027-07-01 2027-12-31",
    "rentrée 2027": "2027-09-01 2027-09-15",
    "2027": "2027-01-01 2027-12-31",
    "fin 2027": "2027-09-01 2027-12-31",
    "année scolaire 2026-2027": "2026-09-01 2027-07-07",
    "vers le 14 mars 2027": "2027-03-11 2027-03-17",
    "11/2026": "2026-11-01 2026-11-30",
    "lors de la Fête de la science": None,
    "fin du trimestre": None,
    "à préciser": None,
    "bientôt": None,
    "": None,
    "31 avril 2027": None,
    "semaine 60": None,
    "5e trimestre 2027": None,
    "du 5 au 3 mars 2027": None,
    "13/13/2027": None,
    "13/2027": None,
    "tous les jeudis": None,
}


@pytest.mark.parametrize(("words", "meant"), SAID.items())
def test_words_mean_these_days(words: str, meant: str | None) -> None:
    span = read_date(words, today=TODAY)
    assert (f"{span.earliest} {span.latest}" if span else None) == meant


@given(st.text(max_size=160))
def test_whatever_is_typed_is_understood_or_not_but_never_breaks(words: str) -> None:
    span = read_date(words, today=TODAY)
    assert span is None or span.earliest <= span.latest


PIECES = "du au et - / mi fin début 3 14 31 2027 hiver semaine trimestre 1er vers lundi , le 9999 0"
words_of_dates = st.lists(st.sampled_from([*MONTHS, *PIECES.split(), "14 h"]), max_size=9)


@given(words_of_dates, st.sampled_from(["", " "]))
def test_words_of_dates_in_any_order_never_break(words: list[str], between: str) -> None:
    span = read_date(between.join(words), today=TODAY)
    assert span is None or span.earliest <= span.latest


days = st.dates(min_value=date(1990, 1, 1), max_value=date(2150, 12, 31))
NAMES = [name for name in MONTHS if len(name) > 4 or name in ("mars", "mai", "juin", "aout")]


@given(days)
def test_a_day_is_itself_however_it_is_written(day: date) -> None:
    month = next(name for name in NAMES if MONTHS[name] == day.month)
    for words in (
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day} {month} {day.year}",
        f"Le {day.day} {month.upper()} {day.year} à 9h",
    ):
        assert read_date(words, today=TODAY) == Span(day, day)


@given(days, st.integers(0, 400))
def test_from_one_day_to_another_is_every_day_between(day: date, length: int) -> None:
    end = day + timedelta(length)
    words = f"du {day:%d/%m/%Y} au {end:%d/%m/%Y}"
    assert read_date(words, today=TODAY) == Span(day, end)


@given(days, st.sampled_from(NAMES))
def test_a_month_without_its_year_is_the_next_that_is_not_over(today: date, month: str) -> None:
    span = read_date(month, today=today)
    assert span is not None
    assert span.latest >= today
    assert (span.earliest - today).days <= 365


@given(
    st.sampled_from([*NAMES, "printemps", "ete", "automne", "hiver", ""]), st.integers(1990, 2150)
)
def test_beginning_middle_and_end_make_the_whole(base: str, year: int) -> None:
    words = f"{base} {year}".strip()
    whole = read_date(words, today=TODAY)
    parts = [read_date(f"{part} {words}", today=TODAY) for part in ("début", "mi", "fin")]
    assert whole
    assert all(parts)
    first, middle, last = (part for part in parts if part)
    assert (first.earliest, last.latest) == (whole.earliest, whole.latest)
    assert first.latest + timedelta(1) == middle.earliest
    assert middle.latest + timedelta(1) == last.earliest


@given(days, days)
def test_what_holds_for_today_holds_for_a_year_that_is_said(one: date, other: date) -> None:
    """Words that say their year mean the same whenever they are read."""
    for words in ("mi-novembre 2027", "semaine 12 2027", "du 28 décembre au 3 janvier 2027"):
        assert read_date(words, today=one) == read_date(words, today=other)
