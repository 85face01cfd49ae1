"""The segments of a diverging bar touch each other, and the middle of the scale lies on zero."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tierslieu.evaluation.statistics.diverging import DivergingBar, Segment, lay_out

all_counts = st.lists(st.integers(0, 500), min_size=2, max_size=11).filter(any)


def bar_of(counts: list[int]) -> DivergingBar:
    bar = lay_out(counts)
    assert bar is not None
    return bar


def test_five_points_have_the_neutral_ones_half_on_each_side() -> None:
    assert bar_of([1, 2, 4, 8, 5]) == DivergingBar(
        segments=(
            Segment(-25, 5),
            Segment(-20, 10),
            Segment(-10, 20),
            Segment(10, 40),
            Segment(50, 25),
        ),
        disagree=15,
        neutral=20,
        agree=65,
    )


def test_four_points_meet_at_zero_and_have_no_neutral_ones() -> None:
    bar = bar_of([1, 1, 2, 4])
    assert bar == DivergingBar(
        segments=(Segment(-25, 12.5), Segment(-12.5, 12.5), Segment(0, 25), Segment(25, 50)),
        disagree=25,
        neutral=None,
        agree=75,
    )
    assert (bar.left, bar.right) == (25, 75)


def test_an_odd_scale_where_nobody_is_neutral_says_so() -> None:
    assert bar_of([1, 0, 1]).neutral == 0


@given(all_counts)
def test_the_segments_touch_and_together_are_everybody(counts: list[int]) -> None:
    bar = bar_of(counts)
    for one, following in pairwise(bar.segments):
        assert one.start + one.width == pytest.approx(following.start, abs=1e-9)
    assert [one.width for one in bar.segments] == [100 * count / sum(counts) for count in counts]
    last = bar.segments[-1]
    assert bar.segments[0].start == pytest.approx(-bar.left, abs=1e-9)
    assert last.start + last.width == pytest.approx(bar.right, abs=1e-9)
    assert bar.left + bar.right == pytest.approx(100)


@given(all_counts)
def test_the_middle_of_the_scale_is_exactly_on_the_zero_line(counts: list[int]) -> None:
    segments, half = bar_of(counts).segments, len(counts) // 2
    if len(counts) % 2:
        assert segments[half].start == -segments[half].width / 2
    else:
        assert segments[half].start == 0


@given(all_counts)
def test_the_shares_are_those_of_the_options_on_each_side(counts: list[int]) -> None:
    bar, half, total = bar_of(counts), len(counts) // 2, sum(counts)
    assert bar.disagree == pytest.approx(100 * sum(counts[:half]) / total)
    assert bar.agree == pytest.approx(100 * sum(counts[half + len(counts) % 2 :]) / total)
    assert (bar.neutral is None) == (len(counts) % 2 == 0)
    assert bar.disagree + (bar.neutral or 0) + bar.agree == pytest.approx(100)


@given(all_counts)
def test_the_scale_turned_round_gives_the_mirrored_bar(counts: list[int]) -> None:
    bar, mirrored = bar_of(counts), bar_of(counts[::-1])
    assert (bar.disagree, bar.neutral, bar.agree) == (
        mirrored.agree,
        mirrored.neutral,
        mirrored.disagree,
    )
    for one, other in zip(bar.segments, reversed(mirrored.segments), strict=True):
        assert one.start == pytest.approx(-other.start - other.width, abs=1e-9)


@given(all_counts, st.integers(2, 9))
def test_more_people_with_the_same_opinions_give_the_same_bar(
    counts: list[int], times: int
) -> None:
    assume(times)
    assert bar_of([count * times for count in counts]) == bar_of(counts)


def test_nobody_has_no_bar() -> None:
    assert lay_out([0, 0, 0]) is None


@pytest.mark.parametrize("counts", [[], [3], [3, -1]])
def test_what_is_no_scale_is_refused(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="two options or more"):
        lay_out(counts)
