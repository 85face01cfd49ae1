"""An interval of confidence."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """The two bounds of an interval of confidence, in the unit of what they bound."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of what lies between the bounds: they need not be as far from the estimate."""
        return (self.high - self.low) / 2


def two_sided(confidence: float) -> float:
    """How many standard deviations a two-sided interval goes: 1.96 for ``confidence`` 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
