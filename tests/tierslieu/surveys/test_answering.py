"""Questionnaires whose questions have trying names, and answers that leave a page behind."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import (
    instrument_of,
    make_invitation,
    make_study,
    make_wave,
    question,
    typed,
)
from tierslieu.surveys.models import Answer


def kept(db: Session) -> dict[str, str]:
    db.rollback()
    return {one.item: one.value for one in db.scalars(select(Answer))}


@pytest.mark.parametrize(
    "name",
    ["process", "meta", "data", "errors", "form_errors", "validate", "of", "go", "csrf_token"],
)
def test_a_question_may_bear_the_name_of_anything_a_form_has(
    client: LookingClient, db: Session, make: Factory, name: str
) -> None:
    make_wave(db, make_study(db), instrument_of([question(name), question("last")]))
    address = f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"
    assert f"Question {name}" in client.get(f"{address}/page/1").text
    missing = client.post(f"{address}/page/1", data=typed({name: "2"}))
    assert missing.status_code == 422
    assert missing.text.count("vous pouvez aussi préférer ne pas répondre") == 2  # above, beside
    assert re.search(rf'name="q-{name}" value="2" checked', missing.text)
    sent = client.post(f"{address}/page/1", data=typed({name: "2", "last": "1"}))
    assert sent.location == address
    assert kept(db) == {name: "2", "last": "1"}


@pytest.fixture
def branching(db: Session, make: Factory) -> str:
    """The address of three pages, the second of which is asked where the first says yes."""
    content = instrument_of([question("a")], [question("b")], [question("c")])
    content["pages"][1]["when"] = {"item": "a", "is": 1}
    make_wave(db, make_study(db), content)
    return f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"


def test_who_changes_their_mind_resumes_at_the_page_that_this_brought_in(
    client: LookingClient, db: Session, branching: str
) -> None:
    assert client.post(f"{branching}/page/1", data=typed({"a": "2"})).location.endswith("/page/3")
    assert f'href="{branching}/page/3"' in client.get(branching).text
    client.post(f"{branching}/page/3", data=typed({}, "back"))
    client.post(f"{branching}/page/1", data=typed({"a": "1"}, "later"))
    threshold = client.get(branching).text
    assert f'href="{branching}/page/2"' in threshold
    assert "de la page 2 à la page 3" in threshold


@pytest.mark.both_databases
def test_the_last_page_is_kept_where_one_before_is_missing_and_leads_there(
    client: LookingClient, db: Session, branching: str
) -> None:
    client.post(f"{branching}/page/1", data=typed({"a": "2"}))
    client.post(f"{branching}/page/1", data=typed({"a": "1"}, "later"))
    held = client.post(f"{branching}/page/3", data=typed({"c": "1"}))
    assert held.location == f"{branching}/page/2"
    page = client.get(held.location).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Il manque une réponse page 2, « Page 2 »" in page
    assert kept(db) == {"a": "1", "c": "1"}
    assert f'href="{branching}/page/2"' in client.get(branching).text
    assert client.post(f"{branching}/page/2", data=typed({"b": "1"})).location.endswith("/page/3")
    assert client.post(f"{branching}/page/3", data=typed({"c": "1"})).location == branching
    assert "Merci" in client.get(branching).text


def test_who_comes_back_to_a_page_that_is_asked_no_more_resumes_before_it(
    client: LookingClient, db: Session, make: Factory
) -> None:
    pages = [question("a")], [question("b")]
    content = instrument_of(*pages, [question("c", when={"item": "a", "is": 1})])
    make_wave(db, make_study(db), content)
    address = f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"
    client.post(f"{address}/page/1", data=typed({"a": "1"}))
    client.post(f"{address}/page/2", data=typed({"b": "1"}))
    client.post(f"{address}/page/1", data=typed({"a": "2"}, "later"))
    assert f'href="{address}/page/2"' in client.get(address).text


def test_bounds_are_written_as_numbers_are_in_french(
    client: LookingClient, db: Session, make: Factory
) -> None:
    number = {"kind": "number", "options": [], "minimum": 0.5, "maximum": 12345678, "decimals": 1}
    asked = question("k", **number), question("w", when={"item": "k", "at_least": 12345.125})
    make_wave(db, make_study(db), instrument_of(asked))
    address = f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"
    assert "De 0,5 à 12\u202f345\u202f678." in client.get(f"{address}/page/1").text
    refused = client.post(f"{address}/page/1", data=typed({"k": "mille"})).text
    assert "Écrivez un nombre de 0,5 à 12\u202f345\u202f678, un chiffre au plus" in refused
    client.sign_in(make.user("researcher"))
    assert "vaut au moins 12\u202f345,125" in client.get("/questionnaires/essai/1").text


@pytest.mark.parametrize("character", ["\ufffe", "\ufdd0", "\x07"])
def test_words_that_no_file_can_hold_are_refused(
    client: LookingClient, db: Session, make: Factory, character: str
) -> None:
    words = {"kind": "text", "options": [], "max_length": 90}
    make_wave(db, make_study(db), instrument_of([question("w", **words)]))
    address = f"/questionnaire/{make_invitation(db, make.user(), 'try').code}"
    refused = client.post(f"{address}/page/1", data=typed({"w": f"mots{character}"}))
    assert "contient un caractère invisible" in refused.text
    assert kept(db) == {}
