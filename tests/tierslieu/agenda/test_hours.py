"""Hours of a week: as they are typed, said and compared."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sessions import plain
from tierslieu.agenda.hours import MIDNIGHT, Week, parse_spans, say_spans

HALF_HOURS = st.integers(0, 47).map(lambda n: time(n // 2, 30 * (n % 2)))
SPANS = st.lists(HALF_HOURS, min_size=2, max_size=2, unique=True).map(
    lambda two: (min(two), max(two))
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of the week of Monday 23 November 2026, on the wall."""
    return datetime(2026, 11, 22 + day, hour, minute)  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(
    "typed",
    ["8 h – 12 h, 13 h 30 – 17 h 30", "8-12, 13:30-17:30", "13h30 à 17h30 ; 8:00-12:00",
     "8 h–10 h, 9 h–12 h, 13 h 30–17 h 30"],
)  # fmt: skip
def test_hours_are_read_as_one_types_them(typed: str) -> None:
    assert parse_spans(typed) == ((time(8), time(12)), (time(13, 30), time(17, 30)))


@pytest.mark.parametrize(
    ("typed", "why"),
    [("le matin", "Écrivez les heures ainsi"), ("12-8", "finit avant de commencer"),
     ("8-25", "Une journée va de 0 h à 24 h"), ("8", "Écrivez les heures ainsi")],
)  # fmt: skip
def test_what_is_no_hours_is_said_to_be_so(app: Flask, typed: str, why: str) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match=r".") as wrong:
        parse_spans(typed)
    assert why in plain(str(wrong.value))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(SPANS, max_size=4))
def test_what_is_said_is_read_back_the_same(spans: list[tuple[time, time]]) -> None:
    kept = parse_spans(", ".join(say_spans([span]) for span in spans))
    assert parse_spans(say_spans(kept)) == kept
    assert Week.read(Week((kept, *((),) * 6)).kept()).days[0] == kept


def test_a_week_covers_what_is_within_a_span_and_touches_what_is_partly() -> None:
    week = Week((parse_spans("8-12, 14-18"), *((),) * 6))
    assert week.covers(at(1, 8), at(1, 12))
    assert not week.covers(at(1, 11), at(1, 15))
    assert not week.covers(at(2, 9), at(2, 10))
    assert week.touches(at(1, 11), at(1, 13))
    assert not week.touches(at(1, 12), at(1, 14))
    assert not Week()


def test_a_session_past_midnight_is_looked_at_day_by_day() -> None:
    week = Week((parse_spans("18-24"), parse_spans("0-2"), *((),) * 5))
    assert week.days[0][0][1] == MIDNIGHT
    assert week.covers(at(1, 22), at(2, 1))
    assert week.covers(at(1, 22), at(2, 0))
    assert not week.covers(at(1, 22), at(2, 3))


def test_days_of_the_same_hours_are_said_together(app: Flask) -> None:
    open_all = parse_spans("9-18")
    with app.test_request_context():
        said = [plain(w) for w in Week((open_all,) * 3 + ((), open_all, open_all, ())).say()]
    assert said == ["lundi à mercredi : 9 h – 18 h", "vendredi et samedi : 9 h – 18 h"]


@given(SPANS, SPANS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hours_said_in_english_are_those_an_english_page_asks_for_and_are_read_again(
    app: Flask, one: tuple[time, time], other: tuple[time, time]
) -> None:
    spans = parse_spans(say_spans([one, other]))
    with app.test_request_context("/"), force_locale("en_GB"):
        said = say_spans(spans)
    assert "h" not in said
    assert parse_spans(said) == spans


def test_hours_in_english_go_to_midnight_and_may_be_typed_with_to(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en_GB"):
        assert say_spans([(time(9), time(12, 30)), (time(20), MIDNIGHT)]) == (
            "9:00 – 12:30, 20:00 – 24:00"
        )
        assert Week((((time(9), time(13)),),) * 2 + ((),) * 5).say() == [
            "Monday and Tuesday: 9:00 – 13:00"
        ]
    assert parse_spans("9:00 to 12:30") == ((time(9), time(12, 30)),)
