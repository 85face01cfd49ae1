"""The share of women, how sure it is, and what it stands beside."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tierslieu.evaluation.dashboard.columns import Slice
from tierslieu.evaluation.dashboard.women import place_by_gender, read_baselines, show_women
from tierslieu.people.models import Gender


def test_each_person_is_in_the_row_of_what_they_said() -> None:
    woman, man, other, silent, without_profile = ((uuid4(), None) for _n in range(5))
    said = {woman: Gender.WOMAN, man: Gender.MAN, other: Gender.SELF_DESCRIBED, silent: None}
    people = {woman, man, other, silent, without_profile}
    assert place_by_gender(people, {one[0]: gender for one, gender in said.items()}) == [
        {woman}, {man, other}, {silent, without_profile},
    ]  # fmt: skip


def test_the_share_is_of_those_who_said_with_its_wilson_interval() -> None:
    """20 of 80: 0.25, from 0.1681 to 0.3548 (Wilson, without correction)."""
    shown = show_women(Slice((20, 60, 15), 95))
    assert (shown.part, shown.whole, shown.percent) == (20, 80, 25)
    assert shown.interval is not None
    assert shown.interval.low == pytest.approx(0.1681, abs=1e-4)
    assert shown.interval.high == pytest.approx(0.3548, abs=1e-4)
    assert shown.is_enough


def test_few_people_and_it_says_that_one_cannot_conclude() -> None:
    shown = show_women(Slice((8, 12, 0), 20))
    assert shown.percent == 40
    assert not shown.is_enough


@pytest.mark.parametrize(
    ("cells", "whole"),
    [((None, None, 30), 20), ((None, 20, None), None), ((None, None, None), None)],
)
def test_hidden_women_have_no_share(cells: tuple[int | None, ...], whole: int | None) -> None:
    shown = show_women(Slice(cells, 50))
    assert (shown.part, shown.percent, shown.interval) == (None, None, None)
    assert shown.whole == whole


def test_women_beside_a_hidden_rest_have_no_share_either() -> None:
    assert show_women(Slice((20, None, None), 50)).percent is None
    # What is shown gives it already.
    assert show_women(Slice((20, None, 10), 50)).percent == 50


def test_nobody_said_and_there_is_no_share() -> None:
    shown = show_women(Slice((0, 0, 12), 12))
    assert (shown.whole, shown.percent) == (0, None)


def test_the_national_series_is_dated_and_has_a_source() -> None:
    [series] = read_baselines()
    assert [(point.year, point.percent) for point in series.points] == [(2022, 14.6), (2023, 15.2)]
    assert series.source
    assert series.url.startswith("https://")
