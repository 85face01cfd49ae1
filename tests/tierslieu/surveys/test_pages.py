"""The pages of a questionnaire, from the mailed address or signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.files import path_of
from tests.support.surveys import (
    answer,
    answers_for,
    make_invitation,
    make_study,
    questionnaire_of,
    settings,
    typed,
)
from tierslieu import clock
from tierslieu.people.models import User
from tierslieu.surveys.models import Answer, Invitation, ResponseSheet
from tierslieu.surveys.pseudonyms import key_file
from tierslieu.surveys.queries import list_waiting


@pytest.fixture
def user(make: Factory) -> User:
    return make.user(name="Élodie Garnier", email="elodie.garnier@example.org")


@pytest.fixture
def invitation(db: Session, user: User) -> Invitation:
    make_study(db)
    return make_invitation(db, user)


@pytest.fixture
def address(invitation: Invitation) -> str:
    return f"/questionnaire/{invitation.code}"


def stored(db: Session) -> dict[str, str]:
    db.rollback()
    return {a.item: a.value for a in db.scalars(select(Answer).order_by(Answer.item))}


def test_the_mailed_address_works_without_signing_in_and_says_what_becomes_of_answers(
    client: LookingClient, address: str
) -> None:
    page = client.get(address).text
    assert "Après une séance" in page
    assert "Boucles et listes" in page
    assert "gardées sous un pseudonyme" in page
    assert "Sans cet accord, seul le fait que vous avez répondu est compté" in page
    assert "Pas cette fois" in page
    assert "Commencer" in page


def test_every_point_of_a_scale_is_a_labelled_radio_of_one_group(
    client: LookingClient, address: str, invitation: Invitation
) -> None:
    page = client.get(f"{address}/page/1").text
    for item in questionnaire_of(invitation).pages[0].items:
        assert page.count(f'name="q-{item.name}"') == 6  # five points and «je préfère ne pas»
        for option in item.options:
            assert f">{option.label}</span></label>" in page
    assert page.count("<fieldset") == page.count("<legend>") == 3
    assert page.count("Je préfère ne pas répondre") == 3


def test_no_page_of_a_questionnaire_shows_a_name(
    client: LookingClient, address: str, user: User, invitation: Invitation
) -> None:
    client.sign_in(user)
    asked = questionnaire_of(invitation)
    pages = [client.get(address).text]
    for number in range(1, len(asked.pages) + 1):
        pages.append(client.get(f"{address}/page/{number}").text)
        client.post(f"{address}/page/{number}", data=typed(answers_for(asked, number - 1)))
    pages.append(client.get(address).text)
    assert "Merci, vos réponses sont arrivées" in pages[-1]
    for page in pages:
        for trace in (user.name, "Garnier", user.email, f">{user.initials}<"):
            assert trace not in page


def test_answers_are_resumed_on_another_device(
    client: LookingClient, db: Session, address: str, user: User
) -> None:
    first = {"usefulness": "4", "clarity": "5", "pace": "-98"}
    answered = client.post(f"{address}/page/1", data=typed(first))
    assert answered.location == f"{address}/page/2"
    left = client.post(f"{address}/page/2", data=typed({"welcome": "2"}, "later"))
    assert left.location == address
    other = client.application.test_client().sign_in(user)  # type: ignore[attr-defined]
    threshold = other.get(address).text
    assert "Vous aviez commencé" in threshold
    assert f'href="{address}/page/2"' in threshold
    again = other.get(f"{address}/page/2").text
    assert 'name="q-welcome" value="2" checked' in again
    assert 'name="q-pace" value="-98" checked' in other.get(f"{address}/page/1").text
    assert stored(db) == {**first, "welcome": "2"}


def test_going_back_keeps_the_page_and_asks_for_nothing(
    client: LookingClient, db: Session, address: str
) -> None:
    client.post(f"{address}/page/1", data=typed({"usefulness": "4", "clarity": "5", "pace": "3"}))
    back = client.post(f"{address}/page/2", data=typed({"ease": "1"}, "back"))
    assert back.location == f"{address}/page/1"
    assert stored(db)["ease"] == "1"


def test_one_does_not_skip_to_a_later_page(client: LookingClient, address: str) -> None:
    assert client.get(f"{address}/page/3").location == f"{address}/page/1"
    assert client.get(f"{address}/page/0").status_code == 404


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"usefulness": "9", "clarity": "5", "pace": "3"}, "Choisissez l’une des réponses"),
        ({"usefulness": "4", "clarity": "5"}, "vous pouvez aussi préférer ne pas répondre"),
        (
            {"usefulness": "4", "clarity": "5", "pace": "3", "salary": "1"},
            "ne pose pas cette question",
        ),
    ],
)
def test_a_bad_answer_gets_a_sentence_and_nothing_is_kept(
    client: LookingClient, db: Session, address: str, data: dict[str, str], sentence: str
) -> None:
    answered = client.post(f"{address}/page/1", data=typed(data))
    assert answered.status_code == 422
    assert sentence in answered.text
    assert 'name="q-clarity" value="5" checked' in answered.text  # what was right stays filled in
    assert stored(db) == {}
    assert db.scalar(select(func.count()).select_from(ResponseSheet)) == 0


def test_a_number_out_of_bounds_is_refused_beside_its_field(
    client: LookingClient, db: Session, address: str
) -> None:
    client.post(f"{address}/page/1", data=typed({"usefulness": "4", "clarity": "5", "pace": "3"}))
    answered = client.post(
        f"{address}/page/2", data=typed({"welcome": "4", "practice_min": "mille"})
    )
    assert answered.status_code == 422
    assert "Écrivez un nombre entier, de 0 à 480." in answered.text
    assert 'id="q-practice_min-error"' in answered.text
    assert 'value="mille"' in answered.text
    assert "welcome" not in stored(db)


def test_declining_is_one_click_and_can_be_undone(
    client: LookingClient, address: str, user: User
) -> None:
    client.post(f"{address}/pas-cette-fois")
    page = client.get(address).text
    assert "Répondre quand même" in page
    assert client.get(f"{address}/page/1").status_code == 200
    signed_in = client.application.test_client().sign_in(user)  # type: ignore[attr-defined]
    assert signed_in.post(f"{address}/pas-cette-fois").location == "/"


def test_someone_elses_code_answers_as_an_unknown_one(
    client: LookingClient, make: Factory, address: str, invitation: Invitation
) -> None:
    for role in ("learner", "facilitator", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(role))
        assert client.get(address).status_code == 404
        assert client.get(f"{address}/page/1").status_code == 404
        assert client.post(f"{address}/page/1", data=typed({"usefulness": "1"})).status_code == 404
        assert client.post(f"{address}/pas-cette-fois").status_code == 404
    assert client.get("/questionnaire/nothing-of-the-kind").status_code == 404


def test_a_closed_questionnaire_says_so_and_takes_nothing(
    client: LookingClient, db: Session, address: str, invitation: Invitation
) -> None:
    with clock.fixed_at(invitation.closes_at + timedelta(minutes=1)):
        closed = client.get(address)
        assert closed.status_code == 410
        assert "Ce questionnaire est fermé" in closed.text
        sent = client.post(
            f"{address}/page/1", data=typed({"usefulness": "1"}), follow_redirects=True
        )
        assert "n’accepte plus de réponses" in sent.text
    assert stored(db) == {}


def test_a_study_that_ended_asks_nothing_more(
    client: LookingClient, db: Session, address: str, invitation: Invitation, user: User
) -> None:
    invitation.wave.study.closed_at = clock.now()
    db.commit()
    assert client.get(address).status_code == 410
    client.post(f"{address}/page/1", data=typed({"usefulness": "1", "clarity": "1", "pace": "1"}))
    assert stored(db) == {}
    assert list_waiting(db, user.id, clock.now()) == []


def test_sending_twice_is_answered_kindly(
    client: LookingClient, db: Session, address: str, invitation: Invitation
) -> None:
    answer(db, invitation, value="4")
    again = client.post(
        f"{address}/page/1",
        data=typed({"usefulness": "1", "clarity": "1", "pace": "1"}),
        follow_redirects=True,
    )
    assert "déjà parvenues" in again.text
    assert stored(db)["usefulness"] == "4"
    assert client.get(f"{address}/page/1").location == address


def test_a_study_without_its_key_takes_no_answers_and_says_why(
    client: LookingClient, address: str
) -> None:
    path = path_of(settings().keys, key_file("tiers-lieu"))
    kept = path.read_bytes()
    path.unlink()
    try:
        page = client.get(address)
        assert page.status_code == 409
        assert "La clé de cette étude n’est plus là" in page.text
    finally:
        path.write_bytes(kept)
