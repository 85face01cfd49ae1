"""Who administers the place replaces the keys that sign, withdraws one that leaked, and ends those
of programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards import keys, publishing
from badges.awards.jobs import SIGNED_AGAIN
from badges.awards.models import SigningKey
from tests.support.badges import make_award
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.jobs import run_now
from tierslieu.logbook.models import LogEntry
from tierslieu.settings import Settings
from tierslieu.tokens.models import AccessToken

pytestmark = pytest.mark.both_databases
ROOM = "/administration/cles"


@pytest.fixture
def web(
    app: Flask,
    db: Session,
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """A place under https, opened."""
    here: Settings = app.config["TIERSLIEU"]
    settings = replace(here, instance=tmp_path, base_url="https://lieu.example")
    monkeypatch.setitem(app.config, "TIERSLIEU", settings)
    keys.open_keys(db, settings, clock.now())
    db.commit()
    return settings


@pytest.fixture
def admin(client: LookingClient, make: Factory) -> LookingClient:
    return client.sign_in(make.user("administrator"))


def acts(db: Session) -> list[str]:
    db.rollback()
    made = select(LogEntry.act).where(LogEntry.act != "key_made").order_by(LogEntry.number)
    return list(db.scalars(made))


def test_a_key_is_replaced_from_a_page_and_both_are_shown(
    db: Session, web: Settings, admin: LookingClient
) -> None:
    before = keys.load_signer(db, web).key.name
    page = admin.get(ROOM).text
    assert before in page
    assert page.count(">signe<") == 3
    assert admin.post(f"{ROOM}/{before}/remplacer").location == ROOM
    there = {"Referer": f"http://localhost{ROOM}"}
    again = admin.post(f"{ROOM}/{before}/remplacer", headers=there, follow_redirects=True)
    assert again.request.path == ROOM
    assert "Cette clé est déjà remplacée." in again.text
    db.rollback()
    after = keys.load_signer(db, web).key.name
    assert after != before
    page = admin.get(ROOM).text
    assert (page.count(">signe<"), page.count(">ne signe plus<")) == (3, 1)
    assert acts(db) == ["key_rotated"]
    assert admin.post(f"{ROOM}/z6Mk/remplacer").status_code == 404
    (web.instance / "keys" / keys.key_file(after)).unlink()
    page = admin.get(ROOM).text
    assert "fichier absent" in page
    assert "Quelque chose empêche de signer" in page


def test_a_leaked_key_is_withdrawn_from_a_page_and_the_worker_signs_its_badges_anew(
    app: Flask, db: Session, make: Factory, web: Settings, admin: LookingClient
) -> None:
    stolen = keys.load_signer(db, web)
    award = make_award(db, make.user(), make.user("facilitator"), stolen)
    there = f"{ROOM}/{stolen.key.name}/retirer"
    assert f'href="{there}"' in admin.get(ROOM).text
    assert stolen.key.name in admin.get(there).text
    answer = admin.post(there, data={"since": "2999-01-01T10:00", "reason": "Volée"})
    assert answer.status_code == 422
    assert "La date du retrait est à venir." in answer.text
    assert "Volée" in answer.text
    assert admin.post(there, data={"since": "2026-03-29T02:30"}).status_code == 422
    db.rollback()
    assert keys.load_signer(db, web).key.name == stolen.key.name
    assert admin.post(there, data={"reason": "Une sauvegarde s’est perdue"}).location == ROOM
    page = admin.get(ROOM).text
    assert "Une sauvegarde s’est perdue" in page
    assert "1 badge d’une clé retirée attend d’être signé de nouveau." in page
    assert run_now(app, SIGNED_AGAIN) == 1
    db.rollback()
    assert publishing.check_award(db, web, award, clock.now()).outcome == "valid"
    assert "signé de nouveau" not in admin.get(ROOM).text
    assert admin.get(there).status_code == 404, "it is withdrawn once"
    assert acts(db)[-2:] == ["key_rotated", "key_revoked"]


def test_a_place_that_is_its_key_is_told_to_replace_it(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    settings = app.config["TIERSLIEU"]
    keys.open_keys(db, settings, clock.now())
    db.commit()
    name = keys.load_signer(db, settings).key.name
    page = admin.get(ROOM).text
    assert "Elle a fui" not in page
    assert "rien ne peut dire ailleurs qu’elle est retirée" in page
    answer = admin.post(f"{ROOM}/{name}/retirer", data={})
    assert "Faites-la remplacer" in answer.text
    db.rollback()
    assert db.scalars(select(SigningKey).where(SigningKey.revoked_at.is_not(None))).all() == []


def test_the_key_of_a_program_is_ended_by_who_administers_the_place(
    db: Session, make: Factory, web: Settings, admin: LookingClient
) -> None:
    owner = make.user()
    secret, kept = (make_secret(db, owner, "bookings:write") for _number in range(2))
    token = db.scalars(select(AccessToken).order_by(AccessToken.created_at)).first()
    assert token is not None
    page = admin.get(ROOM).text
    assert f'href="/administration/personnes/{owner.id}"' in page
    assert page.count("Retirer cette clé") >= 2
    assert admin.post(f"{ROOM}/programmes/{token.id}/retirer").location == ROOM
    asked = "/api/v1/bookings"
    other = admin.application.test_client()
    assert other.get(asked, headers=bearing(secret)).status_code == 401
    assert other.get(asked, headers=bearing(kept)).status_code == 200
    assert token.name not in admin.get(ROOM).text
    assert acts(db)[-1] == "token_revoked"
    assert admin.post(f"{ROOM}/programmes/{owner.id}/retirer").status_code == 404
