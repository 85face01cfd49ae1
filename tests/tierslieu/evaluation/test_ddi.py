"""The codebook in DDI says what the other one says, in the order of the schema."""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element, fromstring

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
from tierslieu.surveys.models import Study

N = {"d": NAMESPACE}
# What the schema says of the order of an element's children, for those that are written here.
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr"],
    "stdyDscr": ["citation", "stdyInfo", "method", "dataAccs"],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "verStmt"],
    "titlStmt": ["titl", "IDNo"],
    "stdyInfo": ["abstract", "sumDscr"],
    "sumDscr": ["anlyUnit", "universe", "dataKind"],
    "useStmt": ["confDec", "restrctn"],
    "fileTxt": ["fileName", "fileCont", "dimensns", "fileType"],
    "dimensns": ["caseQnty", "varQnty"],
    "var": ["labl", "qstn", "valrng", "invalrng", "catgry", "varFormat"],
    "catgry": ["catValu", "labl"],
}


@pytest.fixture
def codebook(package: Package) -> Element:
    return fromstring(read_zip(package)[PATH])


def test_every_element_is_of_the_namespace_in_the_order_of_the_schema(codebook: Element) -> None:
    for element in codebook.iter():
        space, _brace, name = element.tag[1:].partition("}")
        assert space == NAMESPACE
        children = [child.tag.partition("}")[2] for child in element]
        order = ORDER.get(name, children)
        assert children == sorted(children, key=order.index), name
    ids = [element.get("ID") for element in codebook.iter() if element.get("ID")]
    assert len(set(ids)) == len(ids)


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
