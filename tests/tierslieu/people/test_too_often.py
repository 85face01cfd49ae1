"""Trying to come in too often: 429, for machines and people; and never at somebody's expense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, last_mail, outbox, registration, sign_in, with_password
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.db import db as database
from tierslieu.limits import guard, kinds
from tierslieu.limits.guard import FACTOR
from tierslieu.limits.models import RateCount
from tierslieu.people.models import User
from tierslieu.settings import Settings

ADA = "ada@example.org"
WRONG = "ce n’est pas le bon"


@pytest.fixture(autouse=True)
def _counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here limits are counted, and time stands still."""
    monkeypatch.setitem(app.config, FACTOR, 1.0)
    with clock.fixed_at(clock.now()):
        yield


@pytest.fixture
def ada(make: Factory) -> User:
    return with_password(make, email=ADA)


def _stranger(client: LookingClient, number: int = 9) -> LookingClient:
    """Another browser, at another address."""
    other: Any = client.application.test_client()
    other.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
    return other


def _wear_out(client: LookingClient) -> None:
    for _again in range(kinds.SIGN_IN_ACCOUNT.times):
        assert sign_in(client, ADA, WRONG).status_code == 422


@pytest.mark.both_databases
def test_an_account_takes_so_many_wrong_passwords_and_then_a_pause(
    client: LookingClient, ada: User
) -> None:
    _wear_out(client)
    for answer in (sign_in(client, ADA, WRONG), sign_in(client, "Ada@Example.org")):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 90
        assert "réessayez dans" in answer.text
        assert "lien reçu par mail" in answer.text
    assert client.get("/compte").status_code == 302
    assert sign_in(client, "autre@example.org", WRONG).status_code == 422


def test_an_unknown_address_is_counted_like_a_known_one(client: LookingClient) -> None:
    _wear_out(client)
    assert sign_in(client, ADA, WRONG).status_code == 429


def test_spaces_around_an_address_are_no_other_account(client: LookingClient, ada: User) -> None:
    assert sign_in(_stranger(client), " " * 40 + ADA).status_code == 302
    _wear_out(client)
    for padding in (1, 290, 306, 312, 320, 400):
        for written in (" " * padding + ADA, ADA + " " * padding):
            answer = client.post("/login", data={"email": written, "password": PASSWORD})
            assert answer.status_code in (422, 429)


@pytest.mark.parametrize(
    ("page", "field"),
    [("/login", "email"), ("/connexion-par-mail", "identity"), ("/mot-de-passe-oublie", "email")],
)
def test_an_address_in_a_list_is_no_way_round_the_count(
    db: Session, client: LookingClient, ada: User, page: str, field: str
) -> None:
    answer = client.post(page, json={field: [ADA], "password": PASSWORD})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_json")
    assert client.get("/compte").status_code == 302
    assert outbox(db) == []


@pytest.mark.parametrize("body", ["[" * 100_000, '{"email":' * 50_000])
def test_a_body_deeper_than_any_is_no_failure_of_ours(client: LookingClient, body: str) -> None:
    for page in ("/login", "/connexion-par-mail", "/portefeuille/badge"):
        answer = client.post(page, data=body, content_type="application/json")
        assert answer.status_code in (400, 401)


def test_a_script_that_signs_in_too_often_gets_a_problem(client: LookingClient, ada: User) -> None:
    _wear_out(client)
    answer = client.post("/login", json={"email": ADA, "password": PASSWORD})
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.json["code"] == "too_many_requests"
    assert answer.headers["Retry-After"] == str(answer.json["retry_after"])


