"""The change of the same people: the figures of pingouin and scipy, None where undefined."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from dataclasses import astuple
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy
import pingouin
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from tierslieu.evaluation.statistics.change import (
    RESAMPLES,
    Change,
    measure_change,
    resample_change,
)

Pairs = list[tuple[float, float]]

likert = st.integers(1, 5)
scores = st.integers(-90_000, 90_000).map(lambda value: value / 10_000)  # four decimals, as scored


def pairs_of(values: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Pairs]:
    return st.lists(st.tuples(values, values), min_size=least, max_size=25)


def some_pairs(n: int, seed: int = 3) -> Pairs:
    chance = random.Random(seed)
    befores = [chance.randint(1, 5) for _ in range(n)]
    return [(one, min(5, max(1, one + chance.choice([-1, 0, 0, 1, 1, 2])))) for one in befores]


def exact_d_av(before: Any, after: Any) -> float:
    """By the textbook, with fractions: two resamples that are equal are so to the last bit."""
    firsts, seconds = ([Fraction(int(value)) for value in column] for column in (before, after))
    gone = statistics.mean(seconds) - statistics.mean(firsts)
    mean_variance = (statistics.variance(firsts) + statistics.variance(seconds)) / 2
    return math.copysign(math.sqrt(gone**2 / mean_variance), gone)


@given(pairs_of(st.one_of(likert, scores), least=2))
def test_means_and_effect_sizes_are_those_of_numpy_and_pingouin(pairs: Pairs) -> None:
    found = measure_change(pairs, resamples=0)
    before, after = numpy.array(pairs, dtype=float).T
    assert found.n == len(pairs)
    assert (found.before, found.after, found.difference, found.sd) == pytest.approx(
        (before.mean(), after.mean(), (after - before).mean(), (after - before).std(ddof=1)),
        abs=1e-9,
    )
    if found.d_av is not None:
        there = pingouin.compute_effsize(after, before, paired=True, eftype="cohen")
        assert found.d_av == pytest.approx(there, rel=1e-9, abs=1e-9)
    if found.d_z is not None:
        there = pingouin.compute_effsize(after, before, paired=True, eftype="cohen_dz")
        assert found.d_z == pytest.approx(there, rel=1e-9, abs=1e-9)


@settings(max_examples=60)
@given(pairs_of(likert, least=3), st.integers(0, 1000))
def test_both_intervals_are_those_of_scipy(pairs: Pairs, seed: int) -> None:
    found = measure_change(pairs, resamples=200, seed=seed)
    drawn = resample_change(pairs, resamples=200, seed=seed)
    before, after = numpy.array(pairs, dtype=float).T

    def there(statistic: Any, distribution: tuple[float | None, ...]) -> Any:
        return bootstrap(
            (before, after),
            statistic,
            paired=True,
            vectorized=False,
            n_resamples=0,
            bootstrap_result=SimpleNamespace(bootstrap_distribution=numpy.array(distribution)),
            confidence_level=0.95,
            method="BCa",
        ).confidence_interval

    assume(found.difference_interval is not None)
    expected = there(lambda x, y: (y - x).sum() / len(x), drawn.differences)
    assert astuple(found.difference_interval) == pytest.approx(tuple(expected), abs=1e-9)
    if found.d_av_interval is not None:
        expected = there(exact_d_av, drawn.d_av)
        assert astuple(found.d_av_interval) == pytest.approx(tuple(expected), abs=1e-9)


def test_five_thousand_resamples_of_many_people_give_the_intervals_of_scipy() -> None:
    pairs = some_pairs(60)
    found, drawn = measure_change(pairs), resample_change(pairs)
    assert len(drawn.d_av) == len(drawn.differences) == RESAMPLES == 5000
    there = bootstrap(
        numpy.array(pairs, dtype=float).T,
        exact_d_av,
        paired=True,
        vectorized=False,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=numpy.array(drawn.d_av)),
        method="BCa",
    ).confidence_interval
    assert found.d_av_interval is not None
    assert astuple(found.d_av_interval) == pytest.approx(tuple(there), abs=1e-9)


def test_each_resample_draws_whole_pairs_as_many_as_there_are() -> None:
    pairs = [(1, 2), (2, 5), (4, 3)]
    drawn = resample_change(pairs, resamples=2000)
    possible = set()
    for chosen in itertools.product(pairs, repeat=3):
        before, after = zip(*chosen, strict=True)
        is_one = len(set(chosen)) == 1
        possible.add(
            ((sum(after) - sum(before)) / 3, None if is_one else exact_d_av(before, after))
        )
    assert set(zip(drawn.differences, drawn.d_av, strict=True)) == possible


def test_resampled_mean_differences_spread_as_the_standard_error_says() -> None:
    pairs = some_pairs(100)
    found, drawn = measure_change(pairs), resample_change(pairs)
    differences = [one for one in drawn.differences if one is not None]
    assert found.sd is not None
    assert statistics.mean(differences) == pytest.approx(found.difference, abs=0.01)
    assert statistics.stdev(differences) == pytest.approx(found.sd / math.sqrt(100), rel=0.05)


@settings(max_examples=40)
@given(pairs_of(st.one_of(likert, scores)), st.randoms(use_true_random=False))
def test_the_same_pairs_in_any_order_give_the_same_figures_to_the_last_bit(
    pairs: Pairs, chance: random.Random
) -> None:
    mixed = list(pairs)
    chance.shuffle(mixed)
    assert measure_change(mixed, resamples=100) == measure_change(pairs, resamples=100)
    assert resample_change(mixed, resamples=100) == resample_change(pairs, resamples=100)


def test_another_seed_draws_other_resamples() -> None:
    pairs = some_pairs(30)
    assert resample_change(pairs, seed=1) == resample_change(pairs, seed=1)
    assert resample_change(pairs, seed=1) != resample_change(pairs, seed=2)


@settings(max_examples=60)
@given(pairs_of(st.one_of(likert, scores, st.floats(-1e6, 1e6))))
def test_no_figure_is_ever_infinite_or_no_number(pairs: Pairs) -> None:
    found = measure_change(pairs, resamples=50)
    intervals = [one for one in (found.difference_interval, found.d_av_interval) if one]
    bounds = [bound for one in intervals for bound in (one.low, one.high)]
    figures = [found.before, found.after, found.difference, found.sd, found.d_av, found.d_z]
    assert all(math.isfinite(one) for one in [*bounds, *figures] if one is not None)
    assert all(one.low <= one.high for one in intervals)


@settings(max_examples=40)
@given(pairs_of(st.integers(-50, 50), least=2))
def test_effect_sizes_do_not_depend_on_where_a_scale_begins_or_on_its_unit(pairs: Pairs) -> None:
    here = measure_change(pairs, resamples=100)
    there = measure_change([(one / 10 + 7, two / 10 + 7) for one, two in pairs], resamples=100)
    assert (there.d_av, there.d_av_interval) == (here.d_av, here.d_av_interval)
    assert there.d_z == pytest.approx(here.d_z)


@given(pairs_of(scores, least=2))
def test_the_way_back_is_the_same_change_with_the_other_sign(pairs: Pairs) -> None:
    forth = measure_change(pairs, resamples=0)
    back = measure_change([(after, before) for before, after in pairs], resamples=0)
    assert forth.difference is not None
    assert back.difference == -forth.difference
    assert back.sd == forth.sd
    for one, other in ((forth.d_av, back.d_av), (forth.d_z, back.d_z)):
        assert other == (None if one is None else -one)


def test_nobody_has_no_change() -> None:
    assert measure_change([]) == Change(0, *[None] * 8)
    assert resample_change([]).differences == ()


def test_one_person_has_a_difference_and_nothing_else() -> None:
    assert measure_change([(2, 3)]) == Change(1, 2.0, 3.0, 1.0, *[None] * 5)


def test_the_same_change_for_all_has_an_effect_but_no_interval_of_the_mean() -> None:
    """In tenths, where floats would find that the differences vary."""
    found = measure_change([(0.1, 0.3), (0.2, 0.4), (0.7, 0.9), (1.1, 1.3)])
    assert (found.difference, found.sd) == (0.2, 0.0)
    assert found.d_z is None
    assert found.difference_interval is None
    assert found.d_av == pytest.approx(0.2 / statistics.stdev([0.1, 0.2, 0.7, 1.1]))


def test_scores_that_do_not_vary_have_no_effect_size() -> None:
    found = measure_change([(2, 3)] * 40)
    assert (found.difference, found.sd) == (1.0, 0.0)
    assert (found.d_av, found.d_z) == (None, None)
    assert (found.difference_interval, found.d_av_interval) == (None, None)


def test_one_person_who_changed_among_many_has_no_interval_of_the_effect_size() -> None:
    """A third of the resamples lack this one, and have no variance to measure by."""
    found = measure_change([*([(3, 3)] * 29), (3, 5)])
    assert found.d_av is not None
    assert found.difference_interval is not None
    assert found.d_av_interval is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="Invalid literal"):
        measure_change([(1, 2), (2, value)])
