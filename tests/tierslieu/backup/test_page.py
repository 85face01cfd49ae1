"""«Sauvegardes»: who runs the place sees how the copies went, asks for one, and decides on the
mails that a restore held back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.backup.models import BackupRun, RunState
from tierslieu.backup.rotation import file_name
from tierslieu.house import Check, House
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.queries import count_held, find_due
from tierslieu.mail.rules import hold_mails, write_mail

pytestmark = pytest.mark.both_databases
PAGE = "/administration/sauvegardes"


@pytest.fixture
def told(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This place keeps its backups there."""
    settings = replace(
        app.config["TIERSLIEU"], backup_dir=tmp_path, backup_passphrase="cinq mots bien à nous"
    )
    monkeypatch.setitem(app.config, "TIERSLIEU", settings)
    return tmp_path


def _kept(db: Session, folder: Path, days_ago: int, **values: Any) -> BackupRun:
    made = clock.now().replace(microsecond=0) - timedelta(days=days_ago)
    run = BackupRun(
        state=RunState.KEPT,
        asked_at=made,
        ended_at=made,
        made_at=made,
        name=file_name(made),
        size=1_234_567,
        **values,
    )
    (folder / run.name).write_bytes(b"x")
    db.add(run)
    db.commit()
    return run


def _doctor(app: Flask, db: Session) -> dict[str, str]:
    house: House = app.extensions["tierslieu.house"]
    said = {c.name: c.ask(db, clock.now()) for c in house.all(Check) if not c.is_vital}
    db.rollback()
    return {name: sentence for name, sentence in said.items() if sentence}


def test_the_page_lists_what_is_kept_and_what_failed_with_the_reason(
    db: Session, make: Factory, client: LookingClient, told: Path
) -> None:
    _kept(db, told, 0, missing=2)
    ended = clock.now() - timedelta(days=3)
    db.add(BackupRun(state=RunState.FAILED, asked_at=ended, ended_at=ended, problem="full"))
    db.commit()
    client.sign_in(make.user("administrator"))
    page = client.get(PAGE).text
    assert "1,2\xa0Mo" in page
    assert "2 fichiers manquaient déjà" in page
    assert "n’a plus de place" in page
    assert "Sauvegarder maintenant" in page
    assert str(told) not in page


def test_asking_twice_makes_one_and_the_page_says_that_it_waits(
    db: Session, make: Factory, client: LookingClient, told: Path
) -> None:
    client.sign_in(make.user("administrator"))
    for _ in range(2):
        assert client.post(PAGE).status_code == 302
    assert len(db.scalars(select(BackupRun)).all()) == 1
    db.rollback()
    page = client.get(PAGE).text
    assert "elle commence dans la minute" in page
    assert "Sauvegarder maintenant" not in page


def test_who_runs_the_place_is_warned_on_the_first_page_and_by_doctor_but_monitors_are_not(
    app: Flask, db: Session, make: Factory, client: LookingClient, told: Path
) -> None:
    _kept(db, told, 3)
    client.sign_in(make.user("administrator"))
    assert "plus de deux jours" in client.get("/").text
    assert "older than two days" in _doctor(app, db)["backups"]
    _kept(db, told, 0)
    assert "plus de deux jours" not in client.get("/").text
    assert "backups" not in _doctor(app, db)
    house: House = app.extensions["tierslieu.house"]
    assert not next(c for c in house.all(Check) if c.name == "backups").is_vital


def test_a_place_that_keeps_no_backups_says_so_and_offers_no_button(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("administrator"))
    page = client.get(PAGE).text
    assert "TIERSLIEU_BACKUP_DIR" in page
    assert "Sauvegarder maintenant" not in page
    assert "BACKUP_DIR" in _doctor(app, db)["backups"]


@pytest.mark.parametrize(("wanted", "due", "left"), [("send", 2, 0), ("drop", 0, 0)])
def test_mails_held_back_leave_or_are_dropped_when_somebody_says_so(
    app: Flask, db: Session, make: Factory, client: LookingClient, wanted: str, due: int, left: int
) -> None:
    now = clock.now() - timedelta(hours=1)
    for number in range(2):
        write_mail(db, f"p{number}@example.org", "welcome", {}, now=now, due_key=f"k{number}")
    assert hold_mails(db) == 2
    assert hold_mails(db) == 0
    db.commit()
    assert not find_due(db, clock.now(), 10)
    assert "mail" not in _doctor(app, db), "they wait on purpose"
    assert "2 mails" in _doctor(app, db)["mails_held"]
    client.sign_in(make.user("administrator"))
    assert "2 mails" in client.get(PAGE).text
    assert client.post(f"{PAGE}/mails", data={"do": "rien"}).status_code == 422
    assert client.post(f"{PAGE}/mails", data={"do": wanted}).status_code == 302
    db.expire_all()
    assert len(find_due(db, clock.now(), 10)) == due
    assert count_held(db) == left
    assert len(db.scalars(select(OutboxMessage.due_key)).all()) == 2, "their keys stay"
    noted = db.scalars(select(LogEntry).where(LogEntry.act.startswith("held_mails"))).all()
    said = {"send": "held_mails_sent", "drop": "held_mails_dropped"}[wanted]
    assert [(one.act, json.loads(one.about)) for one in noted] == [(said, {"mails": 2})]
