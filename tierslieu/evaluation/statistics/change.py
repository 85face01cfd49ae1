"""How far the same people have gone from before to after.

Two effect sizes, and they are not the same question. ``d_av`` puts the mean difference in standard
deviations of the scores, as between two groups, so it can be compared with other studies.
``d_z`` puts it in standard deviations of the differences: how regular the change is, which grows
with the correlation of before and after. Lakens, Calculating and Reporting Effect Sizes (2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lcm, sqrt
from random import Random
from typing import NamedTuple

from tierslieu.evaluation.statistics.bootstrap import bca_interval
from tierslieu.evaluation.statistics.exact import as_written
from tierslieu.evaluation.statistics.intervals import CONFIDENCE, Interval

RESAMPLES = 5000
SEED = 1987  # any would do; always the same, so that the same answers give the same figures


@dataclass(frozen=True)
class Change:
    """``n`` people, and what is undefined for them None.

    The means, the mean ``difference`` (after - before), its interval and the standard deviation
    ``sd`` of the differences (n - 1) are in the unit of the scores; ``d_av`` and ``d_z`` have none.
    """

    n: int
    before: float | None
    after: float | None
    difference: float | None
    sd: float | None
    d_av: float | None
    d_z: float | None
    difference_interval: Interval | None
    d_av_interval: Interval | None


@dataclass(frozen=True)
class Resampled:
    """The two estimates of each resample, in the order they were drawn."""

    differences: tuple[float | None, ...]
    d_av: tuple[float | None, ...]


def measure_change(
    pairs: Iterable[tuple[float, float]],
    resamples: int = RESAMPLES,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> Change:
    """The change of ``pairs`` (before, after), one a person, whatever their order.

    d_av is the mean difference / sqrt((s1² + s2²) / 2), with the variances of before and after;
    d_z the mean difference / the standard deviation of the differences. The intervals are BCa,
    from ``resamples`` draws of as many pairs. ValueError for a score that is no finite number.
    """
    sample = _read(pairs)
    whole, unit = sample.totals, sample.unit
    difference, d_av = whole.difference(unit), whole.d_av()
    sd = _sd_of_differences(sample)
    drawn = _resample(sample, resamples, seed)
    without = [whole.without(one) for one in sample.pairs]
    return Change(
        n=whole.n,
        before=whole.before / (whole.n * unit) if whole.n else None,
        after=whole.after / (whole.n * unit) if whole.n else None,
        difference=difference,
        sd=sd,
        d_av=d_av,
        d_z=difference / sd if difference is not None and sd else None,
        difference_interval=bca_interval(
            drawn.differences, difference, [one.difference(unit) for one in without], confidence
        ),
        d_av_interval=bca_interval(drawn.d_av, d_av, [one.d_av() for one in without], confidence),
    )


def resample_change(
    pairs: Iterable[tuple[float, float]], resamples: int = RESAMPLES, seed: int = SEED
) -> Resampled:
    """What ``measure_change`` draws its intervals from: the estimates of each resample."""
    return _resample(_read(pairs), resamples, seed)


class _Pair(NamedTuple):
    """Two scores as whole numbers of a unit they have in common, and the sum of their squares."""

    before: int
    after: int
    squares: int


class _Totals(NamedTuple):
    """What ``n`` pairs add up to, from which both estimates follow.

    Whole numbers, divided once: estimates that are equal are equal to the last bit, and a variance
    is 0 when nothing varies. The median bias of BCa counts on both.
    """

    n: int
    before: int
    after: int
    squares: int

    def without(self, one: _Pair) -> _Totals:
        return _Totals(
            self.n - 1,
            self.before - one.before,
            self.after - one.after,
            self.squares - one.squares,
        )

    def difference(self, unit: int) -> float | None:
        return (self.after - self.before) / (self.n * unit) if self.n else None

    def d_av(self) -> float | None:
        # n (n - 1) (s1² + s2²), and 0 as well with less than two pairs.
        spread = self.n * self.squares - self.before**2 - self.after**2
        if not spread:
            return None
        gone = self.after - self.before
        size = sqrt(gone * gone * 2 * (self.n - 1) / (self.n * spread))
        return size if gone > 0 else -size


class _Sample(NamedTuple):
    """The pairs in order, in parts of ``1 / unit``, and what they add up to."""

    pairs: Sequence[_Pair]
    unit: int
    totals: _Totals


def _read(pairs: Iterable[tuple[float, float]]) -> _Sample:
    exact = sorted((as_written(before), as_written(after)) for before, after in pairs)
    unit = lcm(*(value.denominator for pair in exact for value in pair))
    whole = [(int(before * unit), int(after * unit)) for before, after in exact]
    found = [_Pair(before, after, before**2 + after**2) for before, after in whole]
    return _Sample(found, unit, _add(found))


def _add(pairs: Sequence[_Pair]) -> _Totals:
    if not pairs:
        return _Totals(0, 0, 0, 0)
    before, after, squares = map(sum, zip(*pairs, strict=True))
    return _Totals(len(pairs), before, after, squares)


def _sd_of_differences(sample: _Sample) -> float | None:
    n = len(sample.pairs)
    if n < 2:
        return None
    differences = [pair.after - pair.before for pair in sample.pairs]
    spread = n * sum(one**2 for one in differences) - sum(differences) ** 2
    return sqrt(spread / (n * (n - 1) * sample.unit**2))


def _resample(sample: _Sample, resamples: int, seed: int) -> Resampled:
    if not sample.pairs:
        return Resampled((), ())
    chance = Random(seed)  # noqa: S311 (draws a sample, keeps no secret)
    n = len(sample.pairs)
    totals = [_add(chance.choices(sample.pairs, k=n)) for _draw in range(resamples)]
    return Resampled(
        tuple(one.difference(sample.unit) for one in totals), tuple(one.d_av() for one in totals)
    )
