"""What a paper says in another language than its own is told to who hears it (PDF/UA-1, 7.2)."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf

from tests.support.papers import spoken_by, walk
from tierslieu.web.papers import STYLE, draw_pdf

PAGE = (
    '<!doctype html><html lang="en"><head><title>A paper</title></head><body>'
    '<div class="foot"><span lang="fr">Au pied</span></div><main>{}</main></body></html>'
)


def drawn(body: str) -> bytes:
    return draw_pdf([lambda: PAGE.format(body)], STYLE, variant="pdf/ua-1").pdf


def test_each_passage_bears_its_language_in_the_pdf(tmp_path: Path) -> None:
    said = spoken_by(
        drawn(
            '<h1>Seat: <span lang="fr">Une séance à part</span>, today</h1>'
            '<p><a href="https://a.example"><span lang="fr">Un lien</span></a> and '
            '<a href="https://b.example" lang="fr">Un autre</a></p>'
            "<table><thead><tr><th>Where</th></tr></thead>"
            '<tbody><tr><td><span lang="fr">Ici<br>et là</span></td></tr></tbody></table>'
            '<div lang="fr"><p>Des mots <em lang="en">of ours</em> à eux</p></div>'
        ),
        tmp_path,
    )
    # The foot is painted on each page, and no part of what is read.
    assert said == [
        ("en", "Seat:"),
        ("fr", "Une séance à part"),
        ("en", ", today"),
        ("fr", "Un lien"),
        ("en", "and"),
        ("fr", "Un autre"),
        ("en", "Where"),
        ("fr", "Ici"),
        ("fr", "et là"),
        ("fr", "Des mots"),
        ("en", "of ours"),
        ("fr", "à eux"),
    ]


def test_a_passage_that_goes_on_overleaf_bears_its_language_there_too(tmp_path: Path) -> None:
    said = spoken_by(
        drawn(f'<p>Before.</p><p><span lang="fr">{"des mots " * 1500}</span></p>'), tmp_path
    )
    assert {language for language, words in said if "mots" in words} == {"fr"}
    assert sum("mots" in words for _language, words in said) > 60, "several pages of lines"


def test_a_picture_is_described_in_its_language() -> None:
    one = '<svg width="9" height="9"{}><title>{}</title><rect width="9" height="9"/></svg>'
    pdf = drawn(one.format(' lang="fr"', "Des barres") + one.format("", "Some bars"))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = [e for e in walk(opened.Root.StructTreeRoot.K) if e.S == "/Figure"]
        assert [(str(e.Alt), str(e.get("/Lang", ""))) for e in found] == [
            ("Des barres", "fr"),
            ("Some bars", ""),
        ]
