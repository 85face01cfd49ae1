"""No count of few people can be worked out from all the views of a table together."""

from __future__ import annotations

import numpy as np
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tierslieu.evaluation.disclosure import STAFF
from tierslieu.evaluation.grids import Grid, ShownGrid, explain_grid, protect_grid, protect_grids

counts = st.one_of(st.integers(0, 6), st.integers(0, 40))


@st.composite
def grids(draw: st.DrawFn) -> list[list[int]]:
    """Tables of two to five rows, one to five columns, often with small counts."""
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(1, 5))
    line = st.lists(counts, min_size=columns, max_size=columns)
    return draw(st.lists(line, min_size=rows, max_size=rows))


@st.composite
def two_grids(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]]]:
    """The same people by row, in two ways: both tables have columns of ten people at least."""
    rows = draw(st.integers(2, 5))
    cube = draw(
        st.lists(
            st.lists(
                st.lists(st.one_of(st.integers(0, 3), st.integers(0, 20)), min_size=2, max_size=2),
                min_size=3,
                max_size=3,
            ),
            min_size=rows,
            max_size=rows,
        )
    )
    for j in range(3):  # enough in each column of either
        for k in range(2):
            cube[0][j][k] += 10
    left = [[sum(cell) for cell in row] for row in cube]
    right = [[sum(cell[k] for cell in row) for k in range(2)] for row in cube]
    return left, right


def attack(shown: list[ShownGrid], row: int, column: int, side: int = 0) -> tuple[float, float]:
    """The least and the most that a cell can be, by linear programming over every equation there
    is: rows and columns sum to their totals, and tables side by side have the same row totals.

    ``row`` or ``column`` -1: a total.
    """
    rows = len(shown[0].cells)
    places: dict[tuple[int, int, int], int] = {}

    def place(at: int, i: int, j: int) -> int:
        # Totals of rows, and the grand total, are the same for both.
        return places.setdefault((0 if j == -1 else at, i, j), len(places))

    known: list[tuple[int, int | None]] = []
    equations: list[dict[int, int]] = []
    for at, grid in enumerate(shown):
        width = len(grid.column_totals)
        for i in range(rows):
            known += [(place(at, i, j), grid.cells[i][j]) for j in range(width)]
            known.append((place(at, i, -1), grid.row_totals[i]))
            line = {place(at, i, j): 1 for j in range(width)}
            equations.append({**line, place(at, i, -1): -1})
        for j in range(width):
            known.append((place(at, -1, j), grid.column_totals[j]))
            line = {place(at, i, j): 1 for i in range(rows)}
            equations.append({**line, place(at, -1, j): -1})
        known.append((place(at, -1, -1), grid.total))
        equations.append({**{place(at, i, -1): 1 for i in range(rows)}, place(at, -1, -1): -1})
    matrix = np.zeros((len(equations), len(places)))
    for number, equation in enumerate(equations):
        for variable, factor in equation.items():
            matrix[number, variable] = factor
    bounds: list[tuple[float, float | None]] = [(0, None)] * len(places)
    for variable, value in known:
        if value is not None:
            bounds[variable] = (value, value)
    aim = np.zeros(len(places))
    aim[place(side, row, column)] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(equations)), bounds=bounds)
        assert found.status in (0, 3), found.message
        ends.append(float("inf") if found.status == 3 else sign * round(found.fun))
    return ends[0], ends[1]


def small_places(table: list[list[int]]) -> list[tuple[int, int]]:
    """Where a count, a row's total or a column of few people must not be found out."""
    rows, columns = len(table), len(table[0])
    found = [(i, j) for i in range(rows) for j in range(columns) if 0 < table[i][j] < STAFF.cell]
    found += [(i, -1) for i in range(rows) if 0 < sum(table[i]) < STAFF.cell]
    for j in range(columns):
        if 0 < sum(row[j] for row in table) < STAFF.respondents:
            found += [(-1, j), *[(i, j) for i in range(rows)]]
    return found


