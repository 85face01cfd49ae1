"""The pages of free texts, by who looks: each text alone, and of nobody."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.free_text import ask, begin, copies, make_written_study
from tierslieu.evaluation.free_text.models import (
    ReadingState,
    ReadText,
    TextRequest,
    TextRequestState,
)
from tierslieu.people.models import User
from tierslieu.surveys.models import Study, Wave


@pytest.fixture
def researcher(make: Factory) -> User:
    return make.user("researcher")


@pytest.fixture
def reader(make: Factory) -> User:
    return make.user("coordinator")


@pytest.fixture
def written(db: Session, make: Factory, researcher: User) -> tuple[Study, Wave, list[User]]:
    return make_written_study(db, make, researcher, 6)


def where(request: TextRequest) -> str:
    return f"/etudes/{request.study_id}/textes/{request.id}"


def post(client: FlaskClient, address: str, **values: object) -> tuple[int, str]:
    answer = client.post(address, data=values, follow_redirects=True)
    return answer.status_code, answer.text


def test_a_researcher_asks_on_the_page_of_the_study_and_sees_what_was_answered(
    client: LookingClient, db: Session, written: tuple[Study, Wave, list[User]], researcher: User
) -> None:
    study, wave, _people = written
    client.sign_in(researcher)
    assert "Demander des textes" in client.get(f"/etudes/{study.id}").text
    address = f"/etudes/{study.id}/textes/demander"
    page = client.get(address).text
    assert "Une idée" in page
    assert "Question sure" not in page
    status, page = post(client, address, questions=[f"{wave.id} idea"], reason="")
    assert status == 422
    assert "Ce champ est nécessaire" in page
    status, page = post(client, address, questions=["rien idea"], reason="Pour coder.")
    assert status == 422
    status, page = post(client, address, questions=[f"{wave.id} idea"], reason="Pour coder.")
    assert (status, "la coordination en est prévenue" in page) == (200, True)
    assert "Commencer la lecture" not in page
    assert "attend la coordination" in client.get(f"/etudes/{study.id}").text


def shown_wording(page: str) -> str:
    """Which wording this page lets out."""
    [found] = re.findall(r'name="seen" value="([0-9a-f]{32})"', page)
    return str(found)


def test_the_coordination_reads_each_text_alone_and_answers(
    client: LookingClient,
    db: Session,
    written: tuple[Study, Wave, list[User]],
    researcher: User,
    reader: User,
) -> None:
    study, wave, people = written
    request = ask(db, study, wave, researcher, ("idea", "wish"))
    client.sign_in(reader)
    assert "Des réponses écrites à lire" in client.get("/").text
    page = client.get(where(request)).text
    assert "Pour coder." in page
    assert "idee" not in page
    assert client.get(f"{where(request)}/lire").status_code == 302  # nothing is open yet
    status, page = post(client, f"{where(request)}/lecture")
    assert "Texte 1 sur 12" in page
    seen = []
    for _turn in range(12):
        page = client.get(f"{where(request)}/lire", follow_redirects=True).text
        [words] = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", page, re.S)
        seen.append(words)
        # One text a page; neither its person nor its sheet, nor the other text of that sheet.
        assert len(re.findall(r"(?:idee|souhait)\dmot", page)) == 1
        assert not [one for one in people if one.name in page or str(one.id) in page]
        assert not [one for one in copies(db, request) if str(one.sheet_id) in page]
        [text_id] = [one.id for one in copies(db, request) if one.text == words]
        address = f"{where(request)}/lire/{text_id}"
        if len(seen) == 1:
            status, page = post(client, address, act="replace", passage="nulle part", by="")
            assert status == 422
            status, page = post(client, address, act="replace", passage=words[:4], by="[un mot]")
            assert f"[un mot]{words[4:]}" in page
        if len(seen) == 1:
            status, after = post(client, address, act="let_out", seen=shown_wording(page) + "0")
            assert "Ce texte a été modifié pendant que vous le lisiez" in after
            assert "[un mot]" in after, "one is back before the text as it is now"
        post(
            client,
            address,
            act="keep" if len(seen) == 2 else "let_out",
            seen=shown_wording(page),
        )
    assert len(set(seen)) == 12
    status, page = post(client, f"{where(request)}/reponse", answer="refuse", word="")
    assert (status, "Dites pourquoi" in page) == (422, True)
    status, page = post(client, f"{where(request)}/reponse", answer="agree", word="Bien lu.")
    assert "l’équipe de l’étude prévenue" in page
    db.expire_all()
    assert request.state is TextRequestState.AGREED
    client.sign_in(researcher)
    page = client.get(where(request)).text
    assert "Bien lu." in page
    assert "Reprendre" not in page
    client.sign_in(reader)
    status, page = post(client, f"{where(request)}/retrait")
    assert "accord repris" in page


def test_an_agreement_before_everything_is_read_is_refused_on_the_page(
    client: LookingClient,
    db: Session,
    written: tuple[Study, Wave, list[User]],
    researcher: User,
    reader: User,
) -> None:
    study, wave, _people = written
    request = ask(db, study, wave, researcher)
    begin(db, request, reader)
    client.sign_in(reader)
    status, page = post(client, f"{where(request)}/reponse", answer="agree", word="")
    assert (status, "rien ne sort sans avoir été lu" in page) == (422, True)


def test_who_has_a_part_in_the_study_reads_nothing_and_others_find_nothing(
    client: LookingClient,
    db: Session,
    make: Factory,
    written: tuple[Study, Wave, list[User]],
    researcher: User,
    reader: User,
) -> None:
    study, wave, _people = written
    request = ask(db, study, wave, researcher)
    [text, *_others] = begin(db, request, reader)
    one = f"{where(request)}/lire/{text.id}"
    for person, status in (
        (researcher, 403),
        (make.user("researcher"), 403),
        (make.user("learner"), 403),
    ):
        client.sign_in(person)
        assert client.get(one).status_code == status
        assert client.post(f"{where(request)}/lecture").status_code == status
    client.sign_in(make.user("researcher"))
    assert client.get(where(request)).status_code == 404
    assert client.get(f"/etudes/{study.id}/textes/demander").status_code == 404
    researcher.roles.extend(reader.roles)
    db.commit()
    client.sign_in(researcher)
    assert client.get(one).status_code == 404
    assert client.post(one, data={"act": "let_out"}).status_code == 404
    assert client.post(f"{where(request)}/reponse", data={"answer": "agree"}).status_code == 404
    db.expire_all()
    assert db.get_one(ReadText, text.id).state is ReadingState.WAITING


def test_people_read_that_their_texts_may_be_let_out_before_they_say_yes(
    client: LookingClient, make: Factory, written: tuple[Study, Wave, list[User]], researcher: User
) -> None:
    study, _wave, _people = written
    client.sign_in(make.user("learner"))
    page = client.get(f"/recherche/{study.slug}").text
    assert "peut les relire une à une" in page
    client.sign_in(researcher)
    assert "peut les relire une à une" in client.get(f"/etudes/{study.id}/preparer").text
    address = f"/etudes/{study.id}/texte"
    post(client, address, body="Sans textes.")
    assert "Sans textes." in client.get(address).text
