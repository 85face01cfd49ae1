"""Whether the items of a scale go together: Cronbach's alpha (1951)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import variance

from tierslieu.evaluation.statistics.exact import as_written


@dataclass(frozen=True)
class Reliability:
    """``alpha``, at most 1 and possibly negative, from ``n`` rows of ``k`` items.

    ``alpha`` is None with less than two rows or two items, or when the totals do not vary.
    """

    alpha: float | None
    n: int
    k: int


def cronbach_alpha(rows: Sequence[Sequence[float | None]]) -> Reliability:
    """The alpha of the items, from one row a respondent and one value an item.

    Reversed items are turned round before. A row where a value is missing (None) is left out
    (listwise). ValueError when a row has more or less items than another.

    alpha = k / (k - 1) · (1 - sum of the variances of the items / variance of the totals).
    """
    if len({len(row) for row in rows}) > 1:
        raise ValueError("the rows have not the same number of items")
    k = len(rows[0]) if rows else 0
    whole = [
        [as_written(value) for value in row if value is not None] for row in rows if None not in row
    ]
    n = len(whole)
    if n < 2 or k < 2:
        return Reliability(None, n, k)
    of_totals = variance([sum(row, Fraction()) for row in whole])
    if not of_totals:
        return Reliability(None, n, k)
    of_items = sum(variance(item) for item in zip(*whole, strict=True))
    return Reliability(float((1 - of_items / of_totals) * k / (k - 1)), n, k)
