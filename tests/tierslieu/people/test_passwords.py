"""Losing a password, changing it, and what that ends; hashing never holds the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy.orm import Session

from tests.support.at_once import AT_ONCE
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import (
    PASSWORD,
    last_mail,
    outbox,
    registration,
    sign_in,
    with_password,
    without_tokens,
)
from tierslieu.people.models import User
from tierslieu.people.rules import is_guessable

NEW = "une autre phrase, plus longue"


@pytest.mark.both_databases
def test_a_lost_password_is_replaced_by_a_mailed_link_that_serves_once(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, email="ada@example.org")
    client.post("/mot-de-passe-oublie", data={"email": "ada@example.org"})
    link = last_mail(db).context["reset_link"]
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": NEW}).location == "/login"
    assert last_mail(db).template == "security_reset_notice"
    db.expire_all()
    assert verify_password(NEW, db.get_one(User, user.id).password)
    again = client.post(link, data={"password": PASSWORD})
    assert again.location == "/mot-de-passe-oublie"
    assert sign_in(client, "ada@example.org", NEW).location == "/"


@pytest.mark.both_databases
def test_of_six_who_come_at_once_by_one_link_one_chooses_the_password(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    user_id = with_password(make, email="ada@example.org").id
    client.post("/mot-de-passe-oublie", data={"email": "ada@example.org"})
    link = last_mail(db).context["reset_link"]
    db.rollback()
    barrier, answers = Barrier(AT_ONCE), [(0, "")] * AT_ONCE

    def reset(number: int) -> None:
        browser = app.test_client()
        barrier.wait(timeout=30)
        answer = browser.post(link, data={"password": f"{NEW} {number}"})
        answers[number] = answer.status_code, str(answer.location)

    threads = [Thread(target=reset, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    (first,) = (number for number, answer in enumerate(answers) if answer == (302, "/login"))
    # Too late for the lock, or for the link itself.
    assert set(answers) - {(302, "/login")} <= {(410, "None"), (302, "/mot-de-passe-oublie")}
    assert verify_password(f"{NEW} {first}", db.get_one(User, user_id).password)


def test_asking_for_a_new_password_looks_the_same_whoever_the_address_belongs_to(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with_password(make, email="connue@example.org")
    with_password(make, email="fermee@example.org", active=False)
    pages = set()
    for email in ("connue@example.org", "inconnue@example.org", "fermee@example.org"):
        answer = client.post("/mot-de-passe-oublie", data={"email": email})
        assert answer.status_code == 200
        pages.add(without_tokens(answer.data).replace(email.encode(), b"X"))
    assert len(pages) == 1
    assert [m.recipient for m in outbox(db)] == ["connue@example.org"]


def test_a_new_password_by_mail_confirms_the_address(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, email="ada@example.org", confirmed_at=None)
    client.post("/mot-de-passe-oublie", data={"email": "ada@example.org"})
    client.post(last_mail(db).context["reset_link"], data={"password": NEW})
    db.expire_all()
    assert db.get_one(User, user.id).confirmed_at is not None


def test_a_short_new_password_is_refused_beside_its_field(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with_password(make, email="ada@example.org")
    client.post("/mot-de-passe-oublie", data={"email": "ada@example.org"})
    answer = client.post(last_mail(db).context["reset_link"], data={"password": "court"})
    assert answer.status_code == 422
    assert "de 12 à 128" in answer.text


def test_the_links_of_our_mails_never_carry_the_host_somebody_claims(
    db: Session, make: Factory, client: LookingClient, app: Flask
) -> None:
    from tierslieu.mail.rendering import render_mail

    with_password(make, email="ada@example.org")
    client.post(
        "/mot-de-passe-oublie",
        data={"email": "ada@example.org"},
        headers={"Host": "mechant.example"},
    )
    with app.test_request_context():
        mail = render_mail(last_mail(db), app.config["TIERSLIEU"])
    assert "mechant" not in mail.text + mail.html
    assert "http://localhost/mot-de-passe-oublie/" in mail.text


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with_password(make, email="ada@example.org")
    elsewhere = client.application.test_client()
    sign_in(elsewhere, "ada@example.org")
    sign_in(client, "ada@example.org")
    wrong = client.post("/compte/mot-de-passe", data={"password": "faux", "new_password": NEW})
    assert wrong.status_code == 422
    assert "votre mot de passe actuel" in wrong.text
    right = client.post("/compte/mot-de-passe", data={"password": PASSWORD, "new_password": NEW})
    assert right.location == "/compte"
    assert client.get("/compte").status_code == 200
    assert elsewhere.get("/compte").status_code == 302
    assert last_mail(db).template == "security_change_notice"


def test_one_who_has_no_password_chooses_one_after_a_recent_sign_in_only(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(email="ada@example.org")
    client.sign_in(user)
    with client.session_transaction() as session:
        session["fs_paa"] = 0  # signed in long ago
    stale = client.post("/compte/mot-de-passe", data={"new_password": NEW})
    assert stale.location == "/login?next=/compte/mot-de-passe"
    assert client.get("/compte").status_code == 302
    client.sign_in(user)
    assert client.get("/compte/mot-de-passe").status_code == 200
    client.post("/compte/mot-de-passe", data={"new_password": NEW})
    db.expire_all()
    assert verify_password(NEW, db.get_one(User, user.id).password)


def test_a_changed_password_is_not_ones_own_name(make: Factory, client: LookingClient) -> None:
    with_password(make, email="ada@example.org", name="Augusta Ada King")
    sign_in(client, "ada@example.org")
    answer = client.post(
        "/compte/mot-de-passe", data={"password": PASSWORD, "new_password": "Augusta Ada King"}
    )
    assert answer.status_code == 422
    assert "facile à deviner" in answer.text


def test_a_changed_password_is_not_the_place_s_own_name(
    app: Flask, make: Factory, client: LookingClient
) -> None:
    with_password(make, email="ada@example.org")
    sign_in(client, "ada@example.org")
    name = app.config["TIERSLIEU"].place_name
    answer = client.post(
        "/compte/mot-de-passe", data={"password": PASSWORD, "new_password": f"{name} 2026"}
    )
    assert answer.status_code == 422
    assert "facile à deviner" in answer.text


@pytest.mark.parametrize(
    "weak",
    ["password1234", "Mot de passe 12", "motdepasse2026", "tiers-lieu-demo", "Badge-parcours-7"],
)
def test_words_that_everybody_takes_are_no_password(weak: str) -> None:
    assert is_guessable(weak, ["ada@example.org", "Ada"])


@pytest.mark.parametrize(
    "good", ["atelier-pile-demo", "correct cheval pile agrafe", "motdepasse-solide", "x9!Lk2#pQ7vz"]
)
def test_an_ordinary_good_password_is_taken(good: str) -> None:
    assert not is_guessable(good, ["ada@example.org", "Ada"])


def _another_writer(app: Flask) -> None:
    """Fails at once if somebody holds the database for writing."""
    path = Path(app.config["TIERSLIEU"].instance) / "tierslieu.sqlite"
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@pytest.mark.parametrize("what", ["register", "register_known", "reset", "change", "sign_in"])
def test_no_password_is_hashed_while_the_database_is_held_for_writing(
    app: Flask,
    db: Session,
    make: Factory,
    client: LookingClient,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    with_password(make, email="ada@example.org")
    if what == "reset":
        client.post("/mot-de-passe-oublie", data={"email": "ada@example.org"})
        link = last_mail(db).context["reset_link"]
        db.rollback()
    if what == "change":
        sign_in(client, "ada@example.org")
    hashing = app.extensions["tierslieu.security"].pwd_context
    seen: list[str] = []

    def watch(name: str) -> Any:
        real = getattr(hashing, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            seen.append(name)
            _another_writer(app)
            return real(*args, **kwargs)

        return watched

    monkeypatch.setattr(hashing, "hash", watch("hash"))
    monkeypatch.setattr(hashing, "verify", watch("verify"))
    if what == "register":
        client.post("/inscription", data=registration())
    elif what == "register_known":
        client.post("/inscription", data=registration(email="ada@example.org"))
    elif what == "reset":
        client.post(link, data={"password": NEW})
    elif what == "change":
        client.post("/compte/mot-de-passe", data={"password": PASSWORD, "new_password": NEW})
    else:
        sign_in(client, "ada@example.org")
    assert seen
