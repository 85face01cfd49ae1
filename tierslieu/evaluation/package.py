"""The research package: a folder of files that describe and prove themselves, as a zip.

The same content gives the same bytes: files are sorted, times are fixed, nothing is dated.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tierslieu.evaluation.anonymity import K, Participant
from tierslieu.evaluation.changes import PATH as CHANGES
from tierslieu.evaluation.changes import Shape, shape_of, write_changes
from tierslieu.evaluation.ddi import PATH as DDI
from tierslieu.evaluation.ddi import plain, write_ddi
from tierslieu.evaluation.tables import MISSING, Table, Variable
from tierslieu.evaluation.validation import NAME as VERDICT
from tierslieu.evaluation.validation import (
    Check,
    checks_of,
    require_valid,
    sha256_of,
    validate_files,
    write_verdict,
)
from tierslieu.surveys.models import Instrument, Study

FILES = Path(__file__).parent / "files"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SUMS = "SHA256SUMS"
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
    continued: Mapping[UUID, Mapping[str, str]]  # by instrument: each variable, and the older one
    consents: Mapping[str, str]  # what people agreed to, by file name
    people: Mapping[UUID, Participant]  # whose data it is, and what it says of each

    @property
    def participants(self) -> int:
        """How many people it is about."""
        return len(self.people)


@dataclass(frozen=True)
class Package:
    """A package ready to leave."""

    name: str
    content: bytes
    people: Mapping[UUID, Participant]

    @property
    def participants(self) -> int:
        """How many people it is about."""
        return len(self.people)

    @property
    def sha256(self) -> str:
        """The hash of the zip, 64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@contextmanager
def lay_out(contents: Contents) -> Iterator[Draft]:
    """The tables written out, in a folder that is gone afterwards: what is the same in every
    version."""
    from tierslieu.evaluation.labelled import write_labelled  # heavy: loaded by who makes one

    with tempfile.TemporaryDirectory(prefix="package") as folder:
        for table in contents.tables:
            path = Path(folder) / table.path
            path.parent.mkdir(parents=True, exist_ok=True)
            table.write_csv(path)
            if not table.is_words:  # longer than those formats take, and nothing to label
                write_labelled(table, Path(folder))
        yield Draft(contents, Path(folder))


class Draft:
    """A package whose tables lie in ``folder``, before it has a version."""

    def __init__(self, contents: Contents, folder: Path) -> None:
        self._contents, self._folder = contents, folder

    def prove(self, version: str, before: Shape | None = None) -> Package:
        """The zip under ``version`` (``2026.1``), which proved itself; ``before``: the version it
        follows.

        Raises :class:`~tierslieu.errors.Refused` ``package_invalid``.
        """
        name = self._describe(version, before)
        checks = validate_files(self._contents.tables, self._folder)
        require_valid(checks)
        return self._pack(name, checks)

    def as_proved(self, version: str, before: Shape | None = None) -> Package:
        """The zip under ``version`` as it would be had it proved itself: to look whether it is one
        that did. It must not leave otherwise."""
        return self._pack(self._describe(version, before), checks_of(lambda _check: ()))

    def _describe(self, version: str, before: Shape | None) -> str:
        """Write what says the version; gives the name of the package."""
        name = f"tn-eval-{self._contents.study.slug}-{version}"
        files = _files(self._contents, name, version, self._folder)
        instruments = [path for path in files if path.startswith("instruments/")]
        files[CHANGES] = write_changes(shape_of(name, self._contents.tables, instruments), before)
        for path, data in files.items():
            target = self._folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return name

    def _pack(self, name: str, checks: Sequence[Check]) -> Package:
        (self._folder / SUMS).unlink(missing_ok=True)
        (self._folder / VERDICT).write_bytes(write_verdict(checks, self._contents.tables))
        sums = [f"{sha256_of(self._folder / path)}  {path}\n" for path in _paths(self._folder)]
        (self._folder / SUMS).write_text("".join(sums), "ascii", newline="")
        return Package(name, _zip(name, self._folder), self._contents.people)


def _paths(folder: Path) -> list[str]:
    """Every file of a package by its path inside the folder, sorted."""
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def _files(contents: Contents, name: str, version: str, folder: Path) -> dict[str, bytes]:
    """Everything but the tables, which lie in ``folder``."""
    files = {"datapackage.json": _json(_descriptor(contents, name, version, folder))}
    context = {
        "study": contents.study,
        "waves": contents.study.waves,
        "place": contents.place,
        "tables": contents.tables,
        "coded": [table for table in contents.tables if not table.is_words],
        "words": [table for table in contents.tables if table.is_words],
        "instruments": contents.instruments,
        "continued": contents.continued,
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
        if instrument.id in contents.continued:
            content["continues"] = dict(contents.continued[instrument.id])
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


def _descriptor(contents: Contents, name: str, version: str, folder: Path) -> dict[str, Any]:
    """``datapackage.json`` (Data Package v2): each file's size, hash and schema."""
    return {
        "$schema": PROFILE,
        "name": name.lower(),
        "title": contents.study.title,
        "description": contents.study.description,
        "version": version,
        "contributors": [{"title": contents.place, "roles": ["publisher"]}],
        "resources": [_resource(table, folder) for table in contents.tables],
    }


def _resource(table: Table, folder: Path) -> dict[str, Any]:
    path = table.path
    schema: dict[str, Any] = {
        "fields": [_field(variable, table) for variable in table.variables],
        "missingValues": [{"value": code, "label": label} for code, label in MISSING.items()],
    }
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.name != "participants" and not table.is_words:
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
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
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


def _zip(name: str, folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in _paths(folder):
            entry = zipfile.ZipInfo(f"{name}/{path}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every machine
            entry.external_attr = 0o644 << 16
            entry.file_size = (folder / path).stat().st_size
            with (folder / path).open("rb") as file, archive.open(entry, "w") as packed:
                shutil.copyfileobj(file, packed, 1 << 20)
    return out.getvalue()
