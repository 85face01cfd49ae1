"""The codes one signs with: taken in time and a little after, from a clock a little off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from tierslieu.attendance.signing.codes import AFTER, BEFORE, STEP, TICKET, Codes, tidy_own

CODES = Codes("a secret of this place")
SESSION, OTHER = UUID(int=1), UUID(int=2)
instants = some.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - the zone is below
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=some.just(UTC),
)


@given(instants, some.floats(-STEP * AFTER, STEP * BEFORE))
def test_a_code_is_taken_a_minute_and_a_half_late_or_from_a_clock_half_a_minute_ahead(
    shown_at: datetime, later: float
) -> None:
    read_at = shown_at + timedelta(seconds=later)
    digits = CODES.show(SESSION, shown_at)
    assert len(digits) == 6
    assert CODES.takes(SESSION, f" {digits[:3]} {digits[3:]}", read_at)
    assert CODES.takes_key(SESSION, CODES.show_key(SESSION, shown_at), read_at)


@given(instants, some.floats(STEP * (BEFORE + 1), 1e6) | some.floats(-1e6, -STEP * (AFTER + 1)))
def test_an_old_qr_code_or_one_to_come_is_not_taken_nor_another_sessions(
    shown_at: datetime, later: float
) -> None:
    key = CODES.show_key(SESSION, shown_at)
    assert not CODES.takes_key(SESSION, key, shown_at + timedelta(seconds=later))
    assert not CODES.takes_key(OTHER, key, shown_at)
    assert not Codes("another place").takes_key(SESSION, key, shown_at)


def test_old_digits_are_not_taken() -> None:
    now = datetime(2026, 11, 26, 13, tzinfo=UTC)
    digits = CODES.show(SESSION, now)
    assert not CODES.takes(SESSION, digits, now + timedelta(minutes=5))
    assert not CODES.takes(OTHER, digits, now)
    assert not CODES.takes(SESSION, "", now)
    assert not CODES.takes(SESSION, "é" * 6, now)


@given(instants, some.floats(0, TICKET - 1), some.integers(0, 60))
def test_a_ticket_lasts_a_quarter_of_an_hour_and_cannot_be_made_longer(
    made_at: datetime, later: float, place: int
) -> None:
    ticket = CODES.make_ticket(SESSION, made_at)
    assert CODES.takes_ticket(SESSION, ticket, made_at + timedelta(seconds=later))
    assert not CODES.takes_ticket(SESSION, ticket, made_at + timedelta(seconds=TICKET + 1))
    assert not CODES.takes_ticket(OTHER, ticket, made_at)
    at = place % len(ticket)
    changed = ticket[:at] + ("1" if ticket[at] != "1" else "2") + ticket[at + 1 :]
    assert not CODES.takes_ticket(SESSION, changed, made_at)


@given(some.uuids())
def test_a_persons_own_code_is_known_again_however_it_is_typed(user_id: UUID) -> None:
    code = CODES.own(SESSION, user_id)
    assert tidy_own(code) == code
    assert tidy_own(code.lower().replace("-", " ")) == code
    assert tidy_own(code.replace("0", "O").replace("1", "l")) == code
    assert tidy_own(code[:-1]) == ""
    assert str(user_id)[:8] not in code.lower()
