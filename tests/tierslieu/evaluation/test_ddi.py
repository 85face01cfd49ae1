"""The codebook in DDI says what the other one says, in the order of the schema."""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.evaluation import read_rows, read_zip
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


@given(st.text(max_size=40))
def test_whatever_a_study_is_called_its_codebook_is_xml(title: str) -> None:
    study = Study(slug="s", title=title, description="", responsible="", waves=[])
    read = fromstring(write_ddi(study, "Ici", "tn", "2026.1", []))
    assert read.findtext("d:stdyDscr/d:citation/d:titlStmt/d:IDNo", "", N) == "tn"
