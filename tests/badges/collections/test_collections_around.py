"""Collections beside the check of several badges, a person's data, and a closed account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.collections import rules as collections
from badges.collections.models import Collection
from badges.collections.queries import list_collections
from tests.support.badges import NOW, make_award, open_badges
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
