"""Whether there are enough answers to conclude: the one place that decides.

These are the least one can go by, not a proof: with that many, a figure may still be wide of the
truth, and its interval says how much.
"""

from __future__ import annotations

from enum import Enum

from tierslieu.evaluation.statistics.proportions import wilson_interval

# With 30 rows, the interval of an alpha of .7 on 5 items (Feldt, 1965) goes from .49 to .84: one
# can just tell a scale that holds from one that does not. With 20, it begins at .43. 30 is enough
# for items that go well together only: Yurdugül, Minimum Sample Size for Cronbach's Coefficient
# Alpha (2008).
LEAST_ROWS = 30

# With 30 pairs, the interval of a mean difference goes 0.37 standard deviations to each side (t),
# so that a change of medium size (0.5) can be told from none; with 15, it cannot. A bootstrap is
# too narrow with few, by 6 % with 30 and 12 % with 15, as it takes z for t and n for n - 1:
# Hesterberg, What Teachers Should Know About the Bootstrap (2015).
LEAST_PAIRS = 30

# Ten points to each side: a half can be told from two thirds. About 93 people for a share of a
# half, 34 for nine in ten, 16 when nobody or everybody said so.
WIDEST_HALF_WIDTH = 0.10


class Verdict(Enum):
    """Whether one may conclude."""

    ENOUGH = "enough"
    TOO_FEW = "too_few"


def judge_alpha(n: int) -> Verdict:
    """For the alpha of ``n`` rows without a missing value."""
    return _verdict(n >= LEAST_ROWS)


def judge_change(n: int) -> Verdict:
    """For the change of ``n`` people who answered before and after."""
    return _verdict(n >= LEAST_PAIRS)


def judge_share(part: int, whole: int) -> Verdict:
    """For the share ``part / whole``, by its Wilson interval at 95 %. ValueError as there."""
    interval = wilson_interval(part, whole)
    return _verdict(interval is not None and interval.half_width <= WIDEST_HALF_WIDTH)


def _verdict(is_enough: bool) -> Verdict:
    return Verdict.ENOUGH if is_enough else Verdict.TOO_FEW
