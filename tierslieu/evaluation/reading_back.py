"""The labelled files of a package, read back: the same values as the CSV, and the labels that were
meant. Slice by slice, for a reader of SPSS files makes an object of each value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from tierslieu.evaluation.labelled import (
    FOLDER,
    KINDS,
    column_labels,
    frames_of,
    labelled_path,
    numeric,
    value_labels,
)
from tierslieu.evaluation.tables import Table


def differences(table: Table, folder: Path) -> list[str]:
    """Where what the labelled files of the package in ``folder`` hold is not what the CSV says, or
    a label not what was meant; none when all is well."""
    wrong: dict[str, set[str]] = {kind: set() for kind in KINDS}
    start = 0
    for frame in frames_of(table):
        for kind in KINDS:
            read = _read(labelled_path(folder, table, kind), kind, start, frame.height)
            wrong[kind] |= _wrong(read, frame if kind == "parquet" else numeric(frame))
        start += frame.height
    found = []
    for kind in KINDS:
        path = labelled_path(folder, table, kind)
        if _read(path, kind, start, 1).height:
            wrong[kind].add("rows")  # more than were written
        said = f"{FOLDER}/{path.name}"
        for whole in ("columns", "rows"):
            if whole in wrong[kind]:
                found.append(f"{said}: {whole}")
                break
        else:
            found += [f"{said}: {one.name}" for one in table.variables if one.name in wrong[kind]]
        found += _wrong_labels(table, path, kind, said)
    return found


def _wrong(read: pl.DataFrame, wanted: pl.DataFrame) -> set[str]:
    """The columns that differ; ``columns`` or ``rows`` where these do."""
    if read.columns != wanted.columns:
        return {"columns"}
    if read.height != wanted.height:
        return {"rows"}
    return {name for name in wanted.columns if not _same(read[name], wanted[name])}


def _same(read: pl.Series, wanted: pl.Series) -> bool:
    """Whether the values compare: SPSS and Stata keep every number as a real one, and no text as an
    empty one."""
    if wanted.is_empty():
        return True
    if wanted.dtype.is_numeric():
        if not read.dtype.is_numeric() and read.dtype != pl.Null:
            return False
        read, wanted = (one.cast(pl.Float64).fill_nan(None) for one in (read, wanted))
    elif wanted.dtype == pl.String:
        if read.dtype not in (pl.String, pl.Null):
            return False
        read, wanted = (one.cast(pl.String).fill_null("") for one in (read, wanted))
    elif read.dtype != wanted.dtype:
        return False
    return read.equals(wanted)


def _read(path: Path, kind: str, start: int, count: int) -> pl.DataFrame:
    """So many rows of a file from this one."""
    if kind == "parquet":
        return pl.scan_parquet(path).slice(start, count).collect()
    # No limit is written as none: for an empty table one row is asked for.
    sliced: dict[str, Any] = {"row_offset": start, "row_limit": max(count, 1)}
    if kind == "sav":
        frame, _meta = pyreadstat.read_sav(
            path, output_format="polars", user_missing=True, **sliced
        )
    else:
        frame, _meta = pyreadstat.read_dta(path, output_format="polars", **sliced)
    read: pl.DataFrame = frame
    return read


def _wrong_labels(table: Table, path: Path, kind: str, said: str) -> list[str]:
    if kind == "parquet":
        metadata = pl.read_parquet_metadata(path)
        names, texts = json.loads(metadata["labels"]), json.loads(metadata["value_labels"])
        codes = {
            name: {float(code): label for code, label in labels.items()}
            for name, labels in texts.items()
        }
    else:
        read = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
        _frame, meta = read(path, output_format="polars", metadataonly=True)
        names, codes = meta.column_names_to_labels, meta.variable_value_labels
    meant, wanted = column_labels(table, kind), value_labels(table, kind)
    return [
        f"{said}: labels of {name}"
        for name, label in meant.items()
        if names.get(name) != label or codes.get(name, {}) != wanted.get(name, {})
    ]
