"""What may be shown of a table of counts with both its margins, whatever is subtracted from what.

Whoever looks at people by path, then at all of them, can subtract: all, less path A, less path B,
is path C. So the whole table (a row for each category, a column for each path) is protected once,
and each view is a slice of it. Two tables of the same rows, by path and by public, share the
totals of these rows: they are protected together.

A table with its margins is a circulation: from the grand total into the columns, from each column
into the rows, from each row back to the total. What a hidden count may be, for whoever knows
everything shown, is how far the flow through it can rise and fall when nothing shown moves; and
what to hide besides is the cheapest way by which it can move further.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from tierslieu.evaluation.disclosure import STAFF, Thresholds

Counts = Sequence[Sequence[int]]
_SOURCE, _SINK = "source", "sink"


@dataclass(frozen=True)
class Grid:
    """``counts[row][column]``. ``people``: how many different people stand behind each count, row
    total (``row_people``) and column total (``column_people``), when one may be counted twice.

    ValueError when a row is longer than another.
    """

    counts: Counts
    people: Counts | None = None
    row_people: Sequence[int] | None = None
    column_people: Sequence[int] | None = None

    def __post_init__(self) -> None:
        if len({len(row) for row in self.counts}) > 1:
            raise ValueError("rows of unequal length")

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.counts[0]) if self.counts else 0

    @property
    def row_totals(self) -> list[int]:
        """The sum of each row."""
        return [sum(row) for row in self.counts]

    @property
    def column_totals(self) -> list[int]:
        """The sum of each column."""
        return [sum(row[j] for row in self.counts) for j in range(self.width)]


@dataclass(frozen=True)
class ShownGrid:
    """A table as it may be shown, None where a count is hidden: ``cells[row][column]``."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None

    def column(self, j: int) -> tuple[int | None, ...]:
        """The counts of one column, row by row."""
        return tuple(row[j] for row in self.cells)

    @property
    def is_whole(self) -> bool:
        """Whether every count is shown."""
        shown = [*self.row_totals, *self.column_totals, self.total]
        return None not in shown and all(None not in row for row in self.cells)


def protect_grid(counts: Counts, thresholds: Thresholds = STAFF) -> ShownGrid:
    """``counts[row][column]`` of people, each in one cell, as they may be shown with row totals,
    column totals and grand total.

    A count is hidden when it is small, a column when it has few people in all, and others so that
    each of these could be ``thresholds.cell`` different numbers at least, for whoever knows
    what is shown. Zeros are hidden in no column but such a one. ValueError for unequal rows.
    """
    return protect_grids([Grid(counts)], thresholds)[0]


def protect_grids(
    grids: Sequence[Grid], thresholds: Thresholds = STAFF, *, keeps_totals: bool = False
) -> list[ShownGrid]:
    """One grid, or two that have the same rows, each as it may be shown beside the other.

    ``keeps_totals``: the totals of columns are shown elsewhere too, so they cannot be hidden here;
    ValueError when one is of too few people. ValueError for other than one or two grids, or when
    row totals are not the same.
    """
    if len(grids) not in (1, 2) or len({tuple(grid.row_totals) for grid in grids}) != 1:
        raise ValueError("one grid, or two with the same row totals")
    network = _Network(grids, thresholds, keeps_totals=keeps_totals)
    network.protect()
    return [network.shown(side) for side in range(len(grids))]


def explain_grid(thresholds: Thresholds = STAFF) -> str:
    """The sentence that stands where a count of a grid is hidden: one for all, for to say which
    was small would help to work it out."""
    return str(
        _(
            "Masqué : une vue de moins de %(view)d personnes, une case de moins de %(cell)d, que "
            "l’on pourrait reconnaître, ou un chiffre qui permettrait de les retrouver par "
            "soustraction, y compris d’une vue à l’autre.",
            view=thresholds.respondents,
            cell=thresholds.cell,
        )
    )


@dataclass
class _Arc:
    """A count: a flow from one node to another. ``least``: what anybody knows it to be at least;
    ``price``: what hiding it costs the reader, None where it cannot be."""

    tail: Hashable
    head: Hashable
    value: int
    price: int | None
    least: int = 1
    is_hidden: bool = False
    is_small: bool = False

    def hide(self, *, is_small: bool = False) -> None:
        self.is_hidden = True
        self.is_small = self.is_small or is_small


