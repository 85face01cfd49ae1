"""The codebook in DDI says what the other one says, and keeps the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, parse, tostring

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.evaluation import make_answered_study, read_rows, read_zip
from tests.support.factories import Factory
from tests.tierslieu.evaluation.test_package import prepare
from tierslieu.evaluation.ddi import NAMESPACE, PATH, write_ddi
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.tables import MISSING
from tierslieu.evaluation.validation import SCHEMA, codebook_faults
from tierslieu.surveys.models import Study

N = {"d": NAMESPACE}


@pytest.fixture
def codebook(package: Package) -> Element:
    return fromstring(read_zip(package)[PATH])


def faults_of(codebook: Element, folder: Path) -> list[str]:
    path = folder / "codebook.xml"
    path.write_bytes(tostring(codebook, encoding="utf-8", xml_declaration=True))
    return codebook_faults(path)


def test_the_codebook_of_a_package_of_every_kind_keeps_the_schema(
    codebook: Element, tmp_path: Path
) -> None:
    assert faults_of(codebook, tmp_path) == []
    used = {element.tag.rpartition("}")[2] for element in codebook.iter()}
    declared = {
        one.get("name")
        for one in parse(SCHEMA).getroot().findall("{http://www.w3.org/2001/XMLSchema}element")
    }
    assert used == declared  # no more is restated than is tried here


def _of(codebook: Element, path: str) -> Element:
    found = codebook.find(f".//d:{path.replace('/', '/d:')}", N)
    assert found is not None, path
    return found


def _swap(parent: str) -> Callable[[Element], None]:
    def change(codebook: Element) -> None:
        element = next(one for one in codebook.iterfind(f".//d:{parent}", N) if len(one) > 1)
        children = list(element)
        element[:] = children[::-1]

    return change


def _remove(parent: str, child: str) -> Callable[[Element], None]:
    def change(codebook: Element) -> None:
        element = _of(codebook, parent)
        for one in element.findall(f"d:{child}", N):
            element.remove(one)

    return change


def _say(path: str, **attributes: str | None) -> Callable[[Element], None]:
    def change(codebook: Element) -> None:
        element = _of(codebook, path)
        for name, value in attributes.items():
            if value is None:
                del element.attrib[name]
            else:
                element.set(name, value)

    return change


def _repeat(parent: str, child: str) -> Callable[[Element], None]:
    def change(codebook: Element) -> None:
        element = _of(codebook, parent)
        one = _of(element, child)
        element.insert(list(element).index(one), deepcopy(one))

    return change


ORDERED = ("stdyDscr", "citation", "titlStmt", "stdyInfo", "sumDscr", "useStmt", "fileTxt")
ORDERED += ("dimensns", "var", "catgry")


CHANGES: tuple[Callable[[Element], None], ...] = (
    *(_swap(name) for name in ORDERED),
    _remove("stdyDscr", "citation"),
    _remove("citation", "titlStmt"),
    _remove("titlStmt", "titl"),
    _remove("invalrng", "item"),
    _remove("valrng", "range"),
    _repeat("titlStmt", "titl"),
    _repeat("catgry", "catValu"),
    _repeat("var", "varFormat"),
    _repeat("fileTxt", "dimensns"),
    _repeat("dataDscr", "var"),  # its ID stands twice
    _say("var", name=None),
    _say("item", VALUE=None),
    _say("var", intrvl="sometimes"),
    _say("var", files="file-nowhere"),
    _say("var", colour="blue"),
    _say("catgry", missing="yes"),
    _say("range", UNITS="FLOAT"),
    _say("varFormat", type="text"),
    _say("varFormat", schema="other"),
    _say("fileDscr", ID="1 file"),
    lambda codebook: codebook.set("version", "2.6"),
    lambda codebook: codebook.__setitem__(slice(None), list(codebook)[::-1]),
    lambda codebook: setattr(_of(codebook, "labl"), "tag", f"{{{NAMESPACE}}}label"),
)


def test_a_codebook_that_breaks_the_schema_in_one_place_is_refused(
    codebook: Element, tmp_path: Path
) -> None:
    passed = []
    for number, change in enumerate(CHANGES):
        changed = deepcopy(codebook)
        change(changed)
        if not faults_of(changed, tmp_path):
            passed.append(number)
    assert passed == []


def test_what_is_wrong_is_told_by_its_line_and_not_in_its_words(
    codebook: Element, tmp_path: Path
) -> None:
    _of(codebook, "var").set("intrvl", "Picasso")
    assert "Picasso" not in " ".join(faults_of(codebook, tmp_path))
    (tmp_path / "codebook.xml").write_text("<codeBook>\n<Picasso")
    assert codebook_faults(tmp_path / "codebook.xml") == [f"{PATH}: line 2"]


def test_a_number_with_decimals_is_real_and_a_code_an_integer(codebook: Element) -> None:
    kinds = {}
    for var in codebook.iterfind(".//d:var", N):
        items = {one.get("UNITS", "INT") for one in var.iterfind("d:invalrng/d:item", N)}
        kinds[var.get("name")] = items | {
            one.get("UNITS", "INT") for one in var.iterfind("d:valrng/d:range", N)
        }
    assert (kinds["hours_try"], kinds["teaches_try"]) == ({"REAL"}, {"INT"})


def test_it_says_every_variable_of_every_file_with_its_codes(
    package: Package, codebook: Element
) -> None:
    files = read_zip(package)
    said = {}
    for var in codebook.findall("d:dataDscr/d:var", N):
        codes = {
            category.findtext("d:catValu", "", N): category.findtext("d:labl", "", N)
            for category in var.findall("d:catgry", N)
        }
        said[var.get("files"), var.get("name")] = (var.findtext("d:labl", "", N), codes)
    for resource in json.loads(files["datapackage.json"])["resources"]:
        for field in resource["schema"]["fields"]:
            label, codes = said.pop((f"file-{resource['name']}", field["name"]))
            assert label == field["title"]
            wanted = {str(one["value"]): one["label"] for one in field.get("categories", ())}
            if field["type"] in ("integer", "number"):
                wanted |= {code: words for code, words in MISSING.items() if code}
            assert codes == wanted
    assert said == {}
    [wide] = [
        one for one in codebook.findall("d:fileDscr", N) if one.get("ID") == "file-responses_wide"
    ]
    assert wide.findtext("d:fileTxt/d:dimensns/d:caseQnty", "", N) == str(
        len(read_rows(files, "responses_wide"))
    )


PASTED = "a\x00\x0b\x1b\x7f\x85\ufffe\uffff\ufdd0\U0001fffe\tb\n😀\u2028é"


@given(st.text(max_size=40))
@example(PASTED)
@example("\ufffe\uffff")
def test_whatever_a_study_is_called_its_codebook_is_xml(title: str) -> None:
    study = Study(slug="s", title=title, description="", responsible="", waves=[])
    read = fromstring(write_ddi(study, "Ici", "tn", "2026.1", []))
    assert read.findtext("d:stdyDscr/d:citation/d:titlStmt/d:IDNo", "", N) == "tn"


def test_what_neither_xml_nor_html_can_hold_is_in_neither_codebook(
    db: Session, make: Factory
) -> None:
    study, _people = make_answered_study(db, make)
    study.description = f"{PASTED}<i>&"
    db.commit()
    files = read_zip(prepare(db, study))
    page = files["metadata/codebook.html"].decode()
    assert "a\tb\n😀\u2028é&lt;i&gt;&amp;" in page
    read = fromstring(files[PATH])
    assert read.findtext("d:stdyDscr/d:stdyInfo/d:abstract", "", N) == "a\tb\n😀\u2028é<i>&"
    for path in (PATH, "metadata/codebook.html"):
        assert not set("\x0b\x1b\x7f\x85\ufffe\uffff\ufdd0\U0001fffe") & set(files[path].decode())
