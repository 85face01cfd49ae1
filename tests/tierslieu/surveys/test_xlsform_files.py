"""Workbooks that are damaged, enormous or odd: each is answered in a sentence, and at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import make_study
from tests.tierslieu.surveys.test_xlsform import workbook
from tierslieu.errors import Refused
from tierslieu.surveys.queries import find_instrument
from tierslieu.surveys.xlsform import workbooks
from tierslieu.surveys.xlsform.reading import read_xlsform
from tierslieu.surveys.xlsform.workbooks import MOST_CHARACTERS, MOST_IN_A_CELL, open_workbook

PLAIN = workbook([["type", "name", "label"], ["text", "q", "Q"]])
SHEET = "xl/worksheets/sheet2.xml"  # the survey: the first one is openpyxl's own, and empty
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


@pytest.fixture
def researcher(client: LookingClient, db: Session, make: Factory) -> LookingClient:
    make_study(db)
    return client.sign_in(make.user("researcher"))


def send(client: LookingClient, data: bytes) -> Any:
    """A file on the page that imports."""
    form = {"file": (io.BytesIO(data), "f.xlsx")}
    return client.post("/questionnaires/importer", data=form, content_type="multipart/form-data")


def with_part(data: bytes, parts: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A workbook some of whose parts are otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in {**dict.fromkeys(old.namelist()), **parts}:
            was = old.read(name) if name in old.namelist() else b""
            new.writestr(name, parts.get(name, lambda same: same)(was))
    return out.getvalue()


def with_marks(data: bytes, marks: dict[bytes, tuple[int, int]]) -> bytes:
    """A zip whose headers say otherwise: at each mark, this byte at this place."""
    raw = bytearray(data)
    for mark, (place, byte) in marks.items():
        at = raw.find(mark)
        while at >= 0:
            raw[at + place] = byte
            at = raw.find(mark, at + 4)
    return bytes(raw)


def with_noise(data: bytes) -> bytes:
    """A workbook one of whose sheets does not inflate."""
    raw = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = archive.getinfo(SHEET)
    at = found.header_offset + 30 + len(found.filename)
    for place in range(at + 4, at + 30):
        raw[place] ^= 0xFF
    return bytes(raw)


def sharing(words: str, rows: int) -> bytes:
    """A light workbook of whose choices each cell is the same string."""
    cells = '<c t="s"><v>0</v></c>' * 80
    line = f"<row>{cells}</row>"
    strings = f'<sst xmlns="{MAIN}"><si><t>{words}</t></si></sst>'
    related = f'<Relationship Type="{RELATED}" Target="/xl/sharedStrings.xml" Id="rId99"/>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{line * rows}</sheetData></worksheet>'
    return with_part(
        PLAIN,
        {
            "xl/worksheets/sheet3.xml": lambda _old: sheet.encode(),
            "xl/_rels/workbook.xml.rels": lambda old: old.replace(
                b"</Relationships>", related.encode() + b"</Relationships>"
            ),
            "[Content_Types].xml": lambda old: old.replace(
                b"</Types>", part.encode() + b"</Types>"
            ),
            "xl/sharedStrings.xml": lambda _old: strings.encode(),
        },
    )


DAMAGED = {
    "a sheet cut short": with_part(PLAIN, {SHEET: lambda old: old[: len(old) // 2]}),
    "a workbook of other XML": with_part(PLAIN, {"xl/workbook.xml": lambda _old: b"<x><y>"}),
    "styles of other XML": with_part(PLAIN, {"xl/styles.xml": lambda _old: b"<x><y>"}),
    "noise": with_noise(PLAIN),
    "a password": with_marks(PLAIN, {b"PK\x01\x02": (8, 1), b"PK\x03\x04": (6, 1)}),
    "a compression nobody knows": with_marks(PLAIN, {b"PK\x01\x02": (10, 99)}),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_in_a_sentence_beside_its_field(
    researcher: LookingClient, damage: str
) -> None:
    answer = send(researcher, DAMAGED[damage])
    assert answer.status_code == 422
    assert "Ce fichier ne se lit pas" in answer.text


@pytest.mark.both_databases
def test_a_form_in_english_alone_becomes_a_questionnaire_in_english(
    researcher: LookingClient, db: Session
) -> None:
    head = ["type", "name", "label::English (en)"]
    answer = send(researcher, workbook([head, ["text", "q", "What did you learn?"]]))
    assert answer.location == "/questionnaires/essai/1"
    db.rollback()
    found = find_instrument(db, "essai", 1)
    assert found is not None
    assert found.content["languages"] == ["en"]
    assert found.title == "Essai"


def test_a_form_of_more_questions_than_a_questionnaire_has_is_refused_on_its_page(
    researcher: LookingClient,
) -> None:
    many = [["text", f"q{number}", f"Q{number}"] for number in range(201)]
    answer = send(researcher, workbook([["type", "name", "label"], *many]))
    assert answer.status_code == 422
    assert "200 questions au plus" in answer.text
    assert "Le fichier XLSForm" in answer.text  # the form is there, to try another file


def test_a_string_that_many_cells_share_is_straightened_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = workbooks.straighten
    monkeypatch.setattr(workbooks, "straighten", lambda words: seen.append(words) or real(words))
    open_workbook(sharing("a  b", 100))
    assert seen.count("a  b") == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (sharing("a " * (MOST_IN_A_CELL // 2 + 1), 1), "trop longue"),
        (sharing("a " * 16_000, MOST_CHARACTERS // 32_000), "trop de texte"),
        (workbook([["type", "name", "label"], *[["text", "q", "Q"]] * 5000]), "trop grande"),
        (workbook([["type", "name", *["label"] * 79]]), "trop grande"),
    ],
)
def test_a_light_file_that_opens_into_too_much_is_refused(
    app: Flask, data: bytes, words: str
) -> None:
    assert len(data) < 200_000
    with pytest.raises(Refused) as refused:
        read_xlsform(data)
    assert words in refused.value.message
    assert refused.value.field == "file"
