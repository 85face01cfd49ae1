"""Who runs the place finds people and gives roles; nobody else may."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.base import new_id
from tierslieu.house import HomeCard, House
from tierslieu.people.models import ROLES, User

pytestmark = pytest.mark.both_databases
LIST = "/administration/personnes"


def _roles(db: Session, user: User) -> set[str]:
    db.expire_all()
    return {role.name for role in db.get_one(User, user.id).roles}


@pytest.mark.parametrize("role", [r for r in ROLES if r != "administrator"])
def test_others_see_neither_the_list_nor_a_person_nor_give_roles(
    db: Session, make: Factory, client: LookingClient, role: str
) -> None:
    user = make.user(role)
    client.sign_in(user)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}/{user.id}").status_code == 403
    answer = client.post(f"{LIST}/{user.id}/roles", data={"give": "administrator"})
    assert answer.status_code == 403
    assert _roles(db, user) == {role}


def test_a_visitor_is_sent_to_sign_in(make: Factory, client: LookingClient) -> None:
    assert "/login" in client.get(LIST).location
    assert "/login" in client.post(f"{LIST}/{make.user().id}/roles").location


def test_who_types_the_address_of_the_administration_comes_to_it(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    assert client.get("/administration").location == LIST
    assert client.sign_in(make.user("coordinator")).get("/administration").status_code == 403


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("elodie", {"Élodie Garnier"}),
        ("GARNIER", {"Élodie Garnier", "Paul Garnier"}),
        ("garnier elod", {"Élodie Garnier"}),
        ("zoe@", {"Zoé Le Bœuf"}),
        ("boeuf", {"Zoé Le Bœuf"}),
        ("100%", set()),
        ("_", set()),
        ("a\x00b", set()),
        ("' OR 1=1 --", set()),
        ("x" * 5000, set()),
    ],
)
def test_people_are_found_by_name_or_address(
    make: Factory, client: LookingClient, text: str, found: set[str]
) -> None:
    everybody = {"Élodie Garnier": "eg", "Paul Garnier": "pg", "Zoé Le Bœuf": "zoe"}
    for name, box in everybody.items():
        make.user(name=name, email=f"{box}@example.org")
    client.sign_in(make.user("administrator", name="Chef", email="chef@example.org"))
    page = client.get(LIST, query_string={"q": text})
    assert page.status_code == 200
    assert {name for name in everybody if name in page.text} == found


def test_the_list_is_paged_and_its_filter_kept(make: Factory, client: LookingClient) -> None:
    for number in range(30):
        make.user(name=f"Homonyme {number:02d}")
    client.sign_in(make.user("administrator", name="Chef"))
    first = client.get(f"{LIST}?q=homonyme").text
    assert "Homonyme 00" in first
    assert "Homonyme 29" not in first
    assert "30 personnes trouvées" in first
    assert "q=homonyme&amp;page=2" in first or "page=2&amp;q=homonyme" in first
    assert "Homonyme 29" in client.get(f"{LIST}?q=homonyme&page=2").text


@pytest.mark.parametrize("page", ["9", "0", "-1", "abc", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_no_error(
    make: Factory, client: LookingClient, page: str
) -> None:
    client.sign_in(make.user("administrator"))
    assert client.get(f"{LIST}?page={page}").status_code == 200


def test_a_role_is_given_and_taken_after_a_question(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(name="Nadia")
    client.sign_in(make.user("administrator"))
    page = client.get(f"{LIST}/{user.id}").text
    assert "Donner le rôle" in page
    assert "Retirer le rôle" in page
    client.post(f"{LIST}/{user.id}/roles", data={"give": "facilitator"})
    assert _roles(db, user) == {"learner", "facilitator"}
    answer = client.post(
        f"{LIST}/{user.id}/roles", data={"take": "facilitator"}, follow_redirects=True
    )
    assert "n’a plus le rôle" in answer.text
    assert _roles(db, user) == {"learner"}


def test_the_last_administrator_cannot_leave(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    client.sign_in(chief)
    answer = client.post(
        f"{LIST}/{chief.id}/roles", data={"take": "administrator"}, follow_redirects=True
    )
    assert "dernière personne" in answer.text
    # What was refused is read first, wherever the page then begins.
    assert "dernière personne" in answer.text.partition("data-focus")[2].partition("</div>")[0]
    assert _roles(db, chief) == {"administrator"}


def test_one_who_leaves_the_administration_is_led_home(
    db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator", "learner")
    make.user("administrator")
    client.sign_in(chief)
    answer = client.post(f"{LIST}/{chief.id}/roles", data={"take": "administrator"})
    assert answer.location == "/"
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("data", [{"give": "king"}, {"take": "king\x00"}, {}])
def test_an_unknown_role_changes_nothing(
    db: Session, make: Factory, client: LookingClient, data: dict[str, str]
) -> None:
    user = make.user()
    client.sign_in(make.user("administrator"))
    assert client.post(f"{LIST}/{user.id}/roles", data=data).status_code == 302
    assert _roles(db, user) == {"learner"}


def test_nobody_is_404(make: Factory, client: LookingClient) -> None:
    client.sign_in(make.user("administrator"))
    assert client.get(f"{LIST}/{new_id()}").status_code == 404
    assert client.post(f"{LIST}/{new_id()}/roles", data={"give": "learner"}).status_code == 404


def test_the_first_page_of_who_administers_leads_to_people(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    chief = make.user("administrator")
    house: House = app.extensions["tierslieu.house"]
    card = next(c for c in house.all(HomeCard) if c.name == "administration")
    assert card.roles == {"administrator"}
    (built,) = card.build(db, chief.id, clock.now())
    assert built.context == {"count": 1, "most": 5000, "administrators": 1}
    db.rollback()
    client.sign_in(chief)
    assert 'action="/administration/personnes"' in client.get("/").text
