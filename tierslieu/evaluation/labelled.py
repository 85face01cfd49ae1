"""The tables of a package for statistical software: SPSS (.sav), Stata (.dta), Parquet.

Labels, value labels and missing codes go along; CSV stays the primary form. The same rows give the
same bytes: the instant that .sav and .dta write of their making is set to a fixed one. What was
written is read back and compared with the CSV, value by value (:func:`differences`).
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
            column_labels={one.name: one.label for one in table.variables},
            variable_value_labels={
                one.name: labels for one in table.variables if (labels := _labels(one))
            },
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
            column_labels={one.name: one.label for one in table.variables},
            # Stata labels whole numbers alone.
            variable_value_labels={
                one.name: {int(code): label for code, label in labels.items()}
                for one in table.variables
                if one.type != "number" and (labels := _labels(one))
            },
        )
    )
    return _DTA_INSTANT.sub(lambda found: found[1] + _DTA_FIXED + found[2], data, count=1)


def _parquet(table: Table, frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    said = {
        "title": table.label,
        "labels": json.dumps({one.name: one.label for one in table.variables}, ensure_ascii=False),
        "value_labels": json.dumps(
            {one.name: _texts(labels) for one in table.variables if (labels := _labels(one))},
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
    """Where what the labelled files hold is not what the CSV says; none when all is well."""
    found = []
    wanted = _frame(table)
    for kind in ("sav", "dta", "parquet"):
        path = f"{FOLDER}/{table.name}.{kind}"
        frame = _read(files[path], kind)
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
    return found


def _read(data: bytes, kind: str) -> pl.DataFrame:
    if kind == "parquet":
        return pl.read_parquet(io.BytesIO(data))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(data)
        if kind == "sav":
            frame, _meta = pyreadstat.read_sav(path, output_format="polars", user_missing=True)
        else:
            frame, _meta = pyreadstat.read_dta(path, output_format="polars")
    read: pl.DataFrame = frame
    return read


def _plain(column: pl.Series) -> list[Any]:
    """Values as they compare: SPSS and Stata keep every number as a real one."""
    if column.dtype.is_numeric():
        return list(column.cast(pl.Float64).fill_nan(None))
    return [value or "" if column.dtype == pl.String else value for value in column]
