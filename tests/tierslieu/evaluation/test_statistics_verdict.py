"""From how many on one may conclude."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierslieu.evaluation.statistics.proportions import wilson_interval
from tierslieu.evaluation.statistics.verdict import (
    Verdict,
    judge_alpha,
    judge_change,
    judge_share,
)


@pytest.mark.parametrize("judge", [judge_alpha, judge_change])
def test_an_alpha_and_a_change_want_thirty(judge: object) -> None:
    assert callable(judge)
    assert [judge(n) for n in (0, 29, 30, 500)] == [
        Verdict.TOO_FEW,
        Verdict.TOO_FEW,
        Verdict.ENOUGH,
        Verdict.ENOUGH,
    ]


@pytest.mark.parametrize(
    ("part", "whole", "verdict"),
    [
        (46, 92, Verdict.TOO_FEW),
        (46, 93, Verdict.ENOUGH),
        (30, 33, Verdict.TOO_FEW),
        (31, 34, Verdict.ENOUGH),
        (26, 30, Verdict.TOO_FEW),
        (0, 15, Verdict.TOO_FEW),
        (0, 16, Verdict.ENOUGH),
        (16, 16, Verdict.ENOUGH),
        (0, 0, Verdict.TOO_FEW),
    ],
)
def test_a_share_wants_ten_points_at_most_to_each_side(
    part: int, whole: int, verdict: Verdict
) -> None:
    assert judge_share(part, whole) is verdict


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_verdict_on_a_share_is_that_of_its_interval(share: tuple[int, int]) -> None:
    interval = wilson_interval(*share)
    assert interval is not None
    is_narrow = interval.high - interval.low <= 0.2
    assert judge_share(*share) is (Verdict.ENOUGH if is_narrow else Verdict.TOO_FEW)


def test_a_part_greater_than_its_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="no part of"):
        judge_share(3, 2)
