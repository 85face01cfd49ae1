"""Which backups stay as days go by: never none, never too many, and months ago can be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tierslieu.backup.rotation import HERE, choose_kept, file_name, read_name

instants = st.integers(0, 10 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
numbers = st.integers(1, 12)
START = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)


@given(st.sets(instants, max_size=60), numbers, numbers, numbers)
def test_the_newest_stays_and_no_more_than_asked(
    made: set[datetime], daily: int, weekly: int, monthly: int
) -> None:
    kept = choose_kept(made, daily=daily, weekly=weekly, monthly=monthly)
    assert kept <= made
    assert len(kept) <= daily + weekly + monthly
    assert not made or max(made) in kept
    days = sorted({at.astimezone(HERE).date() for at in made}, reverse=True)[:daily]
    for day in days:
        assert max(at for at in made if at.astimezone(HERE).date() == day) in kept
    assert choose_kept(kept, daily=daily, weekly=weekly, monthly=monthly) == kept


@given(st.lists(st.integers(0, 3), min_size=30, max_size=400), numbers, numbers, numbers)
def test_rotated_night_after_night_every_period_asked_for_has_its_last_backup(
    gaps: list[int], daily: int, weekly: int, monthly: int
) -> None:
    """``gaps``: days without a backup, for a machine is off now and then."""
    made: list[datetime] = []
    kept: set[datetime] = set()
    at = START
    for gap in gaps:
        at += timedelta(days=1 + gap)
        made.append(at)
        kept = choose_kept({*kept, at}, daily=daily, weekly=weekly, monthly=monthly)
    assert kept == choose_kept(made, daily=daily, weekly=weekly, monthly=monthly)


@given(instants)
def test_a_name_says_its_instant_and_a_stranger_s_file_none(at: datetime) -> None:
    assert read_name(file_name(at)) == at
    assert read_name(f"copy-of-{file_name(at)}") is None
    assert read_name("tierslieu-20269999T000000Z.tar.gz.age") is None