def value_at(shown: ShownGrid, row: int, column: int) -> int | None:
    if row == -1:
        return shown.column_totals[column]
    return shown.row_totals[row] if column == -1 else shown.cells[row][column]


@settings(max_examples=150, deadline=None)
@given(grids())
def test_linear_programming_pins_no_small_count(table: list[list[int]]) -> None:
    shown = protect_grid(table)
    for row, column in small_places(table):
        assert value_at(shown, row, column) is None
        least, most = attack([shown], row, column)
        assert most - least >= STAFF.cell - 1, (table, shown, row, column)


@settings(max_examples=80, deadline=None)
@given(two_grids())
def test_two_tables_of_the_same_rows_do_not_give_each_other_away(
    tables: tuple[list[list[int]], list[list[int]]],
) -> None:
    shown = protect_grids([Grid(table) for table in tables], keeps_totals=True)
    assert shown[0].row_totals == shown[1].row_totals
    for side, table in enumerate(tables):
        assert None not in shown[side].column_totals
        for row, column in small_places(table):
            assert value_at(shown[side], row, column) is None
            least, most = attack(shown, row, column, side)
            assert most - least >= STAFF.cell - 1, (tables, shown, side, row, column)


@given(grids())
def test_what_is_shown_is_true_and_enough_is_shown(table: list[list[int]]) -> None:
    shown = protect_grid(table)
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            assert shown.cells[i][j] in (count, None)
    if not small_places(table) and not 0 < sum(map(sum, table)) < STAFF.respondents:
        assert shown.is_whole


def test_the_least_that_protects_is_hidden() -> None:
    shown = protect_grid([[30, 12, 9], [20, 3, 16], [40, 8, 11]])
    assert shown.cells == ((30, 12, 9), (20, None, None), (40, None, None))
    assert shown.row_totals == (51, 39, 59)
    assert shown.column_totals == (90, 23, 36)
    assert shown.total == 149


def test_all_less_the_others_does_not_give_a_path_of_few_people() -> None:
    shown = protect_grid([[30, 12, 3], [20, 15, 4]])
    assert shown.column_totals[2] is None
    assert shown.column_totals.count(None) == 2 or shown.total is None


def test_too_few_people_in_all_and_nothing_is_shown() -> None:
    shown = protect_grid([[5, 0], [0, 4]])
    assert shown.cells == ((None, None), (None, None))
    assert (shown.total, shown.row_totals) == (None, (None, None))


def test_nobody_is_nobody() -> None:
    assert protect_grid([[0, 0], [0, 0]]).is_whole
    assert protect_grid([]).total == 0


def test_many_counts_of_few_people_are_a_small_count() -> None:
    table = [[20, 12], [8, 30]]
    assert protect_grid(table).is_whole
    people = Grid(table, people=[[20, 12], [3, 30]])
    assert protect_grids([people])[0].cells[1][0] is None


def test_totals_that_are_shown_elsewhere_stay() -> None:
    [shown] = protect_grids([Grid([[1, 9], [9, 1]])], keeps_totals=True)
    assert (shown.column_totals, shown.total) == ((10, 10), 20)
    assert shown.cells == ((None, None), (None, None))
    with pytest.raises(ValueError, match="column 1"):
        protect_grids([Grid([[20, 3], [20, 2]])], keeps_totals=True)


def test_tables_that_are_not_of_the_same_people_are_refused() -> None:
    with pytest.raises(ValueError, match="same row totals"):
        protect_grids([Grid([[1]]), Grid([[2]])])
    with pytest.raises(ValueError, match="unequal"):
        Grid([[1, 2], [1]])


def test_a_hidden_count_says_why_and_not_which_was_small(app: Flask) -> None:
    with app.test_request_context():
        assert "par soustraction" in explain_grid()
        assert "moins de 10" in explain_grid()
