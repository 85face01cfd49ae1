"""Alpha is what pingouin finds, and None where it means nothing."""

from __future__ import annotations

import math

import pandas
import pingouin
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tierslieu.evaluation.statistics.reliability import Reliability, cronbach_alpha

rows_of_items = st.integers(2, 8).flatmap(
    lambda k: st.lists(st.lists(st.integers(1, 5), min_size=k, max_size=k), min_size=3, max_size=40)
)


@given(rows_of_items, st.lists(st.tuples(st.integers(0, 39), st.integers(0, 7)), max_size=8))
def test_alpha_is_that_of_pingouin_with_whole_rows_alone(
    answers: list[list[int]], missing: list[tuple[int, int]]
) -> None:
    rows: list[list[int | None]] = [list(row) for row in answers]
    for row, item in missing:
        rows[row % len(rows)][item % len(rows[0])] = None
    found = cronbach_alpha(rows)
    whole = [row for row in rows if None not in row]
    assume(found.alpha is not None)
    frame = pandas.DataFrame(rows, dtype=float)
    there = pingouin.cronbach_alpha(frame, nan_policy="listwise")[0]
    assert found.alpha == pytest.approx(there, rel=1e-9, abs=1e-9)
    assert (found.n, found.k) == (len(whole), len(rows[0]))


@given(rows_of_items)
def test_alpha_is_at_most_one_or_undefined(rows: list[list[int]]) -> None:
    alpha = cronbach_alpha(rows).alpha
    assert alpha is None or (math.isfinite(alpha) and alpha <= 1)
    assert (alpha is None) == (len({sum(row) for row in rows}) == 1)


@given(rows_of_items)
def test_alpha_does_not_depend_on_the_order_of_rows_or_items(rows: list[list[int]]) -> None:
    turned = [list(reversed(row)) for row in sorted(rows)]
    assert cronbach_alpha(turned) == cronbach_alpha(rows)


@given(rows_of_items)
def test_alpha_does_not_depend_on_the_unit_of_the_items(rows: list[list[int]]) -> None:
    tenths: list[list[float | None]] = [[one and one / 10 + 0.1 for one in row] for row in rows]
    assert cronbach_alpha(tenths) == cronbach_alpha(rows)


def test_items_that_say_the_same_have_an_alpha_of_one() -> None:
    assert cronbach_alpha([[1, 1, 1], [4, 4, 4], [2, 2, 2]]) == Reliability(1.0, 3, 3)


def test_an_item_left_reversed_makes_alpha_negative() -> None:
    alpha = cronbach_alpha([[1, 5], [2, 4], [4, 3], [5, 1]]).alpha
    assert alpha is not None
    assert alpha < 0


@pytest.mark.parametrize(
    ("rows", "n", "k"),
    [
        ([], 0, 0),
        ([[1, 2]], 1, 2),
        ([[1], [2], [3]], 3, 1),
        ([[], []], 2, 0),
        ([[1, 2], [None, 4], [2, None]], 1, 2),
        ([[3, 3], [3, 3], [3, 3]], 3, 2),
        ([[1, 5], [2, 4], [3, 3]], 3, 2),
        ([[0.1, 0.2], [0.3, 0.0], [0.15, 0.15]], 3, 2),
    ],
    ids=[
        "none",
        "one row",
        "one item",
        "no item",
        "one whole row",
        "all the same",
        "totals",
        "0.3",
    ],
)
def test_alpha_is_undefined_without_two_rows_two_items_or_totals_that_vary(
    rows: list[list[float | None]], n: int, k: int
) -> None:
    assert cronbach_alpha(rows) == Reliability(None, n, k)


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same number of items"):
        cronbach_alpha([[1, 2], [1, 2, 3]])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_item_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="Invalid literal"):
        cronbach_alpha([[1, 2], [value, 3]])
