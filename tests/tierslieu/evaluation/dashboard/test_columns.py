"""Columns of enough people, and no view or figure that gives away what another hides."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tierslieu.evaluation.test_grids import attack, small_places, value_at
from tierslieu.evaluation.dashboard.columns import (
    Dimension,
    Followed,
    Table,
    count_grid,
    make_columns,
    make_table,
)
from tierslieu.evaluation.disclosure import STAFF

# The rows, and who is of each path and public.
People = tuple[list[set[Followed]], dict[Dimension, dict[str, set[Followed]]]]
PUBLICS = ("teacher", "anybody", "sans")


def crowd(number: int, path_id: UUID | None = None) -> set[Followed]:
    return {(uuid4(), path_id) for _one in range(number)}


def test_paths_of_few_people_are_told_of_together() -> None:
    columns = make_columns({"a": crowd(30), "b": crowd(4), "c": crowd(12), "d": crowd(7)})
    assert [column.keys for column in columns] == [("a",), ("c",), ("b", "d")]


def test_the_smallest_path_joins_those_that_are_too_few_together() -> None:
    """Else all, less those shown, are the few."""
    columns = make_columns({"a": crowd(30), "b": crowd(4), "c": crowd(12), "empty": set()})
    assert [column.keys for column in columns] == [("a",), ("b", "c")]
    assert [len(column.people) for column in columns] == [30, 16]


def test_one_person_on_many_paths_is_one_person() -> None:
    users = [uuid4() for _one in range(4)]
    many = {(user, uuid4()) for user in users for _path in range(5)}
    assert len(many) == 20
    columns = make_columns({"a": many, "b": crowd(30)})
    assert [column.keys for column in columns] == [("a", "b")]
    grid = count_grid([many, crowd(0)], columns)
    assert (grid.counts, grid.people) == ([[20], [0]], [[4], [0]])


@st.composite
def houses(
    draw: st.DrawFn,
) -> People:
    """People in four rows, on five paths, of three publics, often few."""
    number = draw(st.integers(10, 120))
    by_path: dict[str, set[Followed]] = {str(n): set() for n in range(5)}
    by_public: dict[str, set[Followed]] = {key: set() for key in PUBLICS}
    rows: list[set[Followed]] = [set() for _n in range(4)]
    chance = draw(st.randoms(use_true_random=False))
    for _one in range(number):
        path = min(chance.randrange(5), chance.randrange(5))
        person = (uuid4(), UUID(int=path))
        rows[min(chance.randrange(4), chance.randrange(4))].add(person)
        by_path[str(path)].add(person)
        by_public[PUBLICS[min(chance.randrange(3), chance.randrange(3))]].add(person)
    return rows, {Dimension.PATH: by_path, Dimension.PUBLIC: by_public}


def counts_of(table: Table, rows: list[set[Followed]], dimension: Dimension) -> list[list[int]]:
    return [[len(row & column.people) for column in table.columns[dimension]] for row in rows]


@settings(max_examples=60, deadline=None)
@given(houses())
def test_all_views_together_pin_no_count_of_few_people(
    house: People,
) -> None:
    rows, people = house
    table = make_table(rows, people)
    assert not table.is_too_few
    shown = [table.shown[dimension] for dimension in Dimension]
    for side, dimension in enumerate(Dimension):
        counts = counts_of(table, rows, dimension)
        for row, column in small_places(counts):
            assert value_at(shown[side], row, column) is None
            least, most = attack(shown, row, column, side)
            assert most - least >= STAFF.cell - 1


@settings(max_examples=30, deadline=None)
@given(houses())
def test_each_view_is_a_slice_of_the_table(
    house: People,
) -> None:
    rows, people = house
    table = make_table(rows, people)
    everybody = table.slice()
    assert everybody.total == sum(map(len, rows))
    assert table.shown[Dimension.PATH].row_totals == table.shown[Dimension.PUBLIC].row_totals
    for dimension, of_keys in people.items():
        for key, found in of_keys.items():
            shown = table.slice(dimension, key)
            if not found:
                assert (shown.total, shown.cells) == (0, (0,) * 4)
                continue
            together = set().union(*(of_keys[one] for one in shown.keys))
            assert key in shown.keys
            assert shown.total == len(together) >= STAFF.respondents
            for cell, row in zip(shown.cells, rows, strict=True):
                assert cell in (None, len(row & together))


def test_too_few_people_in_all_and_no_view_shows_anything() -> None:
    people = crowd(9)
    table = make_table(
        [people], {Dimension.PATH: {"a": people}, Dimension.PUBLIC: {"sans": people}}
    )
    for shown in (
        table.slice(),
        table.slice(Dimension.PATH, "a"),
        table.slice(Dimension.PATH, "b"),
    ):
        assert (shown.total, shown.cells) == (None, (None,))


def test_nobody_at_all_is_zero() -> None:
    table = make_table([set(), set()], {Dimension.PATH: {}, Dimension.PUBLIC: {}})
    assert table.slice() == table.slice(Dimension.PUBLIC, "teacher")
    assert table.slice().cells == (0, 0)
