"""The codebook of a package as DDI-Codebook 2.5, which archives such as Dataverse read.

Study, files and variables: wording, categories, missing codes, bounds. Nothing is dated. What of
the schema of the DDI Alliance (``ddi:codebook:2_5``) is used here stands restated in
``schemas/ddi-codebook-2.5-used.xsd``, against which every package is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from tierslieu.evaluation.tables import MISSING, Table, Variable
from tierslieu.surveys.models import Study

NAMESPACE = "ddi:codebook:2_5"
PATH = "metadata/ddi-codebook-2.5.xml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: Controls but tab and line feed, lone surrogates, U+FFFE and U+FFFF, which are no Char; and what
#: ends each later plane so, which HTML takes for a fault.
_NEITHER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)
_FORMATS = {"string": "character", "boolean": "numeric", "integer": "numeric", "number": "numeric"}


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A child in the namespace, with its text."""
    child = SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    if text:
        child.text = plain(text)
    return child


def plain(text: str) -> str:
    """Without the characters that XML 1.0 (section 2.2, Char) or HTML cannot hold, nor controls:
    somebody may have pasted one."""
    return _NEITHER.sub("", text)


def write_ddi(study: Study, place: str, name: str, version: str, tables: Sequence[Table]) -> bytes:
    """The document, in UTF-8; the same content gives the same bytes."""
    register_namespace("", NAMESPACE)
    root = Element(f"{{{NAMESPACE}}}codeBook", {"version": "2.5", _LANG: "fr"})
    _document(root, name)
    _study(root, study, place, name, version)
    for table in tables:
        _file(root, table)
    data = _add(root, "dataDscr")
    for table in tables:
        for variable in table.variables:
            _variable(data, table, variable)
    indent(root, " ")
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _title(parent: Element, title: str, number: str) -> Element:
    citation = _add(parent, "citation")
    statement = _add(citation, "titlStmt")
    _add(statement, "titl", title)
    _add(statement, "IDNo", number)
    return citation


def _document(root: Element, name: str) -> None:
    document = _add(root, "docDscr")
    _title(document, "Dictionnaire des variables", f"{name}/{PATH}")


def _study(root: Element, study: Study, place: str, name: str, version: str) -> None:
    described = _add(root, "stdyDscr")
    citation = _title(described, study.title, name)
    _add(_add(citation, "rspStmt"), "AuthEnty", study.responsible or place)
    _add(_add(citation, "prodStmt"), "producer", place)
    _add(_add(citation, "verStmt"), "version", version)
    info = _add(described, "stdyInfo")
    _add(info, "abstract", study.description or study.title)
    summary = _add(info, "sumDscr")
    _add(summary, "anlyUnit", "Personne")
    _add(summary, "universe", "Les personnes qui acceptent de prendre part à la recherche.")
    _add(summary, "dataKind", "Données d’enquête et de gestion, pseudonymisées")
    method = _add(described, "method")
    collection = _add(method, "dataColl")
    for wave in study.waves:
        words = f"{wave.title}\u00a0: {wave.instrument.slug}, version {wave.instrument.version}"
        _add(collection, "resInstru", words, ID=f"wave-{wave.slug}")
    access = _add(described, "dataAccs")
    use = _add(access, "useStmt")
    _add(use, "confDec", "Données personnelles pseudonymisées : n’essayez de reconnaître personne.")
    _add(use, "restrctn", "Pour l’équipe de l’étude ; détruites à la fin de l’étude.")


def _file(root: Element, table: Table) -> None:
    described = _add(root, "fileDscr", ID=f"file-{table.name}")
    text = _add(described, "fileTxt")
    _add(text, "fileName", table.path)
    _add(text, "fileCont", table.label)
    size = _add(text, "dimensns")
    _add(size, "caseQnty", str(len(table.rows)))
    _add(size, "varQnty", str(len(table.variables)))
    _add(text, "fileType", "text/csv; charset=utf-8")


def _variable(data: Element, table: Table, variable: Variable) -> None:
    is_continuous = variable.type in ("integer", "number") and not variable.categories
    described = _add(
        data,
        "var",
        ID=f"{table.name}.{variable.name}",
        name=variable.name,
        files=f"file-{table.name}",
        intrvl="contin" if is_continuous else "discrete",
    )
    _add(described, "labl", variable.label)
    if variable.wording:
        _add(_add(described, "qstn"), "qstnLit", variable.wording)
    # What is not told to be real is an integer.
    units = {"UNITS": "REAL"} if variable.type == "number" else {}
    bounds = {
        word: str(variable.constraints[key])
        for key, word in (("minimum", "min"), ("maximum", "max"))
        if key in variable.constraints
    }
    if bounds:
        _add(_add(described, "valrng"), "range", **units, **bounds)
    codes = {code: label for code, label in MISSING.items() if code}
    if variable.type in ("integer", "number"):
        invalid = _add(described, "invalrng")
        for code in codes:
            _add(invalid, "item", **units, VALUE=code)
    _categories(described, variable.categories or {}, missing=False)
    if variable.type in ("integer", "number"):
        _categories(described, codes, missing=True)
    _add(described, "varFormat", type=_FORMATS[variable.type])


def _categories(described: Element, codes: Mapping[Any, str], *, missing: bool) -> None:
    for code, label in codes.items():
        category = _add(described, "catgry", **({"missing": "Y"} if missing else {}))
        _add(category, "catValu", str(code))
        _add(category, "labl", label)
