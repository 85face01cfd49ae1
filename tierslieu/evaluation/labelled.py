"""The tables of a package for statistical software: SPSS (.sav), Stata (.dta), Parquet.

Labels, value labels and missing codes go along; CSV stays the primary form. The same rows give the
same bytes: the instant that .sav and .dta write of their making is set to a fixed one. What was
written is read back and compared with the CSV, value by value, and with the labels that were meant
(:func:`differences`).
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
_TYPES: Mapping[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}
_CODES: Mapping[int | float, str] = {int(code): label for code, label in MISSING.items() if code}
_YES_NO: Mapping[int | float, str] = {1: "Oui", 0: "Non"}
#: Where the files say when they were made, and what they say here.
_SAV_INSTANT, _SAV_FIXED = slice(92, 109), b"01 Jan 8000:00:00"
_DTA_INSTANT = re.compile(rb"(<timestamp>\x11).{17}(</timestamp>)", re.DOTALL)
_DTA_FIXED = b"01 Jan 1980 00:00"
#: What the widest text of a column may be in a .dta file of fixed width, in bytes.
_DTA_WIDEST = 2045


def labelled_files(table: Table) -> dict[str, bytes]:
    """The three files of a table, by their path in the package."""
    frame = _frame(table)
    stem = f"{FOLDER}/{table.name}"
    return {
        f"{stem}.sav": _sav(table, _numeric(frame)),
        f"{stem}.dta": _dta(table, _numeric(frame)),
        f"{stem}.parquet": _parquet(table, frame),
    }


def _frame(table: Table) -> pl.DataFrame:
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.variables)
    return pl.DataFrame(
        [
            pl.Series(one.name, [_cell(value, one) for value in column], dtype=_TYPES[one.type])
            for one, column in zip(table.variables, columns, strict=True)
        ]
    )


def _cell(value: Value, variable: Variable) -> Value:
    if variable.type == "string":
        return "" if value is None else str(value)
    return None if value in (None, "") else value


def _numeric(frame: pl.DataFrame) -> pl.DataFrame:
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


def _column_labels(table: Table, kind: str) -> dict[str, Any]:
    """The label of each variable, as this kind of file keeps it."""
    limit = SAV_VARIABLE_LIMIT if kind == "sav" else DTA_LIMIT
    return {one.name: fit_label(one.label, limit) for one in table.variables}


def _value_labels(table: Table, kind: str) -> dict[str, Any]:
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


def _sav(table: Table, frame: pl.DataFrame) -> bytes:
    missing: list[Any] = [{"lo": NO_ANSWER, "hi": NOT_CONCERNED}]
    coded = [one for one in table.variables if one.type in ("integer", "number")]
    data = _written(
        lambda path: pyreadstat.write_sav(
            frame,
            path,
            file_label=table.label[:64],
            column_labels=_column_labels(table, "sav"),
            variable_value_labels=_value_labels(table, "sav"),
            missing_ranges={one.name: missing for one in coded},
            variable_measure={one.name: _measure(one) for one in table.variables},
        )
    )
    return data[: _SAV_INSTANT.start] + _SAV_FIXED + data[_SAV_INSTANT.stop :]


def _dta(table: Table, frame: pl.DataFrame) -> bytes:
    widest = max(
        (
            len(text.encode())
            for one in frame.iter_columns()
            if one.dtype == pl.String
            for text in one
        ),
        default=0,
    )
    if widest > _DTA_WIDEST:
        raise ValueError(f"{table.name}: a text is too wide for .dta")
    data = _written(
        lambda path: pyreadstat.write_dta(
            frame,
            path,
            file_label=table.label[:80],
            column_labels=_column_labels(table, "dta"),
            variable_value_labels=_value_labels(table, "dta"),
        )
    )
    return _DTA_INSTANT.sub(lambda found: found[1] + _DTA_FIXED + found[2], data, count=1)


def _parquet(table: Table, frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    said = {
        "title": table.label,
        "labels": json.dumps(_column_labels(table, "parquet"), ensure_ascii=False),
        "value_labels": json.dumps(
            {name: _texts(labels) for name, labels in _value_labels(table, "parquet").items()},
            ensure_ascii=False,
        ),
    }
    frame.write_parquet(out, compression="zstd", metadata=said)
    return out.getvalue()


def _texts(labels: Mapping[int | float, str]) -> dict[str, str]:
    return {str(code): label for code, label in labels.items()}


def _written(write: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        write(path)
        return path.read_bytes()


def differences(table: Table, files: Mapping[str, bytes]) -> list[str]:
    """Where what the labelled files hold is not what the CSV says, or a label not what was meant;
    none when all is well."""
    found = []
    wanted = _frame(table)
    for kind in ("sav", "dta", "parquet"):
        path = f"{FOLDER}/{table.name}.{kind}"
        frame, labels, value_labels = _read(files[path], kind)
        expected = wanted if kind == "parquet" else _numeric(wanted)
        if frame.columns != expected.columns:
            found.append(f"{path}: columns")
        elif frame.height != expected.height:
            found.append(f"{path}: rows")
        else:
            found += [
                f"{path}: {name}"
                for name in expected.columns
                if _plain(frame[name]) != _plain(expected[name])
            ]
        meant, codes = _column_labels(table, kind), _value_labels(table, kind)
        found += [
            f"{path}: labels of {name}"
            for name, label in meant.items()
            if labels.get(name) != label or value_labels.get(name, {}) != codes.get(name, {})
        ]
    return found


def _read(data: bytes, kind: str) -> tuple[pl.DataFrame, dict[str, Any], dict[str, Any]]:
    """The rows of a file, the label of each variable, and of each code by variable."""
    if kind == "parquet":
        said = pl.read_parquet_metadata(io.BytesIO(data))
        codes = json.loads(said["value_labels"])
        numbers = {
            name: {float(code): label for code, label in one.items()} for name, one in codes.items()
        }
        return pl.read_parquet(io.BytesIO(data)), json.loads(said["labels"]), numbers
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(data)
        if kind == "sav":
            frame, meta = pyreadstat.read_sav(path, output_format="polars", user_missing=True)
        else:
            frame, meta = pyreadstat.read_dta(path, output_format="polars")
    return frame, meta.column_names_to_labels, meta.variable_value_labels


def _plain(column: pl.Series) -> list[Any]:
    """Values as they compare: SPSS and Stata keep every number as a real one."""
    if column.dtype.is_numeric():
        return list(column.cast(pl.Float64).fill_nan(None))
    return [value or "" if column.dtype == pl.String else value for value in column]
