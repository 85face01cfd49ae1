"""The research package: a folder of files that describe and prove themselves, as a zip.

The same content gives the same bytes: files are sorted, times are fixed, nothing is dated.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tierslieu.evaluation.anonymity import K
from tierslieu.evaluation.changes import PATH as CHANGES
from tierslieu.evaluation.changes import Shape, shape_of, write_changes
from tierslieu.evaluation.ddi import PATH as DDI
from tierslieu.evaluation.ddi import plain, write_ddi
from tierslieu.evaluation.labelled import labelled_files
from tierslieu.evaluation.tables import MISSING, Table, Variable
from tierslieu.evaluation.validation import NAME as VERDICT
from tierslieu.evaluation.validation import require_valid, validate_files, write_verdict
from tierslieu.surveys.models import Instrument, Study

FILES = Path(__file__).parent / "files"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest instant a zip can hold
TYPES = {
    "string": "Texte",
    "integer": "Nombre entier",
    "number": "Nombre",
    "boolean": "Oui ou non (true, false)",
}


@dataclass(frozen=True)
class Contents:
    """What goes into a package, before it has a version."""

    study: Study
    place: str
    tables: Sequence[Table]
    instruments: Sequence[Instrument]
    consents: Mapping[str, str]  # what people agreed to, by file name
    people: tuple[UUID, ...]  # whose data it is; never written into it

    @property
    def participants(self) -> int:
        """How many people it is about."""
        return len(self.people)


@dataclass(frozen=True)
class Package:
    """A package ready to leave."""

    name: str
    content: bytes
    people: tuple[UUID, ...]

    @property
    def participants(self) -> int:
        """How many people it is about."""
        return len(self.people)

    @property
    def sha256(self) -> str:
        """The hash of the zip, 64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def build_package(contents: Contents, version: str, before: Shape | None = None) -> Package:
    """The zip of ``contents`` under ``version`` (``2026.1``), which proved itself; ``before``: the
    version it follows.

    Raises :class:`~tierslieu.errors.Refused` ``package_invalid``.
    """
    name = f"tn-eval-{contents.study.slug}-{version}"
    files = _files(contents, name, version)
    files[CHANGES] = write_changes(shape_of(name, files), before)
    checks = validate_files(contents.tables, files)
    require_valid(checks)
    files[VERDICT] = write_verdict(checks)
    sums = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    files["SHA256SUMS"] = sums.encode("ascii")
    return Package(name, _zip(name, files), contents.people)


def _files(contents: Contents, name: str, version: str) -> dict[str, bytes]:
    files = {f"data/{table.name}.csv": table.as_csv() for table in contents.tables}
    for table in contents.tables:
        files |= labelled_files(table)
    files["datapackage.json"] = _json(_descriptor(contents, name, version, files))
    context = {
        "study": contents.study,
        "waves": contents.study.waves,
        "place": contents.place,
        "tables": contents.tables,
        "instruments": contents.instruments,
        "participants": contents.participants,
        "name": name,
        "version": version,
        "missing": MISSING,
        "types": TYPES,
        "k": K,
    }
    for path, template in (
        ("README.md", "README.md.jinja"),
        ("CITATION.cff", "CITATION.cff.jinja"),
        ("metadata/codebook.html", "codebook.html.jinja"),
        ("scripts/import.R", "import.R.jinja"),
        ("scripts/import.sps", "import.sps.jinja"),
    ):
        files[path] = _render(template, context)
    files[DDI] = write_ddi(contents.study, contents.place, name, version, contents.tables)
    files["scripts/score.py"] = (FILES / "score.py").read_bytes()
    files["metadata/codebook.csv"] = _codebook_csv(contents.tables)
    for instrument in contents.instruments:
        content = {**instrument.content, "content_sha256": instrument.content_sha256}
        files[f"instruments/{instrument.slug}-v{instrument.version}.json"] = _json(content)
    files |= {f"consent/{name}": said.encode() for name, said in contents.consents.items()}
    return files


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _render(template: str, context: Mapping[str, Any]) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: plain(value) if isinstance(value, str) else value,
    )
    environment.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.get_template(template).render(context).encode()


def _descriptor(
    contents: Contents, name: str, version: str, files: Mapping[str, bytes]
) -> dict[str, Any]:
    """``datapackage.json`` (Data Package v2): each file's size, hash and schema."""
    return {
        "$schema": PROFILE,
        "name": name.lower(),
        "title": contents.study.title,
        "description": contents.study.description,
        "version": version,
        "contributors": [{"title": contents.place, "roles": ["publisher"]}],
        "resources": [_resource(table, files) for table in contents.tables],
    }


def _resource(table: Table, files: Mapping[str, bytes]) -> dict[str, Any]:
    path = f"data/{table.name}.csv"
    schema: dict[str, Any] = {
        "fields": [_field(variable, table) for variable in table.variables],
        "missingValues": [{"value": code, "label": label} for code, label in MISSING.items()],
    }
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.name != "participants":
        reference = {"resource": "participants", "fields": ["pid"]}
        schema["foreignKeys"] = [{"fields": ["pid"], "reference": reference}]
    return {
        "name": table.name,
        "title": table.label,
        "type": "table",
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(files[path]),
        "hash": f"sha256:{hashlib.sha256(files[path]).hexdigest()}",
        "schema": schema,
    }


def _field(variable: Variable, table: Table) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": variable.name,
        "type": variable.type,
        "title": variable.label,
    }
    if variable.wording:
        described["description"] = variable.wording
    constraints: dict[str, Any] = dict(variable.constraints)
    if variable.name == "pid":
        constraints["required"] = True
    if variable.categories:
        # Both: with categories alone frictionless 5.21 calls an impossible value valid.
        constraints["enum"] = list(variable.categories)
        described["categories"] = [
            {"value": value, "label": label} for value, label in variable.categories.items()
        ]
        if variable.is_ordered:
            described["categoriesOrdered"] = True
    if constraints:
        described["constraints"] = constraints
    return described


def _codebook_csv(tables: Sequence[Table]) -> bytes:
    """One line for each code of each variable, or for the variable if it has no codes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["table", "variable", "type", "label", "question", "instrument", "code", "code_label"]
    )
    for table in tables:
        for variable in table.variables:
            said = [table.name, variable.name, variable.type, variable.label]
            said += [variable.wording, variable.instrument]
            for code, label in (variable.categories or {"": ""}).items():
                writer.writerow([*said, code, label])
    return out.getvalue().encode()


def _zip(folder: str, files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()
