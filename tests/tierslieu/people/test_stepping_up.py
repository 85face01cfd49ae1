"""What leaves with data or keys, and what changes who may do what, asks for a recent sign-in."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken

ASKS = {
    "admin.change",
    "admin.invite",
    "admin.join",
    "admin.see_as",
    "evaluation.ask",
    "evaluation.download",
    "people.my_data",
    "tokens.make",
}


def grow_old(client: LookingClient, minutes: int) -> None:
    """As if one had signed in so long ago."""
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - minutes * 60


def test_every_page_that_asks_again_is_named_here(app: Flask) -> None:
    found = {name for name, view in app.view_functions.items() if hasattr(view, "asks_again")}
    assert found == ASKS


@pytest.mark.both_databases
def test_an_open_screen_left_behind_gives_no_role_and_no_key(
    db: Session, client: LookingClient, make: Factory
) -> None:
    chief, person = make.user("administrator"), make.user()
    client.sign_in(chief)
    grow_old(client, 16)
    people = "http://localhost/administration/personnes"
    answer = client.post(
        f"/administration/personnes/{person.id}/roles",
        data={"give": "administrator"},
        headers={"Referer": people},
    )
    assert answer.status_code == 302
    assert answer.location == "/login?next=/administration/personnes"
    assert "Connectez-vous de nouveau" in client.get(answer.location).text
    assert not db.get_one(User, person.id, populate_existing=True).holds("administrator")
    client.sign_in(chief)
    grow_old(client, 16)
    client.post("/compte/cles", data={"name": "x", "scopes": "sessions:read", "days": "30"})
    assert db.scalar(select(func.count()).select_from(AccessToken)) == 0


def test_one_s_data_leave_for_whoever_signed_in_a_moment_ago(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    grow_old(client, 14)
    assert client.get("/compte/donnees.json").status_code == 200
    grow_old(client, 16)
    answer = client.get("/compte/donnees.json", headers={"Referer": "http://localhost/compte"})
    assert answer.location == "/login?next=/compte"
    assert client.get("/compte").status_code == 302, "and the session is over"
