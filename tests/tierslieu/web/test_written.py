"""What people wrote in French is read aloud as French on a page in English."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tests.support.tongues import said
from tierslieu import clock
from tierslieu.people.rights.words import tell
from tierslieu.people.suspending import reopen_account, suspend_account
from tierslieu.web.formats import quoted
from tierslieu.web.forms import Form, OwnForm
from tierslieu.web.written import Ours, Theirs, named, prose, written

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


def test_words_of_ours_among_ones_own_data_and_what_is_of_no_language_are_not_said_to_be_french(
    app: Flask,
) -> None:
    with app.test_request_context("/"), force_locale("en_GB"):
        ours = tell(Ours("Role given"))
        english = tell(Theirs("Your badge", "en"))
        kept = {
            text: tell(text, key).is_kept
            for text, key in [
                ("Première séance", "title"), ("Non", "answer"), ("woman", "gender"),
                ("agreed", "state"), ("42", "number"), ("lea@example.org", "email"),
                ("https://example.org/guide", "link"), ("/collections/7b5e71aa", "address"),
                ("listes.py", "file"), ("xapi:write", "scopes"), ("FR", "country"),
                ('{"@context": "https://www.w3.org/ns"}', "credential"), ("oui (CC BY 4.0)", "x"),
            ]
        }  # fmt: skip
    assert not ours.is_kept
    assert (english.is_kept, english.language) == (True, "en")
    marked = {text for text, is_kept in kept.items() if is_kept}
    assert marked == {"Première séance", "Non", "oui (CC BY 4.0)"}


def test_what_the_team_did_is_said_in_english_and_marked_as_such(
    app: Flask, client: LookingClient, db: Session, make: Factory
) -> None:
    person, chief = make.user(), make.user("administrator")
    with app.test_request_context("/"):
        suspend_account(db, person.id, "Essai du matin.", actor_id=chief.id, now=clock.now())
        reopen_account(db, person.id, now=clock.now())
        db.commit()
    client.sign_in(person)
    page = client.get("/compte/donnees", headers=ENGLISH).text
    assert '<span class="held-text">Account suspended</span>' in page
    assert '<span class="held-text"><span lang="fr">Essai du matin.</span></span>' in page
    marked = set(re.findall(r'<span lang="fr">([^<]*)</span>', page))
    assert not {"Account suspended", "Account reopened", "computer", "woman"} & marked


def test_a_sentence_marks_the_words_it_is_told_of_and_not_our_own_between_quotes(
    app: Flask,
) -> None:
    with app.test_request_context("/"), force_locale("en_GB"):
        sentence = "Choose “Not now” after “L’été” & “Il fait beau”"
        assert named(sentence, "L’été", "Il fait beau") == (
            'Choose “Not now” after “<span lang="fr">L’été</span>” &amp; '
            '“<span lang="fr">Il fait beau</span>”'
        )
        assert named("After “L’été”, <b>") == 'After “<span lang="fr">L’été</span>”, &lt;b&gt;'
        assert quoted(written("L’<été>")) == '“<span lang="fr">L’&lt;été&gt;</span>”'


class _Kept:
    aims, title_fr = "Comprendre les réseaux", "Un titre"


@pytest.mark.parametrize(("base", "mark"), [(Form, ' lang="fr"'), (OwnForm, "")])
def test_ones_own_words_in_a_field_are_not_said_to_be_in_the_language_of_the_place(
    app: Flask, base: type[Form], mark: str
) -> None:
    class Words(base):  # type: ignore[valid-type,misc]
        aims = StringField("Aims")
        title_fr = StringField("Title")

    with app.test_request_context("/"), force_locale("en_GB"):
        form = Words(obj=_Kept)
        assert (' lang="fr"' in form.aims()) is bool(mark)
        assert ' lang="fr"' in form.title_fr(), "a field of words in one language says so"


@pytest.mark.parametrize("given", ["class", "class_"])
def test_a_list_prints_each_attribute_once_and_the_templates_own(app: Flask, given: str) -> None:
    class Lists(Form):
        room = SelectField("Room", choices=["Ada"], render_kw={"class": "wide", "size": 3})

    with app.test_request_context("/"):
        html = Lists().room(**{given: "small"})
    assert html.count(" class=") == 1
    assert ' class="small"' in html
    assert ' size="3"' in html


def test_a_chart_says_whose_each_of_its_words_are(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en_GB"):
        parts = app.jinja_env.get_template("_parts/charts.html").module
        drawn = parts.bars(  # type: ignore[attr-defined]
            [("Before", 3), (Theirs("Depuis l’été"), 4)], Theirs("Ce que l’on sait"), "people"
        )
    assert '<figcaption><span lang="fr">Ce que l’on sait</span> (people)</figcaption>' in drawn
    assert '<caption class="vh"><span lang="fr">Ce que l’on sait</span> (people)</caption>' in drawn
    page = f'<html lang="en"><body>{drawn}</body></html>'
    found = {(words.strip(), language) for language, _where, words in said(page) if words.strip()}
    assert ("Before", "fr") not in found
    assert ("Before", "en") in found
    assert ("(people)", "en") in found
    assert ("Depuis l’été", "fr") in found