class _Network:
    """The circulation of one grid, or of two with the same rows, one on each side of these."""

    def __init__(
        self, grids: Sequence[Grid], thresholds: Thresholds, *, keeps_totals: bool
    ) -> None:
        self.grids, self.thresholds, self.keeps_totals = grids, thresholds, keeps_totals
        totals = grids[0].row_totals
        self.whole = sum(totals)
        # A margin serves every view: rather many cells than one of these.
        dear = 20 * (self.whole + 1)
        self.rows = [
            _Arc(("in", i), ("out", i) if len(grids) == 2 else _SINK, total, total + dear)
            for i, total in enumerate(totals)
        ]
        self.columns: list[list[_Arc]] = []
        self.cells: list[list[list[_Arc]]] = []
        for side, grid in enumerate(grids):
            column_price = None if keeps_totals else 20 * dear
            self.columns.append(
                [
                    self._arc(side, _SOURCE, ("column", side, j), total, column_price)
                    for j, total in enumerate(grid.column_totals)
                ]
            )
            self.cells.append(
                [
                    [
                        self._arc(side, ("column", side, j), ("out" if side else "in", i), n, n)
                        for j, n in enumerate(row)
                    ]
                    for i, row in enumerate(grid.counts)
                ]
            )
        self.total = _Arc(_SINK, _SOURCE, self.whole, None if keeps_totals else 400 * dear)
        self._mark_small()

    @staticmethod
    def _arc(side: int, tail: Hashable, head: Hashable, value: int, price: int | None) -> _Arc:
        if side:  # the second grid lies beyond the rows: its counts flow the other way
            tail, head = head, _SINK if tail == _SOURCE else tail
        return _Arc(tail, head, value, price)

    def _inner(self) -> list[_Arc]:
        return [arc for side in self.cells for row in side for arc in row]

    def _all(self) -> list[_Arc]:
        margins = [arc for side in self.columns for arc in side]
        return [*self._inner(), *self.rows, *margins, self.total]

    def _mark_small(self) -> None:
        few, cell = self.thresholds.respondents, self.thresholds.cell
        for side, grid in enumerate(self.grids):
            for i, line in enumerate(grid.people or grid.counts):
                for j, people in enumerate(line):
                    if 0 < people < cell:
                        self.cells[side][i][j].hide(is_small=True)
            for i, people in enumerate(grid.row_people or grid.row_totals):
                if 0 < people < cell:
                    self.rows[i].hide(is_small=True)
            for j, people in enumerate(grid.column_people or grid.column_totals):
                if 0 < people < few:
                    if self.keeps_totals:
                        raise ValueError(f"column {j} is of {people} people")
                    self.columns[side][j].hide(is_small=True)
                    for row in self.cells[side]:
                        row[j].least = 0  # hidden whatever it is
                        row[j].hide(is_small=True)

    def protect(self) -> None:
        """Hide what must be hidden besides the small counts."""
        if 0 < self.whole < self.thresholds.respondents:
            self._hide_everything()
            return
        for arc in [arc for arc in self._all() if arc.is_small]:
            down = min(arc.value - arc.least, self._move(arc, up=False))
            missing = self.thresholds.cell - 1 - down
            if missing > 0 and not self._widen(arc, missing):
                self._hide_everything()
                return

    def _hide_everything(self) -> None:
        for arc in [*self._inner(), *self.rows] if self.keeps_totals else self._all():
            arc.hide()

    def _widen(self, arc: _Arc, need: int) -> bool:
        """Hide the cheapest others by which this count could be ``need`` more; False: there are
        none."""
        return self._move(arc, up=True, need=need, may_hide=True) >= need

    def _move(self, arc: _Arc, *, up: bool, need: int | None = None, may_hide: bool = False) -> int:
        """How much more (or less) this count could be, up to ``need``, by the cheapest ways first.

        ``may_hide``: also by ways that lead through what is shown; these are hidden.
        """
        wanted = self.thresholds.cell - 1 if need is None else need
        start, goal = (arc.head, arc.tail) if up else (arc.tail, arc.head)
        usable = [
            one
            for one in self._all()
            if one is not arc
            and (one.is_hidden or (may_hide and one.value and one.price is not None))
        ]
        spare = {id(one): one.value - one.least for one in usable}  # how far it can fall
        risen = {id(one): 0 for one in usable}
        used: set[int] = set()
        moved = 0
        while moved < wanted:
            way = self._cheapest(usable, spare, used, start, goal)
            if way is None:
                break
            falls = [spare[id(one)] for one, forward in way if not forward]
            step = min([wanted - moved, *falls])
            for one, forward in way:
                spare[id(one)] += step if forward else -step
                risen[id(one)] += step if forward else -step
                used.add(id(one))
            moved += step
        for one in usable:
            if may_hide and risen[id(one)]:
                one.hide()
        return moved

    @staticmethod
    def _cheapest(
        usable: Sequence[_Arc],
        spare: dict[int, int],
        used: set[int],
        start: Hashable,
        goal: Hashable,
    ) -> list[tuple[_Arc, bool]] | None:
        """The arcs from start to goal, each with whether it is gone through forwards; None: no
        way. What is hidden, or gone through already, costs nothing more."""
        ways: dict[Hashable, list[tuple[_Arc, bool, Hashable]]] = {}
        for one in usable:
            ways.setdefault(one.tail, []).append((one, True, one.head))
            if spare[id(one)] > 0:
                ways.setdefault(one.head, []).append((one, False, one.tail))
        found: dict[Hashable, tuple[Hashable, _Arc, bool] | None] = {}
        queue: list[tuple[int, int, Hashable, tuple[Hashable, _Arc, bool] | None]]
        queue, order = [(0, 0, start, None)], 0
        while queue:
            cost, _order, node, came = heapq.heappop(queue)
            if node in found:
                continue
            found[node] = came
            if node == goal:
                break
            for one, forward, other in ways.get(node, ()):
                if other not in found:
                    order += 1
                    is_free = one.is_hidden or id(one) in used
                    more = 0 if is_free else (one.price or 0)
                    heapq.heappush(queue, (cost + more, order, other, (node, one, forward)))
        if goal not in found:
            return None
        way, step = [], found[goal]
        while step is not None:
            node, one, forward = step
            way.append((one, forward))
            step = found[node]
        return way

    def shown(self, side: int) -> ShownGrid:
        """The grid of that side as it may be shown."""
        return ShownGrid(
            tuple(tuple(map(_shown, row)) for row in self.cells[side]),
            tuple(map(_shown, self.rows)),
            tuple(map(_shown, self.columns[side])),
            _shown(self.total),
        )


def _shown(arc: _Arc) -> int | None:
    return None if arc.is_hidden else arc.value
