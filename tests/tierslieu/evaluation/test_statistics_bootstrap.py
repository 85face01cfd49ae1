"""The BCa interval is the one of scipy, and None where one of its parts is undefined."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import bootstrap

from tierslieu.evaluation.statistics.bootstrap import bca_interval

samples = st.lists(st.integers(-50, 50), min_size=2, max_size=30)
RESAMPLED = [float(value) for value in range(1000)]


def jackknife(sample: list[int]) -> list[float | None]:
    """The mean without each of the values."""
    return [(sum(sample) - one) / (len(sample) - 1) for one in sample]


@given(samples, st.floats(0.5, 0.999), st.integers(0, 2**32 - 1))
def test_the_interval_of_a_mean_is_that_of_scipy(
    sample: list[int], confidence: float, seed: int
) -> None:
    chance = numpy.random.default_rng(seed)
    n = len(sample)
    drawn = chance.choice(numpy.array(sample), size=(200, n)).sum(axis=1) / n
    found = bca_interval(drawn.tolist(), sum(sample) / n, jackknife(sample), confidence)
    assume(found is not None)
    there = bootstrap(
        (sample,),
        lambda values: values.sum() / len(values),
        vectorized=False,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=drawn),
        confidence_level=confidence,
        method="BCa",
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((there.low, there.high), abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6), samples)
def test_the_bounds_are_in_order_and_among_the_resamples(
    drawn: list[float], observed: float, sample: list[int]
) -> None:
    found = bca_interval(drawn, observed, jackknife(sample))
    if found is not None:
        assert min(drawn) <= found.low <= found.high <= max(drawn)


def test_without_bias_or_skewness_the_bounds_are_the_plain_percentiles() -> None:
    found = bca_interval(RESAMPLED, 499.5, [-1.0, 0.0, 1.0], confidence=0.9)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((49.95, 949.05))


def test_a_resample_equal_to_what_was_observed_counts_half_on_each_side() -> None:
    drawn = [*([0.0] * 400), *([1.0] * 200), *([2.0] * 400)]
    found = bca_interval(drawn, 1.0, [-1.0, 0.0, 1.0], confidence=0.3)
    assert found is not None
    assert (found.low, found.high) == (0.0, 2.0)


def test_very_small_units_change_nothing() -> None:
    jackknives = [-1.0, 0.0, 3.0, 0.5]
    small = bca_interval(RESAMPLED, 480.0, [value * 1e-150 for value in jackknives])
    plain = bca_interval(RESAMPLED, 480.0, jackknives)
    assert small is not None
    assert plain is not None
    assert (small.low, small.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize(
    ("drawn", "observed", "left_out"),
    [
        ([], 1.0, [1.0, 2.0]),
        ([1.0, 2.0], None, [1.0, 2.0]),
        ([0.0, 2.0], 1.0, []),
        ([0.0, None, 2.0], 1.0, [1.0, 2.0]),
        ([0.0, 2.0], 1.0, [1.0, None, 2.0]),
        ([0.0, 2.0], 1.0, [1.0, 1.0, 1.0]),
        ([1.0, 2.0], 3.0, [1.0, 2.0]),
        ([1.0, 2.0], 0.0, [1.0, 2.0]),
    ],
    ids=[
        "no resample",
        "no estimate",
        "no jackknife",
        "an undefined resample",
        "an undefined jackknife",
        "nothing varies",
        "all below",
        "all above",
    ],
)
def test_the_interval_is_undefined_when_one_of_its_parts_is(
    drawn: list[float | None], observed: float | None, left_out: list[float | None]
) -> None:
    assert bca_interval(drawn, observed, left_out) is None


@pytest.mark.parametrize("side", [1, -1])
def test_a_correction_beyond_its_range_gives_no_interval(side: int) -> None:
    """The acceleration is at most a sixth, so this takes a bias and a confidence nobody has."""
    drawn = [0.0] * 99_999 + [side * 2.0]
    left_out: list[float | None] = [*([0.0] * 99_999), -side * 1.0]
    assert bca_interval(drawn, side * 1.0, left_out, confidence=0.9999) is None


def test_a_skewed_sample_has_a_longer_side_where_it_is_skewed() -> None:
    plain = bca_interval(RESAMPLED, 499.5, [-1.0, 0.0, 1.0])
    # Left out, the greatest value pulls the mean down: the sample has its tail to the right.
    skewed = bca_interval(RESAMPLED, 499.5, [*([0.0] * 9), -1.0])
    assert plain is not None
    assert skewed is not None
    assert skewed.low > plain.low
    assert skewed.high > plain.high
    assert math.isfinite(skewed.high)
