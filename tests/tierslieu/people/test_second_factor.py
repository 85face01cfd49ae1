"""The second factor: who needs one goes nowhere without; nobody comes round it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, last_mail, outbox, sign_in, with_password
from tests.support.second import SETUP, Application, set_up
from tests.support.tokens import bearing, make_secret
from tierslieu.limits.guard import FACTOR
from tierslieu.people.models import ROLES, OpenSession, User
from tierslieu.people.second.rules import has_second_factor, reset_second_factor

ADA = "ada@example.org"
CODE, RECOVERY = "/connexion/code", "/connexion/code-de-secours"


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Application:
    return Application(monkeypatch)


@pytest.fixture
def ada(make: Factory) -> User:
    return with_password(make, "facilitator", email=ADA)


@pytest.fixture
def equipped(client: LookingClient, ada: User, phone: Application) -> User:
    """Ada with a second factor, signed out."""
    sign_in(client, ADA)
    assert set_up(client, phone).status_code == 200
    client.post("/deconnexion")
    return ada


def _is_in(client: LookingClient) -> bool:
    return client.get("/compte").status_code == 200


def _codes(page: str) -> list[str]:
    return re.findall(r'class="secret">([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})<', page)


@pytest.mark.parametrize("role", ROLES)
def test_who_awards_exports_or_administers_is_led_to_set_one_up_before_anything_else(
    make: Factory, client: LookingClient, role: str
) -> None:
    with_password(make, role, email=ADA)
    sign_in(client, ADA)
    for path in ("/", "/compte", "/agenda", "/parcours"):
        answer = client.get(path)
        if role == "learner":
            assert answer.status_code == 200
        else:
            assert answer.location == SETUP
    assert client.get("/donnees-personnelles").status_code == 200
    assert client.get(SETUP).status_code == 200
    script = client.get("/compte", headers={"Accept": "application/json"})
    if role != "learner":
        assert (script.status_code, script.json["code"]) == (403, "second_factor_required")
        part = client.get("/agenda", headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["HX-Redirect"]) == (403, SETUP)
    client.post("/deconnexion")
    assert client.get("/agenda").status_code == 200


def test_a_demonstration_and_its_accounts_are_exempt(
    app: Flask, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password(make, "administrator", email="demo@example.org", is_demo=True)
    sign_in(client, "demo@example.org")
    assert _is_in(client)
    client.post("/deconnexion")
    with_password(make, "administrator", email=ADA)
    demo = replace(app.config["TIERSLIEU"], demo=True)
    monkeypatch.setitem(app.config, "TIERSLIEU", demo)
    sign_in(client, ADA)
    assert _is_in(client)


@pytest.mark.both_databases
def test_one_sets_it_up_and_gives_a_code_at_each_sign_in(
    db: Session, client: LookingClient, ada: User, phone: Application
) -> None:
    sign_in(client, ADA)
    page = set_up(client, phone)
    assert len(_codes(page.text)) == 10
    assert _is_in(client)
    assert last_mail(db).context["what"] == "on"
    client.post("/deconnexion")
    asked = sign_in(client, ADA, next="/compte/accords")
    assert asked.location == f"{CODE}?next=/compte/accords"
    assert not _is_in(client)
    sign_in(client, ADA, next="/compte/accords")
    assert client.post(asked.location, data={"code": "000000"}).status_code == 422
    spaced = phone.wait()
    entered = client.post(asked.location, data={"code": f"{spaced[:3]} {spaced[3:]}"})
    assert entered.location == "/compte/accords"
    assert _is_in(client)


def test_the_picture_to_scan_stands_in_the_page_and_names_the_place(
    client: LookingClient, ada: User, phone: Application
) -> None:
    sign_in(client, ADA)
    page = client.post(SETUP, data={"setup": "authenticator"}).text
    assert "<svg" in page
    assert "data:image" not in page
    phone.read(page)


def test_the_picture_stays_the_same_until_its_code_was_right_however_often_it_is_asked_for(
    db: Session, client: LookingClient, ada: User, phone: Application
) -> None:
    sign_in(client, ADA)
    phone.read(client.post(SETUP, data={"setup": "authenticator"}).text)
    first = phone.key
    page = client.post(SETUP, data={"setup": "authenticator"}).text  # loaded anew
    target = re.search(r'action="(/compte/double-verification/[^"]+)"', page)
    assert target is not None
    assert client.post(target[1], data={"code": "000000"}).location == SETUP
    phone.read(client.post(SETUP, data={"setup": "authenticator"}).text)
    assert phone.key == first
    assert client.post(target[1], data={"code": phone.code()}).status_code == 302
    assert has_second_factor(db.get_one(User, ada.id, populate_existing=True))
    other: Any = client.application.test_client()
    sign_in(other, ADA)
    other.post(CODE, data={"code": phone.wait()})
    phone.read(other.post(SETUP, data={"setup": "authenticator"}).text)
    assert phone.key != first, "one that was proved is not shown again"


def test_the_secret_is_kept_encrypted_and_never_shown_again(
    db: Session, client: LookingClient, equipped: User, phone: Application
) -> None:
    db.refresh(equipped)
    assert equipped.tf_totp_secret is not None
    assert "enckey" in equipped.tf_totp_secret
    assert phone.key not in equipped.tf_totp_secret
    assert all("-" not in kept[:6] for kept in equipped.mf_recovery_codes or ())
    sign_in(client, ADA)
    client.post(CODE, data={"code": phone.wait()})
    assert phone.key not in client.get(SETUP).text
    assert client.get("/compte/donnees.json").text.count('"has_second_factor": true') == 1


@pytest.mark.both_databases
def test_a_code_serves_once(client: LookingClient, equipped: User, phone: Application) -> None:
    sign_in(client, ADA)
    code = phone.wait()
    earlier = phone.code(-30)
    assert client.post(CODE, data={"code": code}).status_code == 302
    other: Any = client.application.test_client()
    sign_in(other, ADA)
    for spent in (code, earlier):
        assert other.post(CODE, data={"code": spent}).status_code == 422
    assert not _is_in(other)
    assert other.post(CODE, data={"code": phone.wait()}).status_code == 302


@pytest.mark.both_databases
def test_a_code_that_comes_six_times_at_once_serves_once(
    app: Flask, db: Session, equipped: User, phone: Application
) -> None:
    code, user_id = phone.wait(), equipped.id
    security = app.extensions["tierslieu.security"]
    let: list[bool] = []

    def give(session: Session, number: int) -> None:
        user = session.get_one(User, user_id)
        assert user.tf_totp_secret is not None
        let.append(security.totp_factory.verify_totp(code, user.tf_totp_secret, user, 30))

    assert at_once(app, give) == ["done"] * AT_ONCE
    assert sum(let) == 1


@pytest.mark.both_databases
def test_a_mailed_code_that_comes_six_times_at_once_serves_once(
    app: Flask, db: Session, client: LookingClient, make: Factory
) -> None:
    bob_id = with_password(make, email="bob@example.org").id
    client.post("/connexion-par-mail/envoi", data={"identity": "bob@example.org"})
    code = last_mail(db).context["code"]
    security = app.extensions["tierslieu.security"]
    let: list[bool] = []
    read = Barrier(AT_ONCE)

    def give(session: Session, number: int) -> None:
        user = session.get_one(User, bob_id)
        secret = json.loads(user.us_totp_secrets or "{}")["email"]
        read.wait(timeout=30)  # each has read it before any has spent it
        let.append(security.totp_factory.verify_totp(code, secret, user, 900))

    assert at_once(app, give) == ["done"] * AT_ONCE
    assert sum(let) == 1


def test_a_mailed_link_asks_for_the_code_too(
    db: Session, client: LookingClient, equipped: User, phone: Application
) -> None:
    client.post("/connexion-par-mail/envoi", data={"identity": ADA})
    mail = last_mail(db).context
    asked = client.get(mail["login_link"].replace("/lien", "/entrer"))
    assert asked.location.startswith(CODE)
    assert not _is_in(client)
    client.post("/connexion-par-mail/envoi", data={"identity": ADA})
    code = last_mail(db).context["code"]
    given = client.post("/connexion-par-mail", data={"identity": ADA, "passcode": code})
    assert given.location.startswith(CODE)
    client.post(CODE, data={"code": phone.wait()})
    assert _is_in(client)


def test_a_script_is_told_that_a_second_factor_is_needed_and_its_token_goes_on(
    db: Session, client: LookingClient, equipped: User, phone: Application
) -> None:
    answer = client.post("/login", json={"email": ADA, "password": PASSWORD})
    assert answer.json["response"]["tf_required"] is True
    assert not _is_in(client)
    client.post("/login", json={"email": ADA, "password": PASSWORD})
    assert client.post(CODE, json={"code": phone.wait()}).status_code == 200
    assert _is_in(client)
    secret = make_secret(db, equipped, "sessions:read")
    assert client.get("/api/v1/sessions", headers=bearing(secret)).status_code == 200


@pytest.mark.both_databases
def test_a_recovery_code_opens_once(client: LookingClient, ada: User, phone: Application) -> None:
    sign_in(client, ADA)
    kept = _codes(set_up(client, phone).text)
    client.post("/deconnexion")
    sign_in(client, ADA)
    assert client.post(RECOVERY, data={"code": "0000-0000-0000"}).status_code == 422
    assert client.post(RECOVERY, data={"code": f" {kept[3].upper()} "}).status_code == 302
    assert _is_in(client)
    assert kept[3] not in _codes(client.get("/compte/codes-de-secours?show_codes=1").text)
    client.post("/deconnexion")
    sign_in(client, ADA)
    assert client.post(RECOVERY, data={"code": kept[3]}).status_code == 422


@pytest.mark.both_databases
@pytest.mark.parametrize("path", [CODE, RECOVERY])
def test_codes_are_taken_for_a_person_nobody_had_read_in_that_process(
    db: Session, client: LookingClient, ada: User, phone: Application, path: str
) -> None:
    sign_in(client, ADA)
    kept = _codes(set_up(client, phone).text)
    client.post("/deconnexion")
    sign_in(client, ADA)
    code = phone.wait() if path == CODE else kept[0]
    db.expunge_all()  # as in real life: the library reads the person, roles joined, and we hold it
    assert client.post(path, data={"code": code}).status_code == 302
    assert _is_in(client)


@pytest.mark.parametrize("path", [CODE, RECOVERY])
def test_without_a_first_factor_no_code_opens_anything(
    client: LookingClient, equipped: User, phone: Application, path: str
) -> None:
    answer = client.post(path, data={"code": phone.wait()})
    assert answer.location == "/login"
    assert not _is_in(client)


def test_codes_cannot_be_guessed(
    app: Flask, client: LookingClient, equipped: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, FACTOR, 1.0)
    sign_in(client, ADA)
    statuses = [client.post(CODE, data={"code": "000000"}).status_code for _try in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.post(RECOVERY, data={"code": "0000-0000-0000"}).status_code == 429


@pytest.mark.both_databases
def test_a_session_begun_without_it_goes_on_nowhere_once_there_is_one(
    db: Session, client: LookingClient, ada: User, phone: Application
) -> None:
    other: Any = client.application.test_client()
    for browser in (client, other):
        sign_in(browser, ADA)
    set_up(client, phone)
    assert _is_in(client)
    answer = other.get("/agenda")
    assert answer.location == "/login?next=/agenda"
    assert not _is_in(other)
    assert db.query(OpenSession).count() == 1


def test_whose_role_asks_for_it_cannot_switch_it_off_and_others_can(
    db: Session, make: Factory, client: LookingClient, ada: User, phone: Application
) -> None:
    sign_in(client, ADA)
    set_up(client, phone)
    assert client.post(SETUP, data={"setup": "disable"}).status_code == 422
    client.post("/deconnexion")
    learner = with_password(make, email="zoe@example.org")
    sign_in(client, "zoe@example.org")
    set_up(client, phone)
    client.post("/deconnexion")
    assert sign_in(client, "zoe@example.org").location.startswith(CODE)
    client.post(CODE, data={"code": phone.wait()})
    assert client.post(SETUP, data={"setup": "disable"}).status_code == 302
    db.expire_all()
    assert not has_second_factor(learner)
    assert learner.mf_recovery_codes is None
    assert last_mail(db).context["what"] == "off"
    client.post("/deconnexion")
    assert sign_in(client, "zoe@example.org").location == "/"


@pytest.mark.both_databases
def test_a_second_factor_that_was_lost_is_reset_and_the_person_is_told(
    db: Session, client: LookingClient, equipped: User, phone: Application
) -> None:
    from tierslieu import clock

    sign_in(client, ADA)
    client.post(CODE, data={"code": phone.wait()})
    assert reset_second_factor(db, equipped, now=clock.now())
    db.commit()
    assert not _is_in(client)
    assert (last_mail(db).recipient, last_mail(db).context["what"]) == (ADA, "reset")
    sign_in(client, ADA)
    assert client.get("/compte").location == SETUP
    count = len(outbox(db))
    assert not reset_second_factor(db, equipped, now=clock.now())
    assert len(outbox(db)) == count


def test_the_command_says_what_it_does() -> None:
    from tierslieu.people.commands import user

    told = CliRunner().invoke(user, ["reset-second-factor", "--help"])
    assert told.exit_code == 0
    assert "lost it" in told.output


@pytest.mark.parametrize("closed", ["/connexion/secours", "/connexion/choix"])
def test_ways_of_the_library_we_do_not_use_are_closed(client: LookingClient, closed: str) -> None:
    assert client.get(closed).status_code == 404
