"""How long an offered seat is kept: by day, and shorter as the start comes nearer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierslieu.bookings import holding
from tierslieu.bookings.holding import FREEZE, HOLD, SHORTEST
from tierslieu.clock import to_local, to_utc

# Both changes of hour are in it: 29 March and 25 October 2026.
instants = st.datetimes(
    datetime(2026, 3, 1),  # noqa: DTZ001 - the zone is drawn
    datetime(2026, 11, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
spans = st.timedeltas(timedelta(minutes=1), timedelta(days=3))
left = st.timedeltas(timedelta(seconds=1), FREEZE)


def at(text: str) -> datetime:
    """An hour of the clock in Paris."""
    return to_utc(datetime.fromisoformat(text))


def is_night(instant: datetime) -> bool:
    return not time(8) <= to_local(instant).time() < time(21)


@given(instants)
def test_the_next_waking_moment_is_by_day_and_never_before(now: datetime) -> None:
    waking = holding.next_waking(now)
    assert not is_night(waking)
    assert waking == now or is_night(now)
    assert timedelta() <= waking - now <= timedelta(hours=12)  # the night of October is longer


@given(instants, spans)
def test_adding_waking_time_and_counting_it_are_one_arithmetic(
    since: datetime, span: timedelta
) -> None:
    until = holding.add_waking(since, span)
    assert holding.waking_between(since, until) == span


@settings(max_examples=300)
@given(instants, left)
def test_an_offer_ends_after_it_is_told_by_day_and_never_beyond_the_start(
    now: datetime, left: timedelta
) -> None:
    starts_at = now + left
    until, told = holding.held_until(starts_at, now), holding.tells_at(starts_at, now)
    assert now < until <= starts_at
    assert now <= told < until
    assert until == starts_at or not is_night(until - timedelta(microseconds=1))
    assert holding.waking_between(now, until) <= HOLD
    awake = holding.waking_between(now, starts_at)
    if awake > 2 * SHORTEST:
        assert holding.waking_between(now, until) == min(HOLD, awake / 2)


@pytest.mark.parametrize(
    ("now", "starts", "until", "told"),
    [
        # By day, the day before: three hours.
        ("2026-11-25T14:30", "2026-11-26T14:00", "2026-11-25T17:30", "2026-11-25T14:30"),
        # In the evening: what is left of it, and the rest in the morning.
        ("2026-11-25T20:00", "2026-11-26T14:00", "2026-11-26T10:00", "2026-11-25T20:00"),
        # At night: told and counted from eight o'clock on.
        ("2026-11-26T02:00", "2026-11-26T14:00", "2026-11-26T11:00", "2026-11-26T08:00"),
        # An hour before: half of it.
        ("2026-11-26T13:00", "2026-11-26T14:00", "2026-11-26T13:30", "2026-11-26T13:00"),
        # Some minutes before: until the start.
        ("2026-11-26T13:50", "2026-11-26T14:00", "2026-11-26T14:00", "2026-11-26T13:50"),
        # At night for the first hour of the day: told at once, the morning would be too late.
        ("2026-11-26T02:00", "2026-11-26T08:30", "2026-11-26T08:20", "2026-11-26T02:00"),
    ],
)
def test_so_long_is_a_seat_kept(now: str, starts: str, until: str, told: str) -> None:
    assert holding.held_until(at(starts), at(now)) == at(until)
    assert holding.tells_at(at(starts), at(now)) == at(told)


def test_the_last_day_is_the_one_in_which_seats_are_offered() -> None:
    starts = at("2026-11-26T14:00")
    assert not holding.is_frozen(starts, at("2026-11-25T14:00"))
    assert holding.is_frozen(starts, at("2026-11-25T14:01"))
