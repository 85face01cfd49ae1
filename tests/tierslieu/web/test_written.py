"""What people wrote in French is read aloud as French on a page in English."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.sessions import make_session
from tierslieu.people.rights.words import tell
from tierslieu.web.written import prose, written

ENGLISH = {"Accept-Language": "en-GB"}


def test_the_words_of_the_place_are_marked_on_a_page_that_speaks_another_language(
    app: Flask,
) -> None:
    with app.test_request_context("/"), force_locale("en_GB"):
        assert written("Faire <un> robot") == '<span lang="fr">Faire &lt;un&gt; robot</span>'
        assert written("Make a robot", "en") == "Make a robot"
        assert written("") == ""
        assert prose(Markup("<p>Oui</p>")) == '<div lang="fr"><p>Oui</p></div>'
    with app.test_request_context("/"), force_locale("fr_FR"):
        assert written("Faire un robot") == "Faire un robot"
        assert written("Make a robot", "en") == '<span lang="en">Make a robot</span>'


def test_a_title_is_marked_on_the_page_in_english_and_bare_in_french(
    client: LookingClient, db: Session
) -> None:
    session = make_session(db, title="Une séance à part")
    page = f"/agenda/{session.id}"
    assert "<h1>Une séance à part</h1>" in client.get(page).text
    english = client.get(page, headers=ENGLISH).text
    assert '<h1><span lang="fr">Une séance à part</span></h1>' in english
    assert "<title>Une séance à part" in english


def test_ones_own_data_say_what_is_kept_in_its_language_and_the_rest_in_the_readers(
    app: Flask,
) -> None:
    held = {"added_at": "2026-11-28", "is_public": True, "À emporter": "une souris"}
    with app.test_request_context("/"), force_locale("en_GB"):
        (_, day), (_, yes), (column, said) = tell(held).rows
    assert not day.is_kept
    assert not yes.is_kept
    assert said.is_kept
    assert column == '<span lang="fr">À emporter</span>'
