"""Forms of other sites are refused: the token is really asked for, and a script still signs in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, outbox, registration, with_password
from tierslieu.app import create_app
from tierslieu.db import db as database
from tierslieu.settings import Settings


@pytest.fixture(scope="module")
def _guarded(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    app = create_app(make_settings("sqlite"), TESTING=True, WTF_CSRF_ENABLED=True)
    app.test_client_class = LookingClient
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def browser(_guarded: Flask, app: Flask) -> FlaskClient:
    """A browser at the same place, where the token is asked for."""
    return _guarded.test_client()


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/inscription",
        "/mot-de-passe-oublie",
        "/confirmation",
        "/connexion-par-mail",
        "/connexion-par-mail/envoi",
        "/deconnexion",
        "/compte/profil",
        "/compte/accords/recherche",
    ],
)
@pytest.mark.parametrize("token", [None, "invented"])
def test_a_form_without_our_token_is_refused_with_a_page_that_says_what_to_do(
    db: Session, browser: FlaskClient, path: str, token: str | None
) -> None:
    data = {**registration(), **({"csrf_token": token} if token else {})}
    answer = browser.post(path, data=data)
    assert answer.status_code == 400
    assert "rechargez-la" in answer.text
    assert not outbox(db)


@pytest.mark.parametrize("path", ["/inscription", "/mot-de-passe-oublie"])
def test_a_script_without_a_token_gets_json(browser: FlaskClient, path: str) -> None:
    answer = browser.post(path, json=registration())
    assert answer.status_code == 400
    assert answer.json["code"] == "csrf"


def test_with_the_token_of_the_page_the_form_is_taken(make: Factory, browser: FlaskClient) -> None:
    with_password(make, email="ada@example.org")
    data: dict[str, Any] = {"email": "ada@example.org", "password": PASSWORD}
    data["csrf_token"] = _token(browser.get("/login").text)
    assert browser.post("/login", data=data).location == "/"
    page = browser.get("/compte").text
    assert browser.post("/deconnexion", data={"csrf_token": _token(page)}).location == "/"
    assert browser.get("/compte").status_code == 302


def test_a_script_signs_in_with_json_and_no_token(make: Factory, browser: FlaskClient) -> None:
    with_password(make, email="ada@example.org")
    answer = browser.post("/login", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert browser.get("/compte").status_code == 200


def test_a_form_dressed_as_text_is_no_script(make: Factory, browser: FlaskClient) -> None:
    """What another site's form can send (text/plain) does not pass for JSON."""
    with_password(make, email="ada@example.org")
    body = f'{{"email": "ada@example.org", "password": "{PASSWORD}", "x": "="}}'
    answer = browser.post("/login", data=body.encode(), content_type="text/plain")
    assert answer.status_code == 400
    assert browser.get("/compte").status_code == 302


def test_what_was_written_into_a_form_whose_token_is_gone_is_shown_to_be_copied(
    browser: FlaskClient,
) -> None:
    words = "Une longue phrase,\nque personne ne veut écrire deux fois."
    data = registration(about=words)
    answer = browser.post("/inscription", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert words in answer.text
    assert "Copiez d’abord votre texte" in answer.text
    assert data["password"] not in answer.text