@pytest.mark.both_databases
def test_who_comes_in_is_not_counted(client: LookingClient, ada: User) -> None:
    for _again in range(2):
        for _wrong in range(kinds.SIGN_IN_ACCOUNT.times // 2 + 1):
            assert sign_in(client, ADA, WRONG).status_code == 422
        assert sign_in(client, ADA).status_code == 302
        client.post("/deconnexion")


@pytest.mark.both_databases
def test_a_class_behind_one_address_signs_in_at_once(
    client: LookingClient, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kinds.Limit("sign_in_client", 2, kinds.SIGN_IN_CLIENT.within)
    monkeypatch.setattr("tierslieu.people.limiting.SIGN_IN_CLIENT", few)
    for _again in range(4):
        assert sign_in(client.application.test_client(), ADA).status_code == 302


def test_a_stranger_who_tries_my_address_does_not_lock_me_out(
    db: Session, client: LookingClient, ada: User
) -> None:
    sign_in(client, ADA)
    client.post("/deconnexion")
    stranger = _stranger(client)
    _wear_out(stranger)
    assert sign_in(stranger, ADA).status_code == 429
    assert sign_in(client, ADA).status_code == 302, "a device that has signed in before"
    elsewhere = _stranger(client, 10)
    assert sign_in(elsewhere, ADA).status_code == 429
    elsewhere.post("/connexion-par-mail/envoi", data={"identity": ADA})
    entered = elsewhere.get(last_mail(db).context["login_link"].replace("/lien", "/entrer"))
    assert entered.status_code == 302
    assert elsewhere.get("/compte").status_code == 200, "a mailed link"


def test_the_mark_of_a_known_device_is_signed_and_counts_too(
    client: LookingClient, ada: User
) -> None:
    sign_in(client, ADA)
    client.post("/deconnexion")
    mark = client.get_cookie("connu")
    assert mark is not None
    assert mark.http_only
    assert "ada" not in mark.value
    _wear_out(client)
    assert sign_in(client, ADA).status_code == 429
    forger = _stranger(client)
    forger.set_cookie("connu", mark.value[:-3] + "xxx")
    assert sign_in(forger, ADA).status_code == 302, "the device's tries were not the account's"


def test_one_address_tries_so_many_accounts_at_most(
    client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kinds.Limit("sign_in_client", 3, kinds.SIGN_IN_CLIENT.within)
    monkeypatch.setattr("tierslieu.people.limiting.SIGN_IN_CLIENT", few)
    for number in range(3):
        client.post("/login", json={"email": f"n{number}@example.org", "password": WRONG})
    asked = {"email": "n@example.org", "password": WRONG}
    assert client.post("/login", json=asked).status_code == 429
    assert _stranger(client).post("/login", json=asked).status_code == 400


def test_the_code_of_a_mail_cannot_be_guessed(client: LookingClient, ada: User) -> None:
    tried = {"identity": ADA, "passcode": "00000000"}
    statuses = [client.post("/connexion-par-mail", data=tried).status_code for _try in range(11)]
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/connexion-par-mail/envoi", "identity"),
        ("/mot-de-passe-oublie", "email"),
        ("/confirmation", "email"),
    ],
)
def test_an_address_is_sent_so_many_mails_whoever_asks_known_or_not(
    db: Session, client: LookingClient, ada: User, path: str, field: str
) -> None:
    for address in (ADA, "inconnue@example.org"):
        statuses = [
            _stranger(client, number).post(path, data={field: address}).status_code
            for number in range(6)
        ]
        assert statuses[5] == 429
        assert 429 not in statuses[:5]
    assert len(outbox(db)) <= 5


def test_registering_counts_the_network_address(
    client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kinds.Limit("register_client", 2, kinds.REGISTER_CLIENT.within)
    monkeypatch.setattr("tierslieu.people.limiting.REGISTER_CLIENT", few)
    statuses = [
        client.post("/inscription", data=registration(email=f"n{n}@example.org")).status_code
        for n in range(3)
    ]
    assert statuses == [302, 302, 429]


def test_a_public_check_is_limited_by_address(
    client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _again in range(kinds.VERIFY_CLIENT.times):
        assert client.post("/verify", json={"credential": "x"}).status_code != 429
    answer = client.post("/verify", json={"credential": "x"})
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests")
    page = client.post("/verifier", data={"text": "x"})
    assert page.status_code == 429
    assert "réessayez dans une minute" in page.text
    assert _stranger(client).post("/verify", json={"credential": "x"}).status_code != 429


@pytest.mark.both_databases
def test_a_token_calls_so_often_and_other_tokens_go_on(
    db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kinds.Limit("api_token", 3, kinds.API_TOKEN.within)
    monkeypatch.setattr("tierslieu.web.api.API_TOKEN", few)
    owner = make.user()
    one, other = (make_secret(db, owner, "sessions:read") for _token in range(2))
    answers = [client.get("/api/v1/sessions", headers=bearing(one)) for _call in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json["code"] == "too_many_requests"
    assert answers[3].headers["Retry-After"] == "20"
    assert client.get("/api/v1/sessions", headers=bearing(other)).status_code == 200


def test_what_is_counted_names_nobody(db: Session, client: LookingClient, ada: User) -> None:
    sign_in(client, ADA, WRONG)
    client.post("/mot-de-passe-oublie", data={"email": ADA})
    kept = " ".join(db.scalars(select(RateCount.name)))
    assert kept.count(":") == 4
    assert "ada" not in kept
    assert "127.0.0.1" not in kept


@pytest.mark.parametrize(("proxies", "who"), [(0, "127.0.0.1"), (1, "192.0.2.1")])
def test_only_our_own_proxies_say_who_asks(
    db: Session, make_settings: Callable[..., Settings], proxies: int, who: str
) -> None:
    config = {"TESTING": True, FACTOR: 1.0}
    place = create_app(make_settings("sqlite", proxies=proxies), **config)
    claimed = {"X-Forwarded-For": "203.0.113.5, 192.0.2.1"}  # the first said by the client itself
    place.test_client().post("/verify", json={"credential": "x"}, headers=claimed)
    with place.app_context():
        name = guard.names().of_client(who, clock.now())
        database.engine.dispose()
    assert db.scalar(select(RateCount.name)) == f"verify_client:{name}"
