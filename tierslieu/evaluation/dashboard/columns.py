"""People by path and by public, in columns of enough people to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from tierslieu.evaluation.disclosure import STAFF, Thresholds
from tierslieu.evaluation.grids import Grid, ShownGrid, protect_grids

# A person on a path (None: on none). Each counts once, whatever they did there.
Followed = tuple[UUID, UUID | None]


class Dimension(Enum):
    """What a view may narrow, one at a time."""

    PATH = "parcours"
    PUBLIC = "public"


@dataclass(frozen=True)
class Column:
    """Those of one path or public, or of several that are too small to be shown alone."""

    keys: tuple[str, ...]
    people: frozenset[Followed]


def count_persons(people: Set[Followed]) -> int:
    """How many different persons they are."""
    return len({user_id for user_id, _path_id in people})


def make_columns(
    people: Mapping[str, Set[Followed]], thresholds: Thresholds = STAFF
) -> list[Column]:
    """A column for each key with people enough, in the order given, and one for all others.

    Keys of nobody are in none. The others are joined by the smallest that stands alone, while they
    are too few together. All are too few: one column.
    """
    alone = [key for key in people if count_persons(people[key]) >= thresholds.respondents]
    others = [key for key in people if people[key] and key not in alone]
    together = frozenset[Followed]().union(*(people[key] for key in others))
    while others and alone and count_persons(together) < thresholds.respondents:
        least = min(alone, key=lambda key: (count_persons(people[key]), key))
        alone.remove(least)
        others.append(least)
        together |= people[least]
    columns = [Column((key,), frozenset(people[key])) for key in alone]
    if others:
        columns.append(Column(tuple(key for key in people if key in others), together))
    return columns


def count_grid(rows: Sequence[Set[Followed]], columns: Sequence[Column]) -> Grid:
    """How many of each row are in each column, and how many persons these are.

    A row's people are in exactly one column each.
    """
    cells = [[row & column.people for column in columns] for row in rows]
    # Rows may share people: each of these is counted in both.
    in_columns = [frozenset[Followed]().union(*(row[j] for row in cells)) for j in _upto(columns)]
    return Grid(
        [[len(cell) for cell in row] for row in cells],
        people=[[count_persons(cell) for cell in row] for row in cells],
        row_people=[count_persons(row) for row in rows],
        column_people=[count_persons(people) for people in in_columns],
    )


def _upto(columns: Sequence[Column]) -> range:
    return range(len(columns))


@dataclass(frozen=True)
class Slice:
    """What one view shows of a table: a count for each row, and their total; None where hidden.
    ``keys``: those told of together; none where the view is of all."""

    cells: tuple[int | None, ...]
    total: int | None
    keys: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is hidden."""
        return self.total is not None and None not in self.cells


@dataclass(frozen=True)
class Table:
    """Rows of people by path and by public, protected once; each view is a slice of it."""

    columns: Mapping[Dimension, Sequence[Column]]
    shown: Mapping[Dimension, ShownGrid]
    is_too_few: bool

    def slice(self, dimension: Dimension | None = None, key: str = "") -> Slice:
        """The view of one key, or of all. A key of nobody: nothing but zeros."""
        height = len(self.shown[Dimension.PATH].cells)
        if self.is_too_few:
            return Slice((None,) * height, None)
        if dimension is None:
            grid = self.shown[Dimension.PATH]
            return Slice(grid.row_totals, grid.total)
        for j, column in enumerate(self.columns[dimension]):
            if key in column.keys:
                grid = self.shown[dimension]
                return Slice(grid.column(j), grid.column_totals[j], column.keys)
        return Slice((0,) * height, 0)


def make_table(
    rows: Sequence[Set[Followed]], people: Mapping[Dimension, Mapping[str, Set[Followed]]]
) -> Table:
    """The table of these rows, by what ``people`` each path and each public has.

    Everybody of a row stands under exactly one key of each dimension.
    """
    everybody = frozenset[Followed]().union(*rows)
    is_too_few = 0 < count_persons(everybody) < STAFF.respondents
    columns = {
        dimension: make_columns({key: found & everybody for key, found in of_keys.items()})
        for dimension, of_keys in people.items()
    }
    grids = [count_grid(rows, columns[dimension]) for dimension in Dimension]
    if is_too_few or not everybody:
        empty = ShownGrid(tuple(() for _row in rows), (0,) * len(rows), (), 0)
        return Table(columns, dict.fromkeys(Dimension, empty), is_too_few)
    shown = protect_grids(grids, keeps_totals=True)
    return Table(columns, dict(zip(Dimension, shown, strict=True)), is_too_few)
