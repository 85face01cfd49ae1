"""The verdict a package carries: what was checked when it was built, with what, and what came out.

Checked by others' readers where there is one: Frictionless reads the descriptor and every table,
pyreadstat and polars read the labelled files back. A package that fails does not leave.
"""

from __future__ import annotations

import csv
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from lxml import etree

from tierslieu.errors import Refused
from tierslieu.evaluation.anonymity import K
from tierslieu.evaluation.ddi import PATH as DDI
from tierslieu.evaluation.tables import Table

NAME = "VALIDATION.json"
SCHEMA = Path(__file__).parent / "schemas" / "ddi-codebook-2.5-used.xsd"
WORDS = f"free texts: words and wave alone, without a pseudonym, {K} texts at least a file"
#: Not the schema of the DDI Alliance itself, and the verdict says so.
CODEBOOK = "DDI-Codebook 2.5: the part of its schema that this codebook uses, as restated by us"


@dataclass(frozen=True)
class Check:
    """``outcome``: ``passed``, ``failed`` or ``not run``; ``faults``: where, in the tool's words,
    or why it was not run."""

    check: str
    tool: str
    outcome: str
    faults: tuple[str, ...] = ()


def checks_of(find: Callable[[str], Sequence[str]]) -> list[Check]:
    """Every check with what ``find`` says is wrong, by the name of the check."""
    tools = (
        ("descriptor and tables", f"frictionless {version('frictionless')}"),
        ("sizes and hashes of the descriptor", "hashlib"),
        (
            "labelled files equal the CSV",
            f"pyreadstat {version('pyreadstat')}, polars {version('polars')}",
        ),
        (WORDS, "csv"),
        (CODEBOOK, f"lxml {version('lxml')}, {SCHEMA.name}"),
    )
    found = []
    for check, tool in tools:
        faults = tuple(find(check))
        found.append(Check(check, tool, "failed" if faults else "passed", faults))
    return found


def validate_files(tables: Sequence[Table], folder: Path) -> list[Check]:
    """Check the files of the package in ``folder`` before they leave."""
    from tierslieu.evaluation.reading_back import differences  # heavy: loaded by who makes one

    ways: Mapping[str, Callable[[], Sequence[str]]] = {
        "descriptor and tables": lambda: _tables(folder),
        "sizes and hashes of the descriptor": lambda: _hashes(folder),
        "labelled files equal the CSV": lambda: [
            fault for table in tables if not table.is_words for fault in differences(table, folder)
        ],
        WORDS: lambda: _words(tables, folder),
        CODEBOOK: lambda: codebook_faults(folder / DDI),
    }
    return checks_of(lambda check: ways[check]())


def write_verdict(checks: Sequence[Check], tables: Sequence[Table] = ()) -> bytes:
    """``VALIDATION.json``; the same checks give the same bytes. It also says which free texts were
    let out, and on whose agreement."""
    said: dict[str, Any] = {
        "valid": all(one.outcome != "failed" for one in checks),
        "complete": all(one.outcome != "not run" for one in checks),
        "checks": [asdict(one) for one in checks],
        "free_text": [
            {
                "file": table.path,
                "texts": len(table.rows),
                "agreement": "coordination of the place, after reading each text",
            }
            for table in tables
            if table.is_words
        ],
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def require_valid(checks: Sequence[Check]) -> None:
    """Raise :class:`Refused` ``package_invalid`` when something failed."""
    failed = [one for one in checks if one.outcome == "failed"]
    if failed:
        raise Refused(
            _(
                "Le paquet n’a pas passé ses propres vérifications (%(checks)s) : il ne sort pas. "
                "Signalez-le à l’administration.",
                checks=", ".join(one.check for one in failed),
            ),
            code="package_invalid",
        )


def _tables(folder: Path) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its own dependencies are about to drop
        from frictionless import validate

        report = validate(str(folder / "datapackage.json"))
        if report.valid:
            return []
        # What is wrong, without the values: they are somebody's.
        found = report.flatten(["type", "fieldName"])
    return [" ".join(str(part) for part in one if part) for one in found[:20]]


def codebook_faults(path: Path) -> list[str]:
    """Where a codebook is no XML, or breaks :data:`SCHEMA`: line and rule, without its words."""
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    safely = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        schema.validate(etree.parse(path, safely))
    except etree.XMLSyntaxError as fault:
        return [f"{DDI}: line {fault.lineno}"]
    return [f"{DDI}: line {one.line}: {one.type_name}" for one in schema.error_log[:20]]


def _words(tables: Sequence[Table], folder: Path) -> list[str]:
    found = []
    announced = {table.path for table in tables if table.is_words}
    there = {one.relative_to(folder).as_posix() for one in (folder / "data/free-text").glob("*")}
    for path in sorted(announced | there):
        if path not in announced or path not in there:
            found.append(path)
            continue
        with (folder / path).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        if rows[0] != ["text", "wave"] or len(rows) <= K:
            found.append(path)
    return found


def _hashes(folder: Path) -> list[str]:
    found = []
    for resource in json.loads((folder / "datapackage.json").read_bytes())["resources"]:
        path = folder / resource["path"]
        same = resource["hash"] == f"sha256:{sha256_of(path)}"
        if not same or resource["bytes"] != path.stat().st_size:
            found.append(resource["path"])
    return found


def sha256_of(path: Path) -> str:
    """The hash of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
