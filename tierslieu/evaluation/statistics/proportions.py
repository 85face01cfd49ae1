"""How sure a share is: the score interval of Wilson (1927), which keeps to 0 and 1.

Without correction for continuity. Also right where the usual p ± 1.96 standard errors is not: with
few people, and with nobody or everybody, where that one would say it is certain.
"""

from __future__ import annotations

from math import sqrt

from tierslieu.evaluation.statistics.intervals import CONFIDENCE, Interval, two_sided


def wilson_interval(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of the share ``part / whole``, its bounds from 0 to 1; None without a whole.

    ValueError when the part is negative or more than the whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}")
    if not whole:
        return None
    z = two_sided(confidence)
    share, rest = part / whole, (whole - part) / whole
    middle = share + z * z / (2 * whole)
    half = z * sqrt(share * rest / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    # These two bounds are exactly 0 and 1; rounding would leave them beside.
    low = (middle - half) / scale if part else 0.0
    high = (middle + half) / scale if part < whole else 1.0
    return Interval(low, high)
