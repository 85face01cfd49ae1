"""Coming in: by password, by mailed link or code, from a script; and going out."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from passlib.crypto.digest import pbkdf2_hmac
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import (
    PASSWORD,
    last_mail,
    outbox,
    sign_in,
    with_password,
    without_tokens,
)
from tierslieu.people.models import User


def _is_in(client: LookingClient) -> bool:
    return client.get("/compte").status_code == 200


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["ada@example.org", "Ada@EXAMPLE.org "])
def test_the_right_password_opens_the_account(
    make: Factory, client: LookingClient, typed: str
) -> None:
    with_password(make, email="ada@example.org")
    assert sign_in(client, typed).location == "/"
    assert _is_in(client)


def test_wrong_password_unknown_address_and_closed_account_look_the_same(
    make: Factory, client: LookingClient
) -> None:
    with_password(make, email="connue@example.org")
    with_password(make, email="fermee@example.org", active=False)
    make.user(email="parlien@example.org")  # has no password
    emails = ("connue", "inconnue", "parlien")
    answers = [sign_in(client, f"{e}@example.org", "ce n’est pas le bon") for e in emails]
    answers.append(sign_in(client, "fermee@example.org"))
    assert {a.status_code for a in answers} == {422}
    pages = {
        without_tokens(a.data).replace(f"{e}@example.org".encode(), b"X")
        for a, e in zip(answers, (*emails, "fermee"), strict=True)
    }
    assert len(pages) == 1
    assert "ne correspondent pas" in answers[0].text


def test_no_costly_step_tells_an_address_that_waits_for_a_code(
    make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> bytes:
        rounds.append(kwargs["rounds"])
        return pbkdf2_hmac(*args, **kwargs)

    monkeypatch.setattr("passlib.totp.pbkdf2_hmac", counted)
    make.user(email="attend@example.org")
    make.user(email="connue@example.org")
    ask = {"identity": "attend@example.org", "submit_send_code": "1"}
    client.post("/connexion-par-mail/envoi", data=ask)
    for name in ("attend", "connue", "inconnue"):
        tried = {"identity": f"{name}@example.org", "passcode": "00000000"}
        assert client.post("/connexion-par-mail", data=tried).status_code == 422
    assert rounds
    assert sum(rounds) < 1000  # microseconds


@pytest.mark.parametrize("password", ["", "x" * 5000, "a\x00b"])
def test_a_strange_password_is_a_wrong_password(
    make: Factory, client: LookingClient, password: str
) -> None:
    with_password(make, email="ada@example.org")
    assert sign_in(client, "ada@example.org", password).status_code == 422


def test_a_script_signs_in_with_json(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org")
    answer = client.post("/login", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json["meta"]["code"] == 200
    assert _is_in(client)


def test_a_script_with_a_wrong_password_gets_json_that_tells_nothing(
    make: Factory, client: LookingClient
) -> None:
    with_password(make, email="ada@example.org")
    answers = [
        client.post("/login", json={"email": email, "password": "ce n’est pas le bon"})
        for email in ("ada@example.org", "inconnue@example.org")
    ]
    assert {a.status_code for a in answers} == {400}
    assert answers[0].data == answers[1].data


@pytest.mark.parametrize("path", ["/login", "/inscription", "/mot-de-passe-oublie"])
@pytest.mark.parametrize("body", ["[1, 2]", "{", '"x"', "null", "12", "\xff"])
def test_a_body_that_is_no_json_object_is_refused_as_such(
    client: LookingClient, path: str, body: str
) -> None:
    answer = client.post(path, data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["code"] == "bad_json"


def test_a_token_of_the_library_opens_nothing(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org")
    answer = client.post(
        "/login?include_auth_token", json={"email": "ada@example.org", "password": PASSWORD}
    )
    token = answer.json["response"]["user"].get("authentication_token", "none")
    stranger = client.application.test_client()
    for page in ("/compte", "/compte/mot-de-passe"):
        by_header = stranger.get(page, headers={"Authentication-Token": token})
        by_query = stranger.get(f"{page}?auth_token={token}")
        assert {by_header.status_code, by_query.status_code} == {302}


@pytest.mark.parametrize("password", [12, None, {"a": 1}, ["x"], [], [[1]], "\ud800"])
def test_a_script_that_sends_nonsense_is_refused(
    make: Factory, client: LookingClient, password: object
) -> None:
    with_password(make, email="ada@example.org")
    answer = client.post("/login", json={"email": "ada@example.org", "password": password})
    assert answer.status_code == 400


def test_one_comes_back_to_the_page_one_asked_for(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org")
    sent = client.get("/compte/accords")
    assert sent.location.startswith("/login?next=")
    form = client.get(sent.location).text
    assert 'value="/compte/accords"' in form
    assert sign_in(client, "ada@example.org", next="/compte/accords").location == "/compte/accords"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://mechant.example",
        "//mechant.example",
        "///mechant.example",
        "\\\\mechant.example",
        "/\\mechant.example",
        "javascript:alert(1)",
        "http:mechant.example",
    ],
)
def test_one_is_never_sent_to_another_site(
    make: Factory, client: LookingClient, elsewhere: str
) -> None:
    with_password(make, email="ada@example.org")
    asked = {"email": "ada@example.org", "password": PASSWORD}
    answers = [
        sign_in(client, "ada@example.org", next=elsewhere),
        client.application.test_client().post(
            "/login", query_string={"next": elsewhere}, data=asked
        ),
    ]
    for answer in answers:
        location = (answer.location or "/").replace("\\", "/")  # as browsers read it
        assert urlsplit(urljoin("http://localhost/login", location))[:2] == ("http", "localhost")


def test_signing_in_renews_what_the_session_held(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org")
    client.get("/login")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["csrf_token"] = "known to somebody else"
    sign_in(client, "ada@example.org")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known to somebody else"
        assert session["_user_id"]


def test_signing_out_closes_the_session(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org")
    sign_in(client, "ada@example.org")
    client.post("/deconnexion")
    assert not _is_in(client)


def test_a_closed_account_is_out_at_once(db: Session, make: Factory, client: LookingClient) -> None:
    user = with_password(make, email="ada@example.org")
    sign_in(client, "ada@example.org")
    user.active = False
    db.commit()
    assert not _is_in(client)


# By mailed link


def _ask(client: LookingClient, email: str, **more: str) -> bytes:
    answer = client.post("/connexion-par-mail/envoi", data={"identity": email, **more})
    assert answer.status_code == 200
    return without_tokens(answer.data).replace(email.encode(), b"X")


@pytest.mark.both_databases
def test_a_mailed_link_opens_the_account_after_one_click(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org", next="/compte/accords")
    link = last_mail(db).context["login_link"]
    page = client.get(link)
    assert not _is_in(client), "a program that tries every link of a mail must not sign in"
    assert "Entrer dans mon compte" in page.text
    entered = client.get(link.replace("/lien", "/entrer"))
    assert entered.location == "/compte/accords"
    assert _is_in(client)


def test_a_link_serves_once(db: Session, make: Factory, client: LookingClient) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org")
    link = last_mail(db).context["login_link"].replace("/lien", "/entrer")
    client.get(link)
    assert _is_in(client)
    other = client.application.test_client()
    assert "/connexion-par-mail" in other.get(link).location
    assert other.get("/compte").status_code == 302


def test_asking_again_ends_the_earlier_link(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org")
    first = last_mail(db).context["login_link"].replace("/lien", "/entrer")
    _ask(client, "ada@example.org")
    client.get(first)
    assert not _is_in(client)


def test_the_code_of_the_mail_opens_the_account_too(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org")
    code = last_mail(db).context["code"]
    assert len(code) == 8
    answer = client.post(
        "/connexion-par-mail",
        data={"identity": "ada@example.org", "passcode": f"{code[:4]} {code[4:]}"},
    )
    assert answer.location == "/"
    assert _is_in(client)


@pytest.mark.parametrize("code", ["00000000", "", "abc", "٣٤٥٦٧٨٩٠", "1" * 200])
def test_a_wrong_code_is_refused(
    db: Session, make: Factory, client: LookingClient, code: str
) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org")
    answer = client.post(
        "/connexion-par-mail", data={"identity": "ada@example.org", "passcode": code}
    )
    assert answer.status_code == 422
    assert not _is_in(client)


def test_without_having_asked_no_code_is_right(make: Factory, client: LookingClient) -> None:
    make.user(email="ada@example.org")
    answer = client.post(
        "/connexion-par-mail", data={"identity": "ada@example.org", "passcode": "12345678"}
    )
    assert answer.status_code == 422


def test_a_link_ends_after_fifteen_minutes(
    db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user(email="ada@example.org")
    _ask(client, "ada@example.org")
    link = last_mail(db).context["login_link"].replace("/lien", "/entrer")
    later = time.time() + 16 * 60
    monkeypatch.setattr(TOTP, "now", staticmethod(lambda: later))
    client.get(link)
    assert not _is_in(client)


def test_asking_for_a_link_looks_the_same_whoever_the_address_belongs_to(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make.user(email="connue@example.org")
    make.user(email="fermee@example.org", active=False)
    emails = ("connue@example.org", "inconnue@example.org", "fermee@example.org", "rien")
    assert len({_ask(client, email) for email in emails}) == 1
    assert [m.recipient for m in outbox(db)] == ["connue@example.org"]


def test_using_a_link_confirms_the_address(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(email="ada@example.org", confirmed_at=None)
    _ask(client, "ada@example.org")
    client.get(last_mail(db).context["login_link"].replace("/lien", "/entrer"))
    assert _is_in(client)
    db.expire_all()
    assert db.get_one(User, user.id).confirmed_at is not None


@pytest.mark.both_databases
@pytest.mark.parametrize("link", ["?id=x&code=y", "?id=%00&code=1", "?id=x", "", "?code=1"])
def test_a_link_that_is_not_whole_leads_to_asking_for_another(
    client: LookingClient, link: str
) -> None:
    answer = client.get(f"/connexion-par-mail/entrer{link}")
    assert answer.status_code == 302
    assert "/connexion-par-mail" in answer.location


def test_the_two_ways_in_stand_on_one_page(client: LookingClient) -> None:
    page = client.get("/login").text
    assert 'name="password"' in page
    assert 'action="/connexion-par-mail/envoi"' in page
    assert "/inscription" in page
    assert client.get("/connexion-par-mail").status_code == 200


@pytest.mark.parametrize("closed", ["/us-setup", "/us-verify", "/reconnexion"])
def test_pages_of_the_library_we_do_not_use_are_closed(
    app: Flask, make: Factory, client: LookingClient, closed: str
) -> None:
    client.sign_in(make.user())
    assert client.get(closed).status_code == 404


def test_whose_session_ended_comes_back_to_the_form_not_to_where_it_was_sent(
    make: Factory, client: LookingClient
) -> None:
    with_password(make, email="ada@example.org")
    page = "http://localhost/compte/accords"
    sent = client.post("/compte/accords/recherche", headers={"Referer": page})
    assert sent.status_code == 302
    assert sent.location == "/login?next=/compte/accords"
    assert "Votre session est terminée" in client.get(sent.location).text
    elsewhere = {"Referer": "https://ailleurs.example/compte/accords"}
    assert client.post("/compte/accords/recherche", headers=elsewhere).location == "/login"
