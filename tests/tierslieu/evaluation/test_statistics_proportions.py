"""The interval of a share is Wilson's, also with nobody and with everybody."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from tierslieu.evaluation.statistics.proportions import wilson_interval

parts = st.integers(1, 2000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@example((0, 1))
@example((1, 1))
@example((0, 30))
@example((30, 30))
@given(parts)
def test_the_interval_is_that_of_statsmodels(share: tuple[int, int]) -> None:
    found = wilson_interval(*share)
    low, high = proportion_confint(*share, alpha=0.05, method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(parts, st.floats(0.5, 0.999))
def test_any_other_confidence_is_that_of_statsmodels(
    share: tuple[int, int], confidence: float
) -> None:
    found = wilson_interval(*share, confidence)
    low, high = proportion_confint(*share, alpha=1 - confidence, method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(parts)
def test_the_interval_holds_the_share_and_keeps_to_zero_and_one(share: tuple[int, int]) -> None:
    found = wilson_interval(*share)
    assert found is not None
    assert 0 <= found.low <= share[0] / share[1] <= found.high <= 1
    assert found.low < found.high


@given(parts)
def test_the_share_of_the_others_has_the_mirrored_interval(share: tuple[int, int]) -> None:
    part, whole = share
    one, other = wilson_interval(part, whole), wilson_interval(whole - part, whole)
    assert one is not None
    assert other is not None
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-12)


@given(parts)
def test_ten_times_as_many_people_make_it_narrower(share: tuple[int, int]) -> None:
    few, many = wilson_interval(*share), wilson_interval(share[0] * 10, share[1] * 10)
    assert few is not None
    assert many is not None
    assert many.half_width < few.half_width


def test_nobody_and_everybody_touch_the_ends_exactly() -> None:
    for whole in range(1, 200):
        nobody, everybody = wilson_interval(0, whole), wilson_interval(whole, whole)
        assert nobody is not None
        assert everybody is not None
        assert (nobody.low, everybody.high) == (0.0, 1.0)


def test_a_share_of_nothing_has_no_interval() -> None:
    assert wilson_interval(0, 0) is None


@pytest.mark.parametrize(("part", "whole"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_what_is_no_part_of_the_whole_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="no part of"):
        wilson_interval(part, whole)
