"""Public holidays by the rule of Easter, and the days clocks change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil import easter as dateutil_easter
from flask import Flask

from tests.support.sessions import plain
from tierslieu.agenda.days import clock_change, easter, notes_of, public_holidays


def test_easter_falls_where_an_independent_rule_says_for_three_centuries() -> None:
    assert [easter(year) for year in range(1900, 2200)] == [
        dateutil_easter.easter(year) for year in range(1900, 2200)
    ]


@pytest.mark.parametrize(
    ("year", "day"),
    # The earliest, the latest, and those that a wrong rule of the moon misses.
    [(1818, (3, 22)), (2038, (4, 25)), (1954, (4, 18)), (1981, (4, 19)), (2026, (4, 5))],
)
def test_easter_of_years_that_are_hard(year: int, day: tuple[int, int]) -> None:
    assert easter(year) == date(year, *day)


def test_the_eleven_public_holidays_of_2026(app: Flask) -> None:
    with app.test_request_context():
        found = public_holidays(2026)
    assert [f"{day:%m-%d} {', '.join(names)}" for day, names in found.items()] == [
        "01-01 Jour de l’an",
        "04-06 Lundi de Pâques",
        "05-01 Fête du Travail",
        "05-08 Victoire de 1945",
        "05-14 Ascension",
        "05-25 Lundi de Pentecôte",
        "07-14 Fête nationale",
        "08-15 Assomption",
        "11-01 Toussaint",
        "11-11 Armistice de 1918",
        "12-25 Noël",
    ]


def test_a_day_that_is_two_holidays_says_both(app: Flask) -> None:
    with app.test_request_context():
        assert public_holidays(2008)[date(2008, 5, 1)] == ["Fête du Travail", "Ascension"]


def test_clocks_change_twice_a_year_and_it_is_said(app: Flask) -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    changes = {day: clock_change(day) for day in year if clock_change(day)}
    assert changes == {
        date(2026, 3, 29): timedelta(hours=1),
        date(2026, 10, 25): timedelta(hours=-1),
    }
    with app.test_request_context():
        notes = notes_of(year)
    assert plain(notes[date(2026, 3, 29)][0]) == "Heure d’été : à 2 h, il est 3 h"
    assert plain(notes[date(2026, 10, 25)][0]) == "Heure d’hiver : à 3 h, il est 2 h"
    assert len(notes) == 11 + 2


def test_days_of_two_years_know_the_holidays_of_both(app: Flask) -> None:
    with app.test_request_context():
        notes = notes_of([date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1)])
    assert list(notes) == [date(2026, 12, 25), date(2027, 1, 1)]
