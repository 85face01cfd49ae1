"""Collections beside the check of several badges, a person's data, and a closed account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import Award, Sharing
from badges.awards.queries import find_holder_page
from badges.backpack import rules as backpack
from badges.collections import rules as collections
from badges.collections.models import Collection
from badges.collections.queries import list_collections
from badges.engine.presentations import MAX_MEMBERS
from tests.support.badges import NOW, make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.people.models import User

JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def awards(db: Session, ada: User, make: Factory, signer: Signer) -> list[Award]:
    team = make.user("facilitator")
    return [make_award(db, ada, team, signer, name=name) for name in ("Premier", "Second")]


def gather(db: Session, person: User, awards: list[Award], **changes: Any) -> Collection:
    made = collections.save_collection(
        db, person.id, None, "Pour un jury", [a.id for a in awards], now=NOW
    )
    if changes.get("shared", True):
        collections.share_collection(db, person.id, made.id, is_shared=True)
    db.commit()
    return made


def test_the_check_opens_several_badges_and_says_of_each_what_it_found(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    made = gather(db, ada, awards)
    text = client.get(f"/collections/{made.id}.json").get_data(as_text=True)
    page = client.post("/verifier", data={"text": text}).get_data(as_text=True)
    assert "Les 2 badges de cet ensemble sont authentiques" in page
    assert "Premier" in page
    assert "Second" in page
    answer = client.post("/verify", json={"credential": json.loads(text)}).json
    assert answer["outcome"] == "valid"
    assert [one["outcome"] for one in answer["credentials"]] == ["valid", "valid"]
    forged = text.replace("Premier", "Dernier")
    answer = client.post("/verify", data={"text": forged}, headers=JSON).json
    assert answer["outcome"] == "invalid"
    assert [one["outcome"] for one in answer["credentials"]] == ["invalid", "valid"]


def test_collections_are_in_what_one_takes_away_and_are_erased(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    gather(db, ada, awards)
    held = client.sign_in(ada).get("/compte/donnees.json").get_json()["held"]["collections"]["data"]
    assert [(one["title"], one["badges"]) for one in held] == [
        ("Pour un jury", ["Premier", "Second"])
    ]
    db.rollback()
    collections.erase(db, ada.id)
    db.commit()
    assert not list_collections(db, ada.id)


@pytest.mark.both_databases
def test_the_shared_collection_of_a_deactivated_account_is_shown_to_nobody(
    db: Session, client: LookingClient, ada: User, awards: list[Award], make: Factory
) -> None:
    address = f"/collections/{gather(db, ada, awards).id}"
    assert client.get(address).status_code == 200
    ada.active = False
    db.commit()
    assert client.get(address).status_code == 404
    client.sign_in(make.user())
    assert client.get(address).status_code == 404


def show_off(db: Session, person: User, awards: list[Award]) -> str:
    """The address of the page on which this person shows these to everybody."""
    for award in awards:
        backpack.show_to(db, award.id, person.id, Sharing.PUBLIC, now=NOW)
    db.commit()
    page = find_holder_page(db, person.id)
    assert page is not None
    return f"{settings_here().base_url}/badges/personnes/{page.id}"


@pytest.mark.both_databases
def test_the_address_of_a_persons_page_is_verified_with_all_it_shows(
    db: Session, client: LookingClient, ada: User, awards: list[Award]
) -> None:
    address = show_off(db, ada, awards[:1])
    alone = client.post("/verifier", data={"address": address}).get_data(as_text=True)
    assert "Le badge de cet ensemble est authentique" in alone
    assert "Second" not in alone, "what is private is not told"
    show_off(db, ada, awards[1:])
    told = client.post("/verify", data={"address": address}, headers=JSON).get_json()
    assert told["outcome"] == "valid"
    assert [one["outcome"] for one in told["credentials"]] == ["valid", "valid"]
    for award in awards:
        backpack.show_to(db, award.id, ada.id, Sharing.LINK, now=NOW)
    db.commit()
    hidden = client.post("/verifier", data={"address": address})
    assert hidden.status_code == 422
    assert "Il n’y a rien de public à cette adresse" in hidden.get_data(as_text=True)


def test_a_persons_page_that_shows_more_than_is_checked_at_once_says_so(
    db: Session, client: LookingClient, ada: User, awards: list[Award], monkeypatch: Any
) -> None:
    address = show_off(db, ada, awards)
    monkeypatch.setattr("badges.collections.offers.MAX_MEMBERS", 1)
    answer = client.post("/verifier", data={"address": address})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "plus de badges qu’il ne s’en vérifie en une fois" in page


def test_as_many_public_badges_as_are_checked_at_once_are_read_whole(
    db: Session, client: LookingClient, ada: User, make: Factory, signer: Signer
) -> None:
    """A document of many values is declined: so many of ours are not too many."""
    team = make.user("facilitator")
    many = [make_award(db, ada, team, signer, name=f"Badge {n}") for n in range(MAX_MEMBERS)]
    told = client.post(
        "/verify", data={"address": show_off(db, ada, many)}, headers=JSON
    ).get_json()
    assert [one["outcome"] for one in told["credentials"]] == ["valid"] * MAX_MEMBERS
