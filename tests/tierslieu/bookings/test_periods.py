"""Weeks, months and days as addresses name them, and how a grid lays them out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from tests.support.sessions import plain
from tierslieu.bookings.calendars import words
from tierslieu.bookings.calendars.grids import month_grid
from tierslieu.bookings.calendars.periods import (
    Period,
    day_name,
    month_name,
    read_day,
    read_month,
    read_week,
    week_name,
)
from tierslieu.bookings.calendars.queries import Day
from tierslieu.errors import NotYours


def test_a_week_begins_on_its_monday_also_the_fifty_third() -> None:
    assert read_week("2026-W48") == Period(date(2026, 11, 23), date(2026, 11, 29))
    assert read_week("2026-W53") == Period(date(2026, 12, 28), date(2027, 1, 3))
    assert read_week("2026-W01") == Period(date(2025, 12, 29), date(2026, 1, 4))


@pytest.mark.parametrize(
    "text",
    ["2025-W53", "2026-W54", "2026-W00", "2026-W1", "2026W48", "2026-w48", "1999-W01", "2100-W01",
     "0000-W01", "9999-W52", "２０２６-W48", "2026-W48 ", "2026-W48\n", "", "rien"],
)  # fmt: skip
def test_what_is_no_week_is_not_found(text: str) -> None:
    with pytest.raises(NotYours):
        read_week(text)


@pytest.mark.parametrize("text", ["2026-00", "2026-13", "2026-1", "202611", "1999-12", "rien"])
def test_what_is_no_month_is_not_found(text: str) -> None:
    with pytest.raises(NotYours):
        read_month(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-11-31", "2026-11", "20261126", "1999-12-31"])
def test_what_is_no_day_is_not_found(text: str) -> None:
    with pytest.raises(NotYours):
        read_day(text)


def test_every_day_lies_in_the_week_the_month_and_the_day_of_its_name() -> None:
    day = date(2000, 1, 3)
    while day < date(2099, 12, 28):
        for name, read in ((week_name, read_week), (month_name, read_month), (day_name, read_day)):
            period = read(name(day))
            assert period.first <= day <= period.last
        day += timedelta(days=1)


def test_beyond_the_years_we_show_nothing_has_a_name() -> None:
    assert week_name(date(2000, 1, 1)) == month_name(date(1999, 12, 31)) == ""
    assert day_name(date(2100, 1, 1)) == week_name(date(2100, 1, 4)) == ""


@pytest.mark.parametrize(
    ("name", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W48", 168)]
)
def test_a_week_is_an_hour_shorter_or_longer_when_clocks_change(name: str, hours: int) -> None:
    within = read_week(name).filter
    assert within.until is not None
    assert within.since is not None
    assert within.until - within.since == timedelta(hours=hours)


def test_a_month_goes_from_midnight_to_midnight_on_the_wall() -> None:
    within = read_month("2026-10").filter
    assert within.since == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert within.until == datetime(2026, 10, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "weeks"),
    [("2026-08", 6), ("2026-11", 6), ("2026-10", 5), ("2027-02", 4), ("2024-02", 5)],
)
def test_a_month_has_as_many_rows_as_weeks_and_each_of_its_days_once(name: str, weeks: int) -> None:
    period = read_month(name)
    grid = month_grid({day: Day() for day in period.days}, {}, date(2026, 11, 26))
    assert len(grid) == weeks
    assert all(len(cells) == 7 and monday.weekday() == 0 for monday, cells in grid)
    assert [cell.day for _m, cells in grid for cell in cells if cell] == period.days
    for _monday, cells in grid:
        assert all(cell is None or cell.day.weekday() == n for n, cell in enumerate(cells))


def test_a_span_of_days_says_months_and_years_once(app: Flask) -> None:
    with app.test_request_context():
        said = [
            plain(words.span_words(read_week(name)))
            for name in ("2026-W48", "2026-W49", "2026-W53", "2027-W22", "2026-W36")
        ]
    assert said == [
        "du 23 au 29 novembre 2026",
        "du 30 novembre au 6 décembre 2026",
        "du 28 décembre 2026 au 3 janvier 2027",
        "du 31 mai au 6 juin 2027",
        "du 31 août au 6 septembre 2026",
    ]
