"""Every mail is declared: what it is called, when it goes, to whom, with a sample that renders."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.letters.kinds import BLANKS
from tierslieu.mail.rendering import RenderedMail, render_words
from tierslieu.mail.wording.filling import fill
from tierslieu.mail.words import take_language
from tierslieu.web.languages import LOCALES

MAILS = Path(__file__).parents[3] / "templates/mail"


def rendered(app: Flask, template: str, language: str, **written: str) -> RenderedMail:
    return render_words(
        template,
        KINDS[template].sample,
        language=language,
        settings=app.config["TIERSLIEU"],
        recipient="camille@example.org",
        written=written,
    )


def test_each_template_of_a_mail_is_declared_and_nothing_else_is() -> None:
    texts = {path.stem for path in MAILS.glob("*.txt") if not path.stem.startswith("_")}
    pages = {path.stem for path in MAILS.glob("*.html") if not path.stem.startswith("_")}
    assert texts == set(KINDS)
    assert pages - texts == {"inbox", "message"}, "pages of ours, no mails"


@pytest.mark.parametrize("template", sorted(KINDS))
def test_a_sample_shows_the_mail_in_both_languages_with_what_was_written_into_it(
    app: Flask, db: Session, template: str
) -> None:
    kind = KINDS[template]
    for language in LOCALES:
        plain = rendered(app, template, language)
        assert plain.subject
        assert "$fr" not in plain.text + plain.html
        words = "".join(f" {{{one.french}}}" for one in kind.words)
        opening, closing = f"Début{words}", "Fin & <b>fin</b>"
        written = {
            f"subject_{language}": "Objet de {lieu}",
            f"opening_{language}": opening,
            f"closing_{language}": closing,
        }
        own = rendered(app, template, language, **written)
        place = app.config["TIERSLIEU"].place_name
        new = plain.subject if kind.subject_varies else f"Objet de {place}"
        assert own.subject == new
        begin = "Début" + "".join(
            " " + fill(f"{{{one.french}}}", kind, _context(template, language, place))
            for one in kind.words
        )
        assert begin in own.text
        assert closing in own.text
        assert "Fin &amp; &lt;b&gt;fin&lt;/b&gt;" in own.html
        # Nothing of the mail is lost: not its subject, which becomes the heading, nor a line.
        assert plain.subject in (own.subject, own.text.partition("\n")[0])
        kept = [line for line in plain.text.splitlines() if line.strip()]
        assert [line for line in kept if line not in own.text] == []
        assert own.text.index(begin) < own.text.index(closing) < own.text.index("\n-- \n")


def _context(template: str, language: str, place: str) -> dict[str, object]:
    return {**take_language(KINDS[template].sample, language), "place_name": place}


def test_every_word_to_fill_in_serves_a_mail() -> None:
    used = {key for kind in KINDS.values() for key in kind.blanks.split()}
    assert used | {"place"} == set(BLANKS)
