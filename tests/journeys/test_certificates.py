"""A certificate in two languages, taken away on a phone; and all of a badge's, for a ceremony."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
from playwright.sync_api import Page, expect

from tests.support.journeys import follow, press, title

Open = Callable[..., Page]


def test_a_holder_takes_the_certificate_away_in_both_languages(sign_in: Open) -> None:
    page = sign_in("learner@example.org")
    page.goto("/mes-badges")
    page.locator("li.award-card").first.get_by_role("link", name="Partager, LinkedIn").click()
    files = page.locator("#telecharger ul.files").first
    for link, language, kind in (
        ("Attestation (PDF)", "fr", "Attestation"),
        ("Certificate in English (PDF)", "en", "Certificate"),
    ):
        row = files.get_by_role("listitem").filter(has_text=link)
        button = row.get_by_role("link", name="Télécharger")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        with page.expect_download() as waiting:
            button.click()
        with pikepdf.open(Path(waiting.value.path())) as pdf:
            assert str(pdf.Root.Lang) == language
            assert str(pdf.docinfo.Subject).startswith(kind)
            assert len(pdf.pages) == 1
            assert len(pdf.attachments) == 1


def test_the_team_prints_all_certificates_of_a_badge(sign_in: Open) -> None:
    page = sign_in("facilitator@example.org")
    page.goto("/badges")
    page.get_by_role("link", name="Apprendre ensemble").first.click()
    follow(page, "Qui l’a reçu")
    page.get_by_label("Anglais").check()
    press(page, "Toutes les attestations (PDF, zip)")
    title(page, re.compile("Apprendre ensemble"))
    # The page looks by itself how far it is: nobody touches it.
    ready = page.get_by_role("link", name="Télécharger les attestations (zip)")
    expect(ready).to_be_visible(timeout=90_000)
    with page.expect_download() as waiting:
        ready.click()
    assert waiting.value.suggested_filename.startswith("attestations-")
    archive = zipfile.ZipFile(Path(waiting.value.path()))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names
    for name in names[:3]:
        with pikepdf.open(io.BytesIO(archive.read(name))) as pdf:
            assert str(pdf.Root.Lang) == "en"
    follow(page, "Qui a reçu ce badge")
    expect(page.get_by_role("link", name=re.compile("^En anglais, le "))).to_be_visible()
