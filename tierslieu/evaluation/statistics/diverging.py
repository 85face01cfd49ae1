"""Where the segments of a diverging stacked bar lie: disagreement left of zero, agreement right.

The middle option of an odd scale lies half on each side, so that the bar leans to where opinions
do. Robbins and Heiberger, Plotting Likert and Other Rating Scales (2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Segment:
    """One option: where it starts, from the zero line, and how wide it is, in percent of all."""

    start: float
    width: float


@dataclass(frozen=True)
class DivergingBar:
    """The segments in the order of the options, and three shares in percent of all answers.

    ``neutral`` is None for an even scale, which has no middle.
    """

    segments: tuple[Segment, ...]
    disagree: float
    neutral: float | None
    agree: float

    @property
    def left(self) -> float:
        """How far the bar goes left of the zero line, in percent."""
        return self.disagree + (self.neutral or 0) / 2

    @property
    def right(self) -> float:
        """How far the bar goes right of the zero line, in percent."""
        return self.agree + (self.neutral or 0) / 2


def lay_out(counts: Sequence[int]) -> DivergingBar | None:
    """The bar of an item, from how many chose each option, the most against first.

    None when nobody answered. ValueError with less than two options, or a negative count.
    """
    if len(counts) < 2 or min(counts) < 0:
        raise ValueError("a bar needs two options or more, and no negative count")
    total, half = sum(counts), len(counts) // 2
    if not total:
        return None
    against, for_it = sum(counts[:half]), sum(counts[-half:])
    middle = total - against - for_it
    # In half answers, whole numbers: the zero line falls exactly between two segments.
    starts = (2 * (before - against) - middle for before in accumulate(counts, initial=0))
    return DivergingBar(
        segments=tuple(
            Segment(50 * start / total, 100 * count / total)
            for start, count in zip(starts, counts, strict=False)
        ),
        disagree=100 * against / total,
        neutral=100 * middle / total if len(counts) % 2 else None,
        agree=100 * for_it / total,
    )
