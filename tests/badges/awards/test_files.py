"""Every form of a credential carries the same signed text, byte for byte."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from badges.awards import files
from badges.awards.models import Award
from badges.engine import baking
from badges.engine.verify import verify
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.factories import Factory

# WeasyPrint leaves the closing of its own colour profile to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")


@pytest.fixture
def award(db: Session, make: Factory) -> Award:
    ada = make.user(name="Ada Lovelace, née Byron à Łódź")
    return make_award(db, ada, make.user("facilitator"), open_badges(db))


def test_the_json_is_the_text_that_was_signed(award: Award) -> None:
    assert files.make_json(award).data == award.credential.encode()


def test_the_pictures_carry_it_and_stay_pictures(award: Award) -> None:
    png, svg = files.make_png(award), files.make_svg(award)
    assert baking.extract(png.data).text == award.credential
    assert baking.extract(svg.data).text == award.credential
    assert Image.open(io.BytesIO(png.data)).size == (640, 640)
    assert png.filename == "enseigner-snt-python.png"


def test_the_certificate_holds_the_signed_file_and_says_what_it_attests(
    app: Flask, award: Award, tmp_path: Path
) -> None:
    with app.test_request_context():
        made = files.make_pdf(award, settings_here())
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        (name,) = pdf.attachments
        assert name == "enseigner-snt-python.json"
        attached = pdf.attachments[name].get_file()
        assert attached.read_bytes() == award.credential.encode()
        assert str(pdf.Root.Lang) == "fr"
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) == 1
        metadata = pdf.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
    paper = tmp_path / "badge.pdf"
    paper.write_bytes(made.data)
    words = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Ada Lovelace, née Byron à Łódź" in words
    assert "Enseigner SNT" in words
    assert re.search(r"20\s+novembre 2026", words)
    assert "CRCN 3.4 Programmer" in words
    report = verify(made.data, fetch=None, now=NOW)
    assert report.form == "pdf"
    assert report.check("proof").outcome == "passed"


def test_its_fonts_are_ours_and_inside(app: Flask, award: Award, tmp_path: Path) -> None:
    paper = tmp_path / "badge.pdf"
    with app.test_request_context():
        paper.write_bytes(files.make_pdf(award, settings_here()).data)
    listed = subprocess.run(
        ["pdffonts", str(paper)], capture_output=True, text=True, check=True
    ).stdout
    fonts = [line.split()[0] for line in listed.splitlines()[2:]]
    assert fonts
    known = re.compile(r"[A-Z]{6}\+(Bricolage|Atkinson|Narrow)")
    assert all(known.match(font) for font in fonts), fonts


def test_words_that_look_like_markup_stay_words_in_every_picture(
    db: Session, make: Factory
) -> None:
    nasty = "]]><script>alert(1)</script> & \u0394 — «\u202fœuvre\u202f»\n- fin]]>"
    award = make_award(
        db, make.user(name=nasty), make.user("facilitator"), open_badges(db), criteria=nasty
    )
    svg = files.make_svg(award).data
    assert baking.extract(svg).text == award.credential
    assert baking.extract(files.make_png(award).data).text == award.credential
    tags = [element.tag for element in ElementTree.fromstring(svg).iter()]
    assert not any(tag.endswith("script") for tag in tags)
