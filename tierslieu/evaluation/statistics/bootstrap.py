"""An interval from resamples: BCa, "bias-corrected and accelerated".

Efron, Better Bootstrap Confidence Intervals (1987); Efron and Tibshirani, An Introduction to the
Bootstrap (1993), 14.3 and 15.36.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import floor, fsum, sqrt
from statistics import NormalDist

from tierslieu.evaluation.statistics.intervals import CONFIDENCE, Interval, two_sided


def bca_interval(
    distribution: Sequence[float | None],
    observed: float | None,
    left_out: Sequence[float | None],
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """The interval of an estimate, in its unit.

    ``distribution`` has the estimate of each resample, ``observed`` that of the sample, and
    ``left_out`` that of the sample without its first observation, without its second… (jackknife).
    None when one of them is undefined (None), for the resamples left would be a choice of them;
    when nothing varies; and when every resample lies on the same side of what was observed.
    """
    resampled = sorted(value for value in distribution if value is not None)
    jackknife = [value for value in left_out if value is not None]
    if observed is None or not jackknife:
        return None
    if len(resampled) < len(distribution) or len(jackknife) < len(left_out):
        return None
    acceleration = _acceleration(jackknife)
    # The median bias; a resample that is equal to what was observed counts half on each side.
    below = bisect_left(resampled, observed) + bisect_right(resampled, observed)
    if acceleration is None or not 0 < below < 2 * len(resampled):
        return None
    normal = NormalDist()
    bias = normal.inv_cdf(below / (2 * len(resampled)))
    bounds = []
    for z in (-two_sided(confidence), two_sided(confidence)):
        slope = 1 - acceleration * (bias + z)
        if slope <= 0:  # the correction has left the range where it is a correction
            return None
        bounds.append(_quantile(resampled, normal.cdf(bias + (bias + z) / slope)))
    return Interval(*bounds)


def _acceleration(jackknife: Sequence[float]) -> float | None:
    """How fast the standard error changes with the estimate: a sixth of a skewness."""
    if min(jackknife) == max(jackknife):
        return None
    middle = fsum(jackknife) / len(jackknife)
    widest = max(abs(middle - value) for value in jackknife)
    # The ratio has no unit: in that of the widest, cubes of small numbers are not lost.
    influences = [(middle - value) / widest for value in jackknife]
    squares = fsum(u**2 for u in influences)
    return fsum(u**3 for u in influences) / (6 * squares * sqrt(squares))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile of values in order, between two of them in proportion."""
    place = share * (len(ordered) - 1)
    first = floor(place)
    last = min(first + 1, len(ordered) - 1)
    return ordered[first] + (ordered[last] - ordered[first]) * (place - first)
