"""Small numbers are hidden, and what is hidden can't be worked out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tierslieu.evaluation.disclosure import (
    STAFF,
    Hiding,
    ShownTable,
    explain,
    protect_count,
    protect_share,
    protect_table,
)

counts_of_people = st.lists(
    st.one_of(st.integers(0, 7), st.integers(0, 60)), min_size=1, max_size=7
)


@settings(deadline=None)
@given(counts_of_people)
def test_no_small_count_is_ever_shown(counts: list[int]) -> None:
    table = protect_table(counts)
    assert all(cell is None or cell == 0 or cell >= STAFF.cell for cell in table.cells)
    assert table.total is None or table.total == 0 or table.total >= STAFF.respondents


@settings(deadline=None)
@given(counts_of_people)
def test_what_is_shown_is_true_and_what_is_hidden_says_why(counts: list[int]) -> None:
    table = protect_table(counts)
    assert table.total in (None, sum(counts))
    for count, cell, why in zip(counts, table.cells, table.why, strict=True):
        assert cell in (None, count)
        assert (why is Hiding.NOTHING) == (cell is not None)
    if 0 < sum(counts) < STAFF.respondents:
        assert table.cells == (None,) * len(counts)


@settings(deadline=None)
@example([1, 2, 20])
@example([2, 1, 30, 6, 8])
@given(counts_of_people)
def test_the_hidden_counts_together_are_no_small_number(counts: list[int]) -> None:
    """Subtraction gives the sum of the hidden cells: it must not itself be a small count."""
    table = protect_table(counts)
    if table.total is None or table.is_whole:
        return
    shown = [cell for cell in table.cells if cell is not None]
    assert table.total - sum(shown) >= STAFF.cell
    assert table.cells.count(None) != 1 or len(counts) == 1


def others(counts: list[int], hidden: list[int], cell: int) -> Iterator[list[int]]:
    """Tables with the same total that differ in this cell: some moved, or one has nearly all."""
    for other, step in itertools.product(hidden, range(-60, 61)):
        if step and other != cell:
            moved = list(counts)
            moved[cell] += step
            moved[other] -= step
            yield moved
    together = sum(counts[i] for i in hidden)
    for heavy in hidden:
        piled = list(counts)
        for i in hidden:
            piled[i] = together - len(hidden) + 1 if i == heavy else 1
        yield piled


def another(counts: list[int], view: ShownTable, cell: int) -> bool:
    """Whether another table looks the same and differs in this cell."""
    hidden = [i for i, value in enumerate(view.cells) if value is None]
    return any(
        looks_like(protect_table(made), view)
        for made in others(counts, hidden, cell)
        if min(made) >= 0 and made[cell] != counts[cell]
    )


def looks_like(one: ShownTable, other: ShownTable) -> bool:
    return (one.total, one.cells) == (other.total, other.cells)


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 6), st.integers(0, 30)), min_size=2, max_size=7).filter(
        lambda counts: sum(counts) >= STAFF.respondents
    )
)
def test_no_hidden_count_can_be_worked_out_even_by_who_knows_the_rules(counts: list[int]) -> None:
    view = protect_table(counts)
    for cell, value in enumerate(view.cells):
        if value is None:
            assert another(counts, view, cell), f"{counts} gives away cell {cell}"


def tables(cells: int, total: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables(cells - 1, total - first):
            yield (first, *rest)


@pytest.mark.parametrize(("cells", "most"), [(2, 40), (3, 26), (4, 18)])
def test_among_all_tables_that_look_alike_no_hidden_count_is_always_the_same(
    cells: int, most: int
) -> None:
    for total in range(STAFF.respondents, most):
        alike: dict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
        for counts in tables(cells, total):
            alike[protect_table(counts).cells].append(counts)
        for view, possible in alike.items():
            for cell, value in enumerate(view):
                if value is None:
                    assert len({counts[cell] for counts in possible}) > 1, view


def test_a_second_count_is_hidden_with_a_small_one(app: Flask) -> None:
    table = protect_table([1, 6, 20, 30])
    assert table.cells == (None, None, 20, 30)
    assert table.why[:2] == (Hiding.SMALL_CELL, Hiding.COMPLEMENT)
    assert "soustraction" in explain(table.reasons)
    assert "moins de 5 personnes" in explain(table.why[:1])
    assert "soustraction" not in explain(table.why[:1])
    assert explain(table.why[2:]) == ""


def test_nothing_is_shown_of_fewer_than_ten_people(app: Flask) -> None:
    table = protect_table([9, 0])
    assert (table.total, table.cells) == (None, (None, None))
    assert "moins de 10 personnes" in explain(table.reasons)


def test_nobody_at_all_is_no_secret() -> None:
    assert protect_table([0, 0]).cells == (0, 0)
    assert protect_count(0) == 0


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (5, 10, (5, 10)),
        (4, 10, (None, 10)),
        (6, 10, (None, 10)),  # the four others could be counted
        (10, 10, (10, 10)),
        (0, 10, (0, 10)),
        (5, 9, (None, None)),
        (0, 0, (0, 0)),
    ],
)
def test_a_share_hides_the_few_on_either_side(
    part: int, whole: int, shown: tuple[int | None, int | None]
) -> None:
    share = protect_share(part, whole)
    assert (share.part, share.whole) == shown
    assert (share.percent is None) == (share.part is None or not whole)
    assert (share.why is Hiding.NOTHING) == (None not in shown)


def test_a_lone_count_of_people_is_hidden_from_one_to_four() -> None:
    assert [protect_count(n) for n in range(7)] == [0, None, None, None, None, 5, 6]
