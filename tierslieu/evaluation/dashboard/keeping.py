"""The tables of a year as JSON and back: counts as they may be shown, and under which keys they
stand; of the people nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from tierslieu.evaluation.dashboard.columns import Column, Dimension, Table
from tierslieu.evaluation.dashboard.composing import Tables
from tierslieu.evaluation.grids import ShownGrid


def write_tables(tables: Tables) -> dict[str, Any]:
    """The tables of a year."""
    return {one.name: _write(getattr(tables, one.name)) for one in fields(tables)}


def _write(table: Table) -> dict[str, Any]:
    return {
        "is_too_few": table.is_too_few,
        "columns": {
            dimension.value: [list(column.keys) for column in columns]
            for dimension, columns in table.columns.items()
        },
        "shown": {dimension.value: asdict(grid) for dimension, grid in table.shown.items()},
    }


def read_tables(told: Mapping[str, Any]) -> Tables:
    """The tables that were written, without their people: they may be sliced."""
    return Tables(**{one.name: _read(told[one.name]) for one in fields(Tables)})


def _read(told: Mapping[str, Any]) -> Table:
    nobody = frozenset[Any]()
    return Table(
        {
            Dimension(key): [Column(tuple(keys), nobody) for keys in columns]
            for key, columns in told["columns"].items()
        },
        {Dimension(key): _read_grid(grid) for key, grid in told["shown"].items()},
        told["is_too_few"],
    )


def _read_grid(told: Mapping[str, Any]) -> ShownGrid:
    def row(counts: Sequence[int | None]) -> tuple[int | None, ...]:
        return tuple(counts)

    return ShownGrid(
        tuple(row(one) for one in told["cells"]),
        row(told["row_totals"]),
        row(told["column_totals"]),
        told["total"],
    )
