"""``/healthz`` tells the truth: each fault is really made, named, and gone when it is mended."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from badges.awards.models import SigningKey
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.opening import opened
from tests.support.postgresql import begin_server
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.clockwork import WorkerBeat
from tierslieu.db import db as database
from tierslieu.home import disk, health
from tierslieu.house import Check, House
from tierslieu.jobs import beat
from tierslieu.settings import Settings


@pytest.fixture(scope="session")
def _opened(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> Iterator[Flask]:
    changes: dict[str, Any] = {"key_passphrase": "quatre mots bien choisis"}
    if database_kind == "postgresql":
        new = request.getfixturevalue("new_postgresql")
        changes["database_url"] = new(f"well_{os.getpid()}")
    app = opened(make_settings(f"well-{database_kind}", **changes))
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def well(_opened: Flask) -> Iterator[Flask]:
    """A place in which all is well, before and after the test."""
    with _opened.app_context():
        beat()
    assert ask(_opened) == (200, {})
    yield _opened
    with _opened.app_context():
        beat()
    assert ask(_opened) == (200, {}), "what was mended is well again"


def ask(app: Flask) -> tuple[int, dict[str, str]]:
    """The status of /healthz, and what is wrong by name."""
    answer = app.test_client().get("/healthz")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["status"] == ("ok" if answer.status_code == 200 else "unwell")
    return answer.status_code, answer.get_json().get("wrong", {})


def named(app: Flask) -> set[str]:
    """The names of what is wrong; the answer is 503."""
    status, wrong = ask(app)
    assert status == 503
    return set(wrong)


def _bare(settings: Settings) -> Flask:
    return create_app(settings, TESTING=True)


@pytest.mark.both_databases
def test_a_worker_that_has_not_beaten_for_long_is_named(well: Flask) -> None:
    with well.app_context():
        database.session.get_one(WorkerBeat, "worker").at = clock.now() - timedelta(minutes=4)
        database.session.commit()
    assert named(well) == {"worker"}
    with well.app_context():
        database.session.delete(database.session.get_one(WorkerBeat, "worker"))
        database.session.commit()
    assert named(well) == {"worker"}, "a worker that never began"


def test_a_clock_that_leapt_is_told_and_keeps_nobody_out(well: Flask) -> None:
    with well.app_context():
        database.session.add(WorkerBeat(name="clock", at=clock.now() - timedelta(days=8)))
        database.session.commit()
    answer = well.test_client().get("/healthz")
    with well.app_context():
        database.session.delete(database.session.get_one(WorkerBeat, "clock"))
        database.session.commit()
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ok"
    assert "8 days ahead" in answer.get_json()["wrong"]["clock_leap"]


@pytest.mark.both_databases
def test_a_beat_from_the_future_means_that_a_clock_is_wrong(well: Flask) -> None:
    with well.app_context():
        database.session.get_one(WorkerBeat, "worker").at = clock.now() + timedelta(minutes=5)
        database.session.commit()
    assert named(well) == {"clock"}


@pytest.mark.both_databases
def test_a_clock_that_differs_from_that_of_the_database_is_named(
    well: Flask, database_kind: str
) -> None:
    with clock.fixed_at(clock.now() + timedelta(seconds=90)):
        # SQLite has no clock of its own; and a beat of 90 seconds ago is young.
        assert set(ask(well)[1]) == ({"clock"} if database_kind == "postgresql" else set())
    with clock.fixed_at(clock.now() - timedelta(seconds=90)):
        assert named(well) == {"clock"}


@pytest.mark.both_databases
def test_a_database_behind_the_code_is_named(well: Flask) -> None:
    with well.app_context():
        newest = database.session.scalar(text("SELECT version_num FROM alembic_version"))
        database.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
        database.session.commit()
    assert named(well) == {"migrations"}
    with well.app_context():
        database.session.execute(
            text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest}
        )
        database.session.commit()


def test_a_database_that_was_never_made_is_behind(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite"
    file.touch()
    assert named(_bare(Settings(tmp_path, f"sqlite:///{file}"))) == {"migrations"}


def test_the_file_of_a_database_that_is_gone_is_named_and_not_made_anew(well: Flask) -> None:
    file = well.config["TIERSLIEU"].instance / "tierslieu.sqlite"
    aside = file.rename(file.with_suffix(".aside"))
    assert named(well) == {"database"}
    assert not file.exists()
    aside.rename(file)


@pytest.mark.both_databases
def test_a_signing_key_that_is_gone_or_damaged_is_named(well: Flask) -> None:
    for path in sorted(well.config["TIERSLIEU"].keys.folder.glob("badges-*.pem")):
        kept = path.read_bytes()
        path.write_bytes(kept[:200])
        assert named(well) == {"badge_keys"}
        path.unlink()
        assert named(well) == {"badge_keys"}
        path.write_bytes(kept)
        path.chmod(0o600)
    with well.app_context():
        assert database.session.query(SigningKey).count() == 3


def test_a_wrong_passphrase_is_named_without_repeating_it(
    well: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = well.config["TIERSLIEU"]
    for wrong in ("quatre autres mots mal choisis", ""):
        monkeypatch.setitem(well.config, "TIERSLIEU", replace(right, key_passphrase=wrong))
        status, said = ask(well)
        assert (status, set(said)) == (503, {"badge_keys"})
        assert "KEY_PASSPHRASE" in said["badge_keys"]
        assert "mots" not in str(said)
    monkeypatch.undo()


def test_the_folder_of_keys_that_is_gone_is_named(well: Flask) -> None:
    folder = well.config["TIERSLIEU"].keys.folder
    aside = folder.rename(folder.with_name("keys.aside"))
    assert "badge_keys" in named(well)
    aside.rename(folder)


def test_a_folder_that_cannot_be_written_is_named(
    well: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = well.config["TIERSLIEU"]
    for folder in (Path("/proc/self"), settings.instance / "gone"):  # even root writes to neither
        elsewhere = replace(settings, instance=folder)
        assert disk.find_disk_trouble([elsewhere.instance])
    monkeypatch.setitem(well.config, "TIERSLIEU", replace(settings, instance=Path("/proc/self")))
    assert "disk" in named(well)
    monkeypatch.undo()


def test_a_full_disk_is_named(well: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    left = disk.LEAST_FREE
    monkeypatch.setattr(
        disk.os, "statvfs", lambda folder: SimpleNamespace(f_bavail=left // 4096 - 1, f_frsize=4096)
    )
    status, said = ask(well)
    assert (status, set(said)) == (503, {"disk"})
    assert "99 MB" in said["disk"]
    monkeypatch.undo()


def test_a_disk_that_takes_no_byte_more_is_named(
    well: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = open("/dev/full", "wb")  # noqa: SIM115 - the watch closes it
    monkeypatch.setattr(disk.tempfile, "TemporaryFile", lambda **more: full)
    status, said = ask(well)
    assert (status, set(said)) == (503, {"disk"})
    assert "No space left" in said["disk"]
    monkeypatch.undo()


def test_a_postgresql_that_stops_is_named_and_found_again(
    make_settings: Callable[..., Settings],
) -> None:
    server = begin_server()
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        app = opened(make_settings("stopping", database_url=address))
        client = app.test_client()
        client.set_cookie("session", "of a person who is signed in")
        assert ask(app) == (200, {})
        server.stop()
        assert named(app) == {"database"}
        assert client.get("/healthz").status_code == 503
        server.start()
        assert ask(app) == (200, {})
        with app.app_context():
            database.session.remove()
            database.engine.dispose()
    finally:
        server.cleanup()


def test_nothing_listens_there_and_no_password_is_told(tmp_path: Path) -> None:
    app = _bare(Settings(tmp_path, "postgresql+psycopg://lieu:geheim@127.0.0.1:1/lieu"))
    status, said = ask(app)
    assert (status, set(said)) == (503, {"database"})
    assert "geheim" not in str(said)
    assert "127.0.0.1" not in str(said)


def test_a_database_that_takes_the_call_and_never_answers_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app = _bare(Settings(tmp_path, f"postgresql+psycopg://x:y@127.0.0.1:{port}/x"))
        begun = time.monotonic()
        assert named(app) == {"database"}
        assert named(app) == {"database"}
        assert time.monotonic() - begun < 3


def test_one_thread_asks_for_all_and_what_hangs_is_named() -> None:
    asked: list[datetime] = []
    go_on = threading.Event()

    def look(now: datetime, note: health.Note) -> dict[str, str]:
        asked.append(now)
        note("disk")
        go_on.wait(30)
        return {}

    watch = health.Watch(look, kept_for=3600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "PATIENCE", 0.05)
        for _turn in range(3):
            assert set(watch.ask(clock.now())) == {"disk"}
    go_on.set()
    assert watch.ask(clock.now()) == {}
    assert watch.ask(clock.now()) == {}, "an answer is kept for a while"
    assert len(asked) == 1


def test_an_answer_grows_old() -> None:
    answers = iter([{}, {"disk": "full"}])
    watch = health.Watch(lambda now, note: next(answers), kept_for=0)
    assert watch.ask(clock.now()) == {}
    assert watch.ask(clock.now()) == {"disk": "full"}


def test_what_fails_unforeseen_is_named_by_its_class_alone() -> None:
    def look(now: datetime, note: health.Note) -> dict[str, str]:
        note("study_keys")
        raise RuntimeError("person@example.org")

    assert health.Watch(look).ask(clock.now()) == {"study_keys": "RuntimeError"}


def test_the_vital_checks_are_asked_and_the_others_left_to_doctor(
    well: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = (
        Check("vital", lambda db, now: "the key is gone"),
        Check("advice", lambda db, now: "a passphrase would be safer", is_vital=False),
    )
    monkeypatch.setitem(well.extensions, "tierslieu.house", House(checks))
    assert ask(well) == (503, {"vital": "the key is gone"})
    monkeypatch.undo()


def test_who_is_signed_in_is_not_asked_of_the_database(
    make: Factory, client: LookingClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any) -> None:
        raise AssertionError("the database was asked")

    client.sign_in(make.user("learner"))
    monkeypatch.setattr(health, "look_at", lambda app, now, note: {"database": "gone"})
    monkeypatch.setattr(app.login_manager, "_user_callback", gone)  # type: ignore[attr-defined]
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["wrong"]) == (503, {"database": "gone"})
    assert "Set-Cookie" not in answer.headers
    with client.get("/static/css/base.css") as drawn_with:
        assert drawn_with.status_code == 200
