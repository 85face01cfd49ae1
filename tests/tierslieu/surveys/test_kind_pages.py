"""The pages of a questionnaire that asks every kind of question, in two languages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.surveys import load_instrument, make_invitation, make_study, make_wave, typed
from tierslieu.surveys.models import Answer, Invitation, ResponseSheet

YES = {"teaches": "1", "levels_2": "1", "hours": "12,5", "since": "2011-09-01"}
CLASS = {"sure_explain": "3", "sure_lost": "2", "sure_help": "-98", "tools_py_1": "1"}
LAST = {"wants_1": "2", "wants_2": "1", "wants_3": "3", "likely": "85", "recall": "1"}


@pytest.fixture
def invitation(db: Session, make: Factory) -> Invitation:
    study = make_study(db)
    make_wave(db, study, load_instrument("toutes-questions-v1"))
    return make_invitation(db, make.user(), "try")


@pytest.fixture
def address(invitation: Invitation) -> str:
    return f"/questionnaire/{invitation.code}"


def kept(db: Session) -> dict[str, str]:
    db.rollback()
    return {one.item: one.value for one in db.scalars(select(Answer))}


def test_every_kind_is_asked_kept_and_shown_again_as_it_was_left(
    client: LookingClient, db: Session, address: str
) -> None:
    client.get(f"{address}/page/1")
    assert client.post(f"{address}/page/1", data=typed(YES)).location == f"{address}/page/2"
    again = client.get(f"{address}/page/1").text
    assert 'name="q-hours" type="text" value="12.5"' in again
    assert re.search(r'name="q-levels_2" value="1" checked', again)
    assert not re.search(r'name="q-levels_1" value="1" checked', again)
    assert client.post(f"{address}/page/2", data=typed(CLASS)).location == f"{address}/page/3"
    assert re.search(r'value="-98" checked', client.get(f"{address}/page/2").text)
    sent = client.post(f"{address}/page/3", data=typed(LAST))
    assert sent.location == address
    assert "Merci" in client.get(address).text
    found = kept(db)
    assert (found["hours"], found["levels_1"], found["tools_sheet_2"]) == ("12.5", "0", "0")
    assert found["wants_2"] == "1"


def test_a_page_that_is_not_asked_is_passed_and_not_counted(
    client: LookingClient, db: Session, address: str
) -> None:
    assert (
        client.post(f"{address}/page/1", data=typed({"teaches": "2"})).location
        == f"{address}/page/3"
    )
    page = client.get(f"{address}/page/3").text
    assert "Page 2 sur 2" in page
    assert client.get(f"{address}/page/2").location == f"{address}/page/3"
    assert client.post(f"{address}/page/2", data=typed(CLASS)).status_code == 404
    back = client.post(f"{address}/page/3", data={"go": "back"})
    assert back.location == f"{address}/page/1"


def test_who_goes_back_and_chooses_otherwise_leaves_no_answer_behind(
    client: LookingClient, db: Session, address: str
) -> None:
    client.post(f"{address}/page/1", data=typed(YES))
    client.post(f"{address}/page/2", data=typed(CLASS))
    client.post(f"{address}/page/1", data=typed({"teaches": "2"}))
    client.post(f"{address}/page/3", data=typed(LAST))
    assert not [name for name in kept(db) if name.startswith(("sure", "tools", "levels"))]


def test_what_was_left_on_a_page_asked_since_is_asked_before_sending(
    client: LookingClient, address: str
) -> None:
    client.post(f"{address}/page/1", data=typed({"teaches": "2"}))
    client.post(f"{address}/page/3", data=typed(LAST, "later"))
    client.post(f"{address}/page/1", data=typed(YES))
    refused = client.post(f"{address}/page/3", data=typed(LAST))
    assert refused.location == f"{address}/page/2"
    assert "Il manque une réponse page 2" in client.get(refused.location).text
    client.post(f"{address}/page/2", data=typed(CLASS))
    client.post(f"{address}/page/3", data=typed(LAST))
    assert "Merci" in client.get(address).text


def test_what_is_wrong_is_said_at_the_question_and_what_was_written_stays(
    client: LookingClient, address: str
) -> None:
    client.post(f"{address}/page/1", data=typed(YES))
    client.post(f"{address}/page/2", data=typed(CLASS))
    wrong = {**LAST, "wants_2": "2"}
    page = client.post(f"{address}/page/3", data=typed(wrong))
    assert page.status_code == 422
    assert 'aria-describedby="q-wants-error"' in page.text
    assert "Deux réponses ont le même rang" in page.text
    assert '<a href="#q-wants">Ce qui aiderait</a>' in page.text
    assert re.search(r'name="q-likely"[^>]*value="85"', page.text)


def test_one_answers_in_english_and_the_sheet_says_so(
    client: LookingClient, db: Session, address: str
) -> None:
    threshold = client.get(address).text
    assert f'href="{address}?langue=en"' in threshold
    page = client.get(f"{address}/page/1?langue=en").text
    assert '<div class="questions" lang="en">' in page
    assert "Do you teach this year?" in page
    assert f'action="{address}/page/1?langue=en"' in page
    answer = client.post(f"{address}/page/1?langue=en", data=typed({"teaches": "2"}))
    assert answer.location == f"{address}/page/3?langue=en"
    db.rollback()
    assert db.scalars(select(ResponseSheet.language)).all() == ["en"]
    # Resumed elsewhere, in the language it was begun in; a stranger's is the browser's.
    assert "What would help you most?" in client.get(f"{address}/page/3").text
    assert "Do you teach" in client.get(f"{address}/page/1?langue=de").text


def test_the_browser_s_language_is_the_first_one_offered(
    client: LookingClient, address: str
) -> None:
    english = client.get(f"{address}/page/1", headers={"Accept-Language": "en-GB,en;q=0.8"}).text
    assert "Do you teach this year?" in english
