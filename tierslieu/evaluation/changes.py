"""What differs between a package and the version before it, for whoever had that one."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tierslieu.evaluation.tables import Table

PATH = "CHANGES.md"


@dataclass(frozen=True)
class Shape:
    """``rows`` and ``variables`` by table; the questionnaires by name of file."""

    name: str
    rows: Mapping[str, int]
    variables: Mapping[str, frozenset[str]]
    instruments: frozenset[str]


def shape_of(name: str, tables: Sequence[Table], instruments: Iterable[str]) -> Shape:
    """The shape of a package of these tables and of questionnaires under these names of file."""
    return Shape(
        name,
        {table.name: len(table.rows) for table in tables},
        {table.name: frozenset(one.name for one in table.variables) for table in tables},
        frozenset(instruments),
    )


def read_package(content: bytes) -> Shape:
    """The shape of a package that was built. Its tables are gone through, never held."""
    rows, variables = {}, {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = archive.namelist()[0].split("/", 1)[0]
        paths = [one.split("/", 1)[1] for one in archive.namelist()]
        for resource in json.loads(archive.read(f"{name}/datapackage.json"))["resources"]:
            with archive.open(f"{name}/{resource['path']}") as file:
                lines = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
                variables[resource["name"]] = frozenset(next(lines))
                rows[resource["name"]] = sum(1 for _line in lines)
    instruments = frozenset(path for path in paths if path.startswith("instruments/"))
    return Shape(name, rows, variables, instruments)


def write_changes(now: Shape, before: Shape | None) -> bytes:
    """``CHANGES.md``."""
    lines = ["# Ce qui change", ""]
    if before is None:
        lines += ["Premier paquet de l’année pour cette étude : rien à comparer."]
    else:
        lines += [f"Depuis `{before.name}`\u00a0:", "", "| table | lignes avant | lignes |"]
        lines += ["| --- | ---: | ---: |"]
        for table in sorted(now.rows.keys() | before.rows.keys()):
            counts = [str(one.rows.get(table, "–")) for one in (before, now)]
            lines.append(f"| `{table}` | {' | '.join(counts)} |")
        lines += ["", *_differences(now, before)]
        lines += ["Une personne qui a retiré son accord n’y est plus."]
    return ("\n".join(lines) + "\n").encode()


def _differences(now: Shape, before: Shape) -> list[str]:
    found = []
    for table in sorted(now.variables.keys() & before.variables.keys()):
        new = now.variables[table] - before.variables[table]
        gone = before.variables[table] - now.variables[table]
        found += [f"- `{table}`\u00a0: `{name}` est nouvelle." for name in sorted(new)]
        found += [f"- `{table}`\u00a0: `{name}` n’y est plus." for name in sorted(gone)]
    found += [f"- `{path}` est nouveau." for path in sorted(now.instruments - before.instruments)]
    found += [f"- `{path}` n’y est plus." for path in sorted(before.instruments - now.instruments)]
    return [*found, ""] if found else []
