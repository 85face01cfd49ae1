"""What may be shown of small numbers: the one place that decides, for pages and files alike.

What is published goes further: 11 people at least, and counts rounded to 5, so that two documents,
or two dates, do not tell one person by subtraction.

Staff see a count of people only when at least 10 answered and each count is at least 5 (or 0).
A table shown with its total gives one hidden count away by subtraction: then a second one is
hidden too, the smallest left, until nobody can work any of them out, even knowing these rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from flask_babel import gettext as _


@dataclass(frozen=True)
class Thresholds:
    """The least number of people in all, and the least in one cell (0 may be shown)."""

    respondents: int
    cell: int


STAFF = Thresholds(respondents=10, cell=5)
PUBLIC = Thresholds(respondents=11, cell=11)  # the rule for French health data
ROUNDED_TO = 5


class Hiding(Enum):
    """Why something is not shown."""

    NOTHING = "nothing"
    TOO_FEW = "too_few"  # fewer people in all than the threshold
    SMALL_CELL = "small_cell"  # a count under the threshold
    COMPLEMENT = "complement"  # would give a small count away by subtraction


@dataclass(frozen=True)
class ShownTable:
    """A one-way table as it may be shown: None where a count is hidden, and why.

    ``total`` is None when the table has too few people.
    """

    total: int | None
    cells: tuple[int | None, ...]
    why: tuple[Hiding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every count is shown."""
        return self.total is not None and None not in self.cells

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why counts are hidden, each reason once."""
        return tuple(why for why in Hiding if why is not Hiding.NOTHING and why in self.why)


def protect_table(counts: Sequence[int], thresholds: Thresholds = STAFF) -> ShownTable:
    """``counts`` of people, each in exactly one cell, as they may be shown beside their total."""
    total, size = sum(counts), len(counts)
    if total == 0:
        return ShownTable(0, tuple(counts), (Hiding.NOTHING,) * size)
    if total < thresholds.respondents:
        return ShownTable(None, (None,) * size, (Hiding.TOO_FEW,) * size)
    small = {i for i, count in enumerate(counts) if 0 < count < thresholds.cell}
    hidden = set(small)
    while hidden and len(hidden) < size and _gives_away(counts, hidden, thresholds):
        left = [i for i in range(size) if i not in hidden]
        left = [i for i in left if counts[i]] or left
        # All those of the same size together: which one was chosen would tell the others apart.
        least = min(counts[i] for i in left)
        hidden |= {i for i in left if counts[i] == least}
    return ShownTable(
        total,
        tuple(None if i in hidden else count for i, count in enumerate(counts)),
        tuple(
            Hiding.SMALL_CELL
            if i in small
            else Hiding.COMPLEMENT
            if i in hidden
            else Hiding.NOTHING
            for i in range(size)
        ),
    )


def protect_rows(
    rows: Sequence[Sequence[int]], thresholds: Thresholds = STAFF
) -> tuple[ShownTable, ...]:
    """Groups of people, each split over the same columns, as they may be shown beside the total of
    each column.

    A group is shown whole or not at all, without its total: how many it has may be known from
    another table, and then one of its counts gives the other.
    """
    size = len(rows)
    everybody = sum(map(sum, rows))
    if 0 < everybody < thresholds.respondents:
        return tuple(_hide(row, Hiding.TOO_FEW) for row in rows)
    small = {i for i, row in enumerate(rows) if any(0 < one < thresholds.cell for one in row)}
    hidden = set(small)
    columns = list(zip(*rows, strict=True))
    while (
        hidden
        and len(hidden) < size
        and any(
            _gives_away(column, hidden, thresholds)
            for column in columns
            if any(column[i] for i in hidden)
        )
    ):
        left = [i for i in range(size) if i not in hidden]
        left = [i for i in left if any(rows[i])] or left
        least = min(sum(rows[i]) for i in left)
        hidden |= {i for i in left if sum(rows[i]) == least}
    return tuple(
        _hide(row, Hiding.SMALL_CELL if i in small else Hiding.COMPLEMENT)
        if i in hidden
        else ShownTable(sum(row), tuple(row), (Hiding.NOTHING,) * len(row))
        for i, row in enumerate(rows)
    )


def _hide(row: Sequence[int], why: Hiding) -> ShownTable:
    return ShownTable(None, (None,) * len(row), (why,) * len(row))


def _gives_away(counts: Sequence[int], hidden: set[int], thresholds: Thresholds) -> bool:
    """Whether the sum of the hidden counts, which anyone can subtract, says what one of them is."""
    together = sum(counts[i] for i in hidden)
    if len(hidden) < 2 or together < thresholds.cell:
        return True
    if any(counts[i] >= thresholds.cell for i in hidden):
        return False
    # All small: their sum is tight when each must be the least, or the most, a small count can be.
    return together in (len(hidden), len(hidden) * (thresholds.cell - 1))


@dataclass(frozen=True)
class ShownShare:
    """A part of a whole as it may be shown: None where hidden, and why."""

    part: int | None
    whole: int | None
    why: Hiding

    @property
    def percent(self) -> float | None:
        """The share in percent, None where hidden or without a whole."""
        if self.part is None or not self.whole:
            return None
        return 100 * self.part / self.whole


def round_count(count: int) -> int:
    """A published number of people: the nearest multiple of 5."""
    return ROUNDED_TO * round(count / ROUNDED_TO)


def publish_table(counts: Sequence[int]) -> ShownTable:
    """``counts`` of people, each in exactly one cell, as the public may see them: small ones and
    what would give them away hidden, the others and their total rounded each on its own."""
    shown = protect_table(counts, PUBLIC)
    total = None if shown.total is None else round_count(shown.total)
    cells = tuple(None if one is None else round_count(one) for one in shown.cells)
    return ShownTable(total, cells, shown.why)


def publish_share(part: int, whole: int) -> ShownShare:
    """How many people of a whole, as the public may see it; its percentage is that of the rounded
    numbers."""
    table = publish_table([part, whole - part])
    why = Hiding.NOTHING if table.is_whole else table.why[0]
    if why is Hiding.COMPLEMENT:
        why = Hiding.SMALL_CELL
    return ShownShare(table.cells[0], table.total, why)


def publish_count(count: int) -> int | None:
    """A number of people that stands alone, as the public may see it: None when it is small."""
    shown = protect_count(count, PUBLIC)
    return None if shown is None else round_count(shown)


def protect_share(part: int, whole: int, thresholds: Thresholds = STAFF) -> ShownShare:
    """How many people of a whole, as it may be shown: the part and the rest are a table of two."""
    table = protect_table([part, whole - part], thresholds)
    hidden = Hiding.NOTHING if table.is_whole else table.why[0]
    if hidden is Hiding.COMPLEMENT:
        hidden = Hiding.SMALL_CELL
    return ShownShare(table.cells[0], table.total, hidden)


def protect_count(count: int, thresholds: Thresholds = STAFF) -> int | None:
    """A number of people that stands alone: None when it is small."""
    return None if 0 < count < thresholds.cell else count


def explain(reasons: Sequence[Hiding], thresholds: Thresholds = STAFF) -> str:
    """The sentence that stands where figures are hidden; empty where nothing is."""
    if Hiding.TOO_FEW in reasons:
        return str(
            _(
                "Masqué : moins de %(count)d personnes en tout, on pourrait les reconnaître.",
                count=thresholds.respondents,
            )
        )
    if Hiding.COMPLEMENT in reasons:
        return str(
            _(
                "Masqué : moins de %(count)d personnes, que l’on pourrait reconnaître, "
                "ou un chiffre qui permettrait de les retrouver par soustraction.",
                count=thresholds.cell,
            )
        )
    if Hiding.SMALL_CELL in reasons:
        return str(
            _(
                "Masqué : moins de %(count)d personnes, que l’on pourrait reconnaître.",
                count=thresholds.cell,
            )
        )
    return ""
