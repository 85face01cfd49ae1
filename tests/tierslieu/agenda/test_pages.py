"""Rooms and the planning of a session, as a facilitator does them and nobody else may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Initiation à Python",
        "day": "2026-11-26",
        "starts": "14:00",
        "ends": "17:00",
        "room": "",
        "onsite": "",
        "online": "10",
        "online_link": "https://visio.example.org/x",
        "step": "",
        **changes,
    }


def test_a_facilitator_plans_a_session_that_anybody_then_reads(
    db: Session, make: Factory, client: LookingClient
) -> None:
    facilitator, room = make.user("facilitator", name="Nadia Benali"), make_room(db)
    client.sign_in(facilitator)
    assert 'name="title"' in client.get("/agenda/nouvelle").get_data(as_text=True)
    data = filled(room=str(room.id), onsite="8", facilitators=[str(facilitator.id)])
    answer = client.post("/agenda/nouvelle", data=data)
    assert answer.status_code == 302
    client.sign_out()
    page = text_of(client.get(answer.location))
    assert "Jeudi 26 novembre 2026, 14 h – 17 h" in page
    assert "Nadia Benali" in page
    assert "Sur place · 8 places" in page
    assert "visio.example.org" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "  "}, "Donnez un titre à cette séance."),
        ({"title": "x" * 161}, "160 caractères au plus."),
        ({"title": "Python\nBcc: x"}, "un caractère invisible"),
        ({"day": ""}, "Choisissez un jour."),
        ({"day": "2026-02-30"}, "Cette date n’existe pas"),
        ({"starts": "deux heures"}, "Écrivez l’heure ainsi : 14:00."),
        ({"ends": "13:00"}, "La séance finit à 13 h, avant de commencer à 14 h"),
        ({"day": "2027-03-28", "starts": "02:30"}, "2 h 30 n’existe pas le dimanche 28 mars 2027"),
        ({"day": "2027-10-31", "starts": "02:30"}, "2 h 30 arrive deux fois"),
        ({"day": "2026-11-18"}, "Ce moment est déjà passé"),
        ({"online": "dix"}, "Écrivez un nombre entier"),
        ({"online": "0"}, "Entre 1 et 1000 places."),
        ({"online": "100000"}, "Entre 1 et 1000 places."),
        ({"online_link": "visio"}, "Un lien commence par https://"),
        ({"online_link": "javascript:alert(1)"}, "Un lien commence par https://"),
        ({"online_link": ""}, "Indiquez le lien"),
        ({"online": "", "online_link": ""}, "au moins une façon de participer"),
        ({"room": "0199aaaa-0000-7000-8000-000000000000"}, "Cette salle n’existe plus"),
        ({"room": "la grande"}, "Choisissez dans la liste."),
        ({"facilitators": "Nadia"}, "Choisissez dans la liste."),
        ({"step": "la première"}, "Choisissez dans la liste."),
    ],
)
def test_what_cannot_be_planned_is_said_beside_its_field_and_nothing_is_written(
    db: Session, make: Factory, client: LookingClient, changes: dict[str, str], sentence: str
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/agenda/nouvelle", data=filled(**changes))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Il reste quelque chose à corriger" in text_of(answer)
    assert db.scalars(select(LearningSession)).all() == []


def test_a_room_taken_or_too_small_is_said_beside_its_field(
    db: Session, make: Factory, client: LookingClient
) -> None:
    room = make_room(db, name="salle Ada", places=4)
    make_session(db, room=room, title="Robots")
    client.sign_in(make.user("facilitator"))
    data = filled(room=str(room.id), onsite="4")
    page = text_of(client.post("/agenda/nouvelle", data=data))
    assert "Salle Ada est prise par « Robots », 14 h – 17 h" in page
    page = text_of(client.post("/agenda/nouvelle", data={**data, "onsite": "5"}))
    assert "Salle Ada n’a que 4 places" in page
    # Right after is fine.
    answer = client.post("/agenda/nouvelle", data={**data, "starts": "17:00", "ends": "18:00"})
    assert answer.status_code == 302


def test_what_was_typed_is_kept_when_a_form_comes_back(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    page = client.post("/agenda/nouvelle", data=filled(title="Mon titre", ends="13:00"))
    html = page.get_data(as_text=True)
    assert 'value="Mon titre"' in html
    assert 'value="13:00"' in html
    assert 'aria-invalid="true"' in html


def test_a_facilitator_makes_and_changes_rooms(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    assert "Aucune salle" in text_of(client.get("/salles"))
    page = text_of(
        client.post(
            "/salles/nouvelle", data={"name": "salle Ada", "places": "12"}, follow_redirects=True
        )
    )
    assert "« salle Ada » est enregistrée." in page
    room = db.scalars(select(Room)).one()
    client.post(f"/salles/{room.id}", data={"name": "salle Ada", "places": "14", "address": "Ici"})
    db.expire_all()
    assert (room.places, room.address) == (14, "Ici")
    answer = client.post("/salles/nouvelle", data={"name": "SALLE ADA", "places": "3"})
    assert "Une autre salle porte déjà ce nom." in text_of(answer)
    for places in ("", "0", "-1", "mille", "1001"):
        answer = client.post("/salles/nouvelle", data={"name": "Grace", "places": places})
        assert answer.status_code == 422
    assert client.get("/salles/0199aaaa-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("address", ["/salles", "/salles/nouvelle", "/agenda/nouvelle"])
def test_only_a_facilitator_plans(make: Factory, client: LookingClient, address: str) -> None:
    assert client.get(address).status_code == 302
    for role in ("learner", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(role))
        assert client.get(address).status_code == 403


FOR_SOME = {
    "level": "practice",
    "audience": "teacher",
    "anyway": "y",  # a Thursday at two is an hour of class
    "prerequisites": "avoir écrit un programme",
    "admission": "code",
    "invitation_code": "Ada 1843",
    "bookable_from": "2026-11-20T09:00",
    "bookable_until": "2026-11-25T18:00",
    "kept": "4",
    "kept_for": "teacher",
    "kept_until": "2026-11-24T12:00",
}


def test_for_whom_a_session_is_and_when_one_books_is_planned_shown_and_kept_when_it_changes(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/agenda/nouvelle", data=filled(**FOR_SOME))
    assert answer.status_code == 302
    page = text_of(client.get(answer.location))
    assert "Les personnes qui enseignent" in page
    assert "Approfondissement" in page
    assert "avoir écrit un programme" in page
    assert "Les réservations ouvrent le vendredi 20 novembre à 9 h." in page
    assert "4 places sont gardées" in page
    form = client.get(f"{answer.location}/modifier").get_data(as_text=True)
    for value in ("Ada 1843", "2026-11-20T09:00", "2026-11-25T18:00", "2026-11-24T12:00"):
        assert f'value="{value}"' in form
    assert client.post(f"{answer.location}/modifier", data=filled(**FOR_SOME)).status_code == 302
    session = db.scalars(select(LearningSession)).one()
    assert (session.admission.value, session.invitation_code) == ("code", "Ada 1843")
    assert session.pools[0].kept == 4
    for_all = dict.fromkeys(FOR_SOME, "") | {"admission": "open"}
    assert client.post(f"{answer.location}/modifier", data=filled(**for_all)).status_code == 302
    db.expire_all()
    assert (session.admission.value, session.invitation_code) == ("open", "")
    assert session.pools[0].kept == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"admission": "enrolled"}, "choisissez l’étape, donc le parcours"),
        ({"admission": "code", "invitation_code": " "}, "Écrivez le code que vous donnerez"),
        ({"admission": "friends"}, "pas dans la liste"),
        ({"level": "wizard"}, "pas dans la liste"),
        ({"bookable_until": "2026-11-26T15:00"}, "se ferment au plus tard au début"),
        ({"bookable_from": "2026-11-26T14:00"}, "s’ouvriraient après leur fermeture"),
        ({"bookable_from": "demain"}, "Écrivez un jour et une heure"),
        ({"bookable_from": "2027-03-28T02:30"}, "n’existe pas"),
        ({"kept": "4"}, "Pour qui sont-elles gardées ?"),
        ({"kept": "4", "kept_for": "teacher"}, "Jusqu’à quand sont-elles gardées ?"),
        (
            {"kept": "40", "kept_for": "teacher", "kept_until": "2026-11-24T12:00"},
            "Il n’y a que 10",
        ),
        ({"kept": "-1"}, "Entre 0 et 1000 places."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_which_stands_open(
    db: Session, make: Factory, client: LookingClient, changes: dict[str, str], sentence: str
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/agenda/nouvelle", data=filled(**changes))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert '<details class="more" open' in answer.text or "step" in sentence or "étape" in sentence
    assert db.scalars(select(LearningSession)).all() == []


def test_a_session_is_copied_with_everything_but_its_day(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    first = client.post("/agenda/nouvelle", data=filled(**FOR_SOME)).location
    page = client.get(first).get_data(as_text=True)
    address = f"/agenda/nouvelle?copie={first.rpartition('/')[2]}"
    assert address in page.replace("&amp;", "&")
    form = client.get(address)
    assert "Comme « Initiation à Python »" in text_of(form)
    assert 'value="Ada 1843"' in form.text
    assert "2026-11-2" not in form.text
    missing = client.post(address, data=filled(day=""))
    assert missing.status_code == 422
    for_all = dict.fromkeys(FOR_SOME, "") | {"admission": "open", "day": "2026-11-27"}
    done = client.post(address, data=filled(**for_all))
    assert done.status_code == 302
    assert len(db.scalars(select(LearningSession)).all()) == 2
    for strange in ("x", "01a21879-96e3-7be2-8b81-2b00f9933522"):
        assert client.get(f"/agenda/nouvelle?copie={strange}").status_code == 200
