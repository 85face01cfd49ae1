"""Passkeys: a device opens its person's account, and nothing that was bent opens anything."""

from __future__ import annotations

import json
import re
import time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.authenticator import ADD, DOOR, LIST, Device, add, enter, read_options
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox, sign_in, with_password
from tests.support.second import Application, set_up
from tierslieu import clock
from tierslieu.limits.guard import FACTOR
from tierslieu.logbook.models import LogEntry
from tierslieu.people.models import OpenSession, Passkey, User

CODE, RECOVERY = "/connexion/code", "/connexion/code-de-secours"
CODES = "/compte/codes-de-secours"
ADA, ZOE = "ada@example.org", "zoe@example.org"


@pytest.fixture
def zoe(make: Factory) -> User:
    return with_password(make, email=ZOE)


def _is_in(client: LookingClient) -> bool:
    return client.get("/compte").status_code == 200


def _passkeys(db: Session) -> list[Passkey]:
    db.rollback()
    return list(db.scalars(select(Passkey).order_by(Passkey.added_at)))


def _acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(LogEntry.act)))


@pytest.fixture
def device(client: LookingClient, zoe: User) -> Device:
    """Zoé's, added; she is signed out."""
    made = Device()
    client.sign_in(zoe)
    assert add(client, made).location == LIST
    client.post("/deconnexion")
    return made


@pytest.mark.both_databases
@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_passkey_is_added_opens_the_account_alone_and_is_removed(
    db: Session, client: LookingClient, zoe: User, algorithm: str
) -> None:
    device = Device(algorithm)
    client.sign_in(zoe)
    assert add(client, device).location == LIST
    assert "Mon téléphone" in client.get(LIST).text
    assert last_mail(db).template == "people_passkey"
    assert last_mail(db).context["what"] == "added"
    client.post("/deconnexion")
    assert enter(client, device, next="/compte/accords").location == "/compte/accords"
    assert _is_in(client)
    row = db.scalars(select(OpenSession)).one()
    assert row.is_strong
    assert not row.is_kept
    passkey = _passkeys(db)[0]
    assert passkey.last_used_at is not None
    client.post(f"{LIST}/{passkey.id}/retirer")
    assert _passkeys(db) == []
    assert last_mail(db).context["what"] == "removed"
    client.post("/deconnexion")
    assert enter(client, device).status_code == 422
    assert not _is_in(client)
    assert "passkey_added" not in _acts(db)  # learners come and go unseen


def test_a_device_that_never_counts_comes_in_each_time(
    db: Session, client: LookingClient, zoe: User
) -> None:
    device = Device(counts=False)
    client.sign_in(zoe)
    add(client, device)
    for _time in range(2):
        client.post("/deconnexion")
        assert enter(client, device).status_code == 302
    assert _is_in(client)


def test_a_suspended_account_and_one_never_confirmed_are_refused(
    db: Session, client: LookingClient, zoe: User, device: Device
) -> None:
    for change in ({"active": False}, {"active": True, "confirmed_at": None}):
        user = db.get_one(User, zoe.id, populate_existing=True)
        for key, value in change.items():
            setattr(user, key, value)
        db.commit()
        assert enter(client, device).status_code == 422
        assert not _is_in(client)


def test_a_challenge_for_a_new_one_is_its_person_s_alone(
    db: Session, client: LookingClient, make: Factory, zoe: User
) -> None:
    client.sign_in(zoe)
    answer = Device().make(read_options(client.get(ADD).text))
    client.sign_in(make.user())
    said = client.post(ADD, data={"name": "La sienne", "answer": answer})
    assert said.status_code == 422
    assert _passkeys(db) == []


