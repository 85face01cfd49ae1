"""The verdict a package carries: what was checked when it was built, with what, and what came out.

Checked by others' readers where there is one: Frictionless reads the descriptor and every table,
pyreadstat and polars read the labelled files back. A package that fails does not leave.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import ParseError, fromstring

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.evaluation.ddi import PATH as DDI
from tierslieu.evaluation.labelled import differences
from tierslieu.evaluation.tables import Table

NAME = "VALIDATION.json"


@dataclass(frozen=True)
class Check:
    """``outcome``: ``passed``, ``failed`` or ``not run``; ``faults``: where, in the tool's words,
    or why it was not run."""

    check: str
    tool: str
    outcome: str
    faults: tuple[str, ...] = ()


def _check(check: str, tool: str, faults: Sequence[str]) -> Check:
    return Check(check, tool, "failed" if faults else "passed", tuple(faults))


def validate_files(tables: Sequence[Table], files: Mapping[str, bytes]) -> list[Check]:
    """Check the files of a package before they leave."""
    return [
        _check("descriptor and tables", f"frictionless {version('frictionless')}", _tables(files)),
        _check("sizes and hashes of the descriptor", "hashlib", _hashes(files)),
        _check(
            "labelled files equal the CSV",
            f"pyreadstat {version('pyreadstat')}, polars {version('polars')}",
            [fault for table in tables for fault in differences(table, files)],
        ),
        _check("DDI-Codebook is well-formed XML", "xml.etree", _xml(files)),
        Check(
            "DDI-Codebook 2.5 against its schema",
            "",
            "not run",
            ("the schema of the DDI Alliance does not come with the software",),
        ),
    ]


def write_verdict(checks: Sequence[Check]) -> bytes:
    """``VALIDATION.json``; the same checks give the same bytes."""
    said = {
        "valid": all(one.outcome != "failed" for one in checks),
        "complete": all(one.outcome != "not run" for one in checks),
        "checks": [asdict(one) for one in checks],
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


def _tables(files: Mapping[str, bytes]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its own dependencies are about to drop
        from frictionless import validate

        for path, data in files.items():
            if path == "datapackage.json" or path.endswith(".csv"):
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        report = validate(str(Path(folder) / "datapackage.json"))
        if report.valid:
            return []
        # What is wrong, without the values: they are somebody's.
        found = report.flatten(["type", "fieldName"])
    return [" ".join(str(part) for part in one if part) for one in found[:20]]


def _xml(files: Mapping[str, bytes]) -> list[str]:
    try:
        fromstring(files[DDI])  # noqa: S314 - ours, and written a moment ago
    except ParseError as fault:
        return [f"{DDI}: line {fault.position[0]}"]
    return []


def _hashes(files: Mapping[str, bytes]) -> list[str]:
    found = []
    for resource in json.loads(files["datapackage.json"])["resources"]:
        data = files[resource["path"]]
        same = resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        if not same or resource["bytes"] != len(data):
            found.append(resource["path"])
    return found
