"""The tables of a package for statistical software: SPSS (.sav), Stata (.dta), Parquet.

Labels, value labels and missing codes go along; CSV stays the primary form. The same rows give the
same bytes: the instant that .sav and .dta write of their making is set to a fixed one. What was
written is read back by :mod:`~tierslieu.evaluation.reading_back`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import polars as pl
import pyreadstat

from tierslieu.evaluation.labels import (
    DTA_LIMIT,
    SAV_LIMIT,
    SAV_VARIABLE_LIMIT,
    fit_label,
    fit_labels,
)
from tierslieu.evaluation.tables import MISSING, Table, Value, Variable
from tierslieu.surveys.instruments.items import NO_ANSWER, NOT_CONCERNED

FOLDER = "data/labelled"
KINDS = ("sav", "dta", "parquet")
SLICE = 50_000  # rows laid out at once
_TYPES: Mapping[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}
_CODES: Mapping[int | float, str] = {int(code): label for code, label in MISSING.items() if code}
_YES_NO: Mapping[int | float, str] = {1: "Oui", 0: "Non"}
#: Where the files say when they were made, and what they say here.
_SAV_INSTANT, _SAV_FIXED = 92, b"01 Jan 8000:00:00"
_DTA_INSTANT = re.compile(rb"(<timestamp>\x11).{17}(</timestamp>)", re.DOTALL)
_DTA_FIXED, _DTA_HEADER = b"01 Jan 1980 00:00", 4096  # it stands in the first so many bytes
#: What the widest text of a column may be in a .dta file of fixed width, in bytes.
_DTA_WIDEST = 2045


def write_labelled(table: Table, folder: Path) -> None:
    """Write the three files of a table into the package that lies in ``folder``."""
    frame = _whole(table)
    for kind, write in (("sav", _sav), ("dta", _dta), ("parquet", _parquet)):
        path = labelled_path(folder, table, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(table, frame if kind == "parquet" else numeric(frame), path)


def labelled_path(folder: Path, table: Table, kind: str) -> Path:
    """Where one of them lies: ``kind`` is ``sav``, ``dta`` or ``parquet``."""
    return folder / FOLDER / f"{table.name}.{kind}"


def frames_of(table: Table) -> Iterator[pl.DataFrame]:
    """The rows of a table, so many at once; one frame at least."""
    rows, is_first = iter(table.rows), True
    while (part := list(islice(rows, SLICE))) or is_first:
        columns = list(zip(*part, strict=True)) if part else [()] * len(table.variables)
        yield pl.DataFrame(
            [
                pl.Series(one.name, _cells(one, column), dtype=_TYPES[one.type])
                for one, column in zip(table.variables, columns, strict=True)
            ]
        )
        is_first = False


def _whole(table: Table) -> pl.DataFrame:
    return pl.concat(list(frames_of(table)), rechunk=True)


def _cells(variable: Variable, column: Sequence[Value]) -> list[Value]:
    if variable.type == "string":
        return ["" if value is None else str(value) for value in column]
    return [None if value is None or value == "" else value for value in column]


def numeric(frame: pl.DataFrame) -> pl.DataFrame:
    """Yes and no as 1 and 0: neither SPSS nor Stata knows them otherwise."""
    return frame.with_columns(pl.col(pl.Boolean).cast(pl.Int64))


def _labels(variable: Variable) -> dict[int | float, str]:
    """Every code of a number with its label, the missing ones too."""
    if variable.type == "boolean":
        return dict(_YES_NO.items())
    found: dict[int | float, str] = {}
    if variable.type != "string" and variable.name != "days_since_t0":
        found.update(variable.categories or {})
        found.update(_CODES)
    return found


def column_labels(table: Table, kind: str) -> dict[str, Any]:
    """The label of each variable, as this kind of file keeps it."""
    limit = SAV_VARIABLE_LIMIT if kind == "sav" else DTA_LIMIT
    return {one.name: fit_label(one.label, limit) for one in table.variables}


def value_labels(table: Table, kind: str) -> dict[str, Any]:
    """The label of each code of each variable that has any, as this kind of file keeps it."""
    found = {one.name: _labels(one) for one in table.variables}
    if kind == "dta":  # Stata labels whole numbers alone
        whole = {one.name for one in table.variables if one.type != "number"}
        found = {
            name: {int(code): label for code, label in labels.items()}
            for name, labels in found.items()
            if name in whole
        }
    limits = {"sav": SAV_LIMIT, "dta": DTA_LIMIT}
    return {
        name: fit_labels(labels, limits[kind]) if kind in limits else labels
        for name, labels in found.items()
        if labels
    }


def _measure(variable: Variable) -> str:
    if variable.is_ordered:
        return "ordinal"
    return "nominal" if variable.categories or variable.type in ("string", "boolean") else "scale"


def _sav(table: Table, frame: pl.DataFrame, path: Path) -> None:
    missing: list[Any] = [{"lo": NO_ANSWER, "hi": NOT_CONCERNED}]
    coded = [one for one in table.variables if one.type in ("integer", "number")]
    pyreadstat.write_sav(
        frame,
        path,
        file_label=table.label[:64],
        column_labels=column_labels(table, "sav"),
        variable_value_labels=value_labels(table, "sav"),
        missing_ranges={one.name: missing for one in coded},
        variable_measure={one.name: _measure(one) for one in table.variables},
    )
    with path.open("r+b") as file:
        file.seek(_SAV_INSTANT)
        file.write(_SAV_FIXED)


def _dta(table: Table, frame: pl.DataFrame, path: Path) -> None:
    texts = [one for one in frame.iter_columns() if one.dtype == pl.String]
    widest = max((cast("int", one.str.len_bytes().max() or 0) for one in texts), default=0)
    if widest > _DTA_WIDEST:
        raise ValueError(f"{table.name}: a text is too wide for .dta")
    pyreadstat.write_dta(
        frame,
        path,
        file_label=table.label[:80],
        column_labels=column_labels(table, "dta"),
        variable_value_labels=value_labels(table, "dta"),
    )
    with path.open("r+b") as file:
        found = _DTA_INSTANT.search(file.read(_DTA_HEADER))
        if found is not None:
            file.seek(found.end(1))
            file.write(_DTA_FIXED)


def _parquet(table: Table, frame: pl.DataFrame, path: Path) -> None:
    said = {
        "title": table.label,
        "labels": json.dumps(column_labels(table, "parquet"), ensure_ascii=False),
        "value_labels": json.dumps(
            {name: _texts(labels) for name, labels in value_labels(table, "parquet").items()},
            ensure_ascii=False,
        ),
    }
    frame.write_parquet(path, compression="zstd", metadata=said)


def _texts(labels: Mapping[int | float, str]) -> dict[str, str]:
    return {str(code): label for code, label in labels.items()}