def test_one_known_already_a_name_missing_and_too_many_are_refused(
    db: Session, client: LookingClient, zoe: User, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(zoe)
    assert "déjà connue" in add(client, device).text
    assert add(client, Device(), name=" ").status_code == 422
    assert client.post(ADD, data={"name": "Rien"}).status_code == 422
    monkeypatch.setattr("tierslieu.people.passkeys.rules.MOST", 1)
    assert "retirez-en une" in add(client, Device()).text
    assert len(_passkeys(db)) == 1


def test_an_old_sign_in_adds_and_removes_nothing_and_another_s_is_not_found(
    db: Session, client: LookingClient, make: Factory, zoe: User, device: Device
) -> None:
    row = _passkeys(db)[0]
    client.sign_in(make.user())
    assert client.post(f"{LIST}/{row.id}/retirer").status_code == 404
    client.sign_in(zoe)
    for path in (ADD, f"{LIST}/{row.id}/retirer"):
        client.sign_in(zoe)
        with client.session_transaction() as session:
            session["fs_paa"] = time.time() - 16 * 60
        assert client.post(path).location.startswith("/login")
    assert len(_passkeys(db)) == 1
    assert enter(client, device, next=ADD).location == ADD
    assert client.get(ADD).status_code == 200  # it counts as a recent sign-in


@pytest.mark.both_databases
def test_whose_role_asks_for_more_may_use_a_passkey_instead_of_codes(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with_password(make, "facilitator", email=ADA)
    sign_in(client, ADA)
    device = Device()
    assert add(client, device).location == f"{CODES}?show_codes=1"
    assert client.get("/agenda").status_code == 200  # this session has just set it up
    row = _passkeys(db)[0]
    kept = client.post(f"{LIST}/{row.id}/retirer", follow_redirects=True)
    assert "cette clé est la seule" in kept.text
    client.post("/deconnexion")
    sign_in(client, ADA)  # the password alone: led to the passkey, not to setting up codes
    assert client.get("/compte/double-verification").location.startswith(DOOR)
    assert client.get(ADD).location == "/login?next=/compte/cles-identification/ajouter"
    assert enter(client, device, DOOR, second="1").status_code == 302
    assert client.get("/agenda").status_code == 200
    assert _acts(db).count("passkey_added") == 1
    assert add(client, Device(), "L’ordinateur").location == LIST
    client.post(f"{LIST}/{row.id}/retirer")
    assert [one.name for one in _passkeys(db)] == ["L’ordinateur"]


@pytest.fixture
def ada_s_codes(make: Factory, client: LookingClient) -> list[str]:
    """Ada is of the team, with a passkey alone; the codes she was given. She is signed out."""
    with_password(make, "facilitator", email=ADA)
    sign_in(client, ADA)
    page = client.get(add(client, Device()).location).text
    client.post("/deconnexion")
    return re.findall(r'class="secret">([0-9a-f-]{14})<', page)


@pytest.mark.both_databases
def test_whose_only_passkey_is_lost_comes_in_by_a_code_kept_for_a_rainy_day(
    db: Session, client: LookingClient, ada_s_codes: list[str]
) -> None:
    assert len(ada_s_codes) == 10
    sign_in(client, ADA)
    door = client.get("/agenda").location
    page = client.get(door)
    assert f"{RECOVERY}?next=/agenda" in page.text
    assert client.get(CODE).location.startswith(DOOR)  # there is no application to give one
    db.expunge_all()
    assert client.post(RECOVERY, data={"code": "0000-0000-0000"}).status_code == 422
    assert client.post(RECOVERY, data={"code": ada_s_codes[0]}).status_code == 302
    assert client.get("/agenda").status_code == 200
    assert "Mes codes de secours" in client.get(LIST).text
    assert add(client, Device(), "Le nouveau").location == LIST  # the other codes still serve
    client.post("/deconnexion")
    sign_in(client, ADA)
    client.get("/agenda")
    assert client.post(RECOVERY, data={"code": ada_s_codes[0]}).status_code == 422


def test_a_code_for_a_rainy_day_opens_nothing_long_after_the_password(
    client: LookingClient, ada_s_codes: list[str]
) -> None:
    sign_in(client, ADA)
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - 16 * 60
    assert RECOVERY not in client.get(client.get("/agenda").location).text
    assert client.post(RECOVERY, data={"code": ada_s_codes[0]}).location == "/login"
    assert not _is_in(client)


def test_codes_for_a_rainy_day_go_with_the_last_passkey(
    db: Session, make: Factory, client: LookingClient, ada_s_codes: list[str]
) -> None:
    ada = db.scalars(select(User).where(User.email == ADA)).one()
    ada.is_demo = True  # whom nobody asks for a second factor
    db.commit()
    client.sign_in(ada)
    client.post(f"{LIST}/{_passkeys(db)[0].id}/retirer")
    assert _passkeys(db) == []
    assert db.get_one(User, ada.id, populate_existing=True).mf_recovery_codes is None


def test_a_learner_s_passkey_brings_no_codes(
    db: Session, client: LookingClient, device: Device, zoe: User
) -> None:
    assert db.get_one(User, zoe.id, populate_existing=True).mf_recovery_codes is None


@pytest.mark.both_databases
def test_whose_passkey_was_copied_is_told_by_mail_once_a_day(
    db: Session, client: LookingClient, device: Device
) -> None:
    assert enter(client, device).status_code == 302
    client.post("/deconnexion")
    for _time in range(2):
        device.count = 0
        assert "copiée" in enter(client, device).text
    told = [mail for mail in outbox(db) if mail.context.get("what") == "copied"]
    assert [mail.recipient for mail in told] == [ZOE]
    assert told[0].context["key"] == "Mon téléphone"


def test_whose_second_factor_was_reset_meanwhile_is_not_left_at_the_page_of_codes(
    db: Session, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tierslieu.people.second.rules import reset_second_factor

    ada = with_password(make, "facilitator", email=ADA)
    sign_in(client, ADA)
    set_up(client, Application(monkeypatch))
    client.post("/deconnexion")
    sign_in(client, ADA)
    reset_second_factor(db, ada, now=clock.now())
    db.commit()
    assert client.get(CODE).location == "/login"


def test_after_a_password_a_passkey_of_that_person_is_the_second_factor(
    db: Session, make: Factory, client: LookingClient, device: Device, zoe: User
) -> None:
    other = Device()
    with pytest.MonkeyPatch.context() as patch:
        phone = Application(patch)
        with_password(make, "facilitator", email=ADA)
        sign_in(client, ADA)
        set_up(client, phone)
        client.post("/deconnexion")
        sign_in(client, ADA)
        assert "data-passkey" not in client.get(CODE).text  # none yet
        client.post(CODE, data={"code": phone.wait()})
        add(client, other)
        client.post("/deconnexion")
    sign_in(client, ADA, remember="y")
    theirs = enter(client, device, CODE, second="1")
    assert theirs.status_code == 422
    assert not _is_in(client)
    other.handle = None  # who is asked for by number needs not say who it is
    assert enter(client, other, CODE, second="1").status_code == 302
    assert _is_in(client)
    assert db.scalars(select(OpenSession).where(OpenSession.is_kept)).one().is_strong
    client.post("/deconnexion")
    assert enter(client, other, DOOR, second="1").status_code == 422  # nobody is awaited


def test_tries_are_limited(
    app: Flask, client: LookingClient, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, FACTOR, 1.0)
    tries = [client.post(DOOR, data={"answer": "x"}).status_code for _try in range(61)]
    assert tries == [422] * 60 + [429]


def test_a_new_password_by_mail_ends_those_a_leaked_one_may_have_made(
    db: Session, make: Factory, client: LookingClient, device: Device, zoe: User
) -> None:
    from tierslieu.people.passkeys.rules import close_weak, count_weak

    chief = make.user("administrator")
    client.sign_in(chief)
    add(client, Device())
    now = clock.now()
    assert count_weak(db, chief.id, now) == close_weak(db, chief.id, now) == 0
    assert close_weak(db, zoe.id, now) == 1


def test_a_lost_device_is_reset_with_the_second_factor(
    db: Session, client: LookingClient, device: Device, zoe: User
) -> None:
    from tierslieu.people.second.rules import reset_second_factor

    assert reset_second_factor(db, zoe, now=clock.now())
    db.commit()
    assert _passkeys(db) == []
    assert last_mail(db).context["what"] == "reset"


def test_one_s_own_file_and_leaving_know_of_them(
    db: Session, client: LookingClient, device: Device, zoe: User
) -> None:
    client.sign_in(zoe)
    mine = client.get("/compte/donnees.json").json
    assert [one["name"] for one in mine["held"]["passkeys"]["data"]] == ["Mon téléphone"]
    assert _passkeys(db)[0].public_key not in json.dumps(mine)
    assert client.post("/compte/partir", data={"knows": "y"}).status_code == 302
    assert _passkeys(db) == []


def test_passkeys_of_an_account_that_joins_another_end(
    db: Session, make: Factory, client: LookingClient, device: Device, zoe: User
) -> None:
    from tests.support.badges import house_here
    from tierslieu.people.joining.rules import join_accounts

    kept = make.user()
    join_accounts(db, house_here(), zoe.id, kept.id, now=clock.now(), by_team=True)
    db.commit()
    assert _passkeys(db) == []


def test_who_looks_in_somebody_s_place_adds_none(
    db: Session, make: Factory, client: LookingClient, zoe: User
) -> None:
    chief = make.user("administrator")
    client.sign_in(chief)
    client.post(
        f"/administration/personnes/{zoe.id}/regarder", data={"reason": "Elle ne voit rien"}
    )
    for answer in (client.get(ADD), client.post(ADD, data={"name": "x", "answer": "x"})):
        assert answer.status_code == 403
