"""A place that lost its database, or whose files are damaged or somebody else's: each is a
sentence, and nothing is made in its stead."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.support.opening import opened
from tierslieu import doctor
from tierslieu.app import create_app
from tierslieu.cli import main
from tierslieu.db import db as database
from tierslieu.db import only_existing_files
from tierslieu.home import health
from tierslieu.house import House, Scene, Stage
from tierslieu.jobs import make_huey
from tierslieu.opening import PlaceNotWhole, open_place, play_demo
from tierslieu.settings import Settings
from tierslieu.webserver import post_fork

NOBODY = 65534


@pytest.fixture
def place(
    tmp_path: Path, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A place of its own that commands find."""
    settings = make_settings(
        "lost",
        instance=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'tierslieu.sqlite'}",
    )
    for name in [name for name in os.environ if name.startswith("TIERSLIEU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setenv("TIERSLIEU_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("TIERSLIEU_BASE_URL", settings.base_url)
    monkeypatch.setenv("TIERSLIEU_CONTACT", settings.contact)
    tmp_path.chmod(0o700)
    app = opened(settings)
    with app.app_context():
        database.session.remove()
        database.engine.dispose()
    yield app
    with app.app_context():
        database.engine.dispose()


@contextmanager
def somebody_else() -> Iterator[None]:
    """Within the block we are an account that owns nothing."""
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def say(*words: str) -> str:
    """What the command says as it refuses, in sentences."""
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    return done.output


def test_a_place_whose_database_is_gone_is_never_begun_anew_beside_its_keys(
    place: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "tierslieu.sqlite"
    keys = sorted((tmp_path / "keys").iterdir())
    file.rename(tmp_path / "aside")
    for command in ("doctor", "audit", "worker"):
        assert f"there is no file {file}" in say(command)
        assert not file.exists(), "an empty one would stand in for it"
    for command in (["init"], ["serve", "--port", "1"]):
        assert "restore a backup" in say(*command)
        assert not file.exists()
    file.touch()  # as an earlier version of doctor left it
    assert "is empty, but the keys of a place are here" in say("init")
    assert sorted((tmp_path / "keys").iterdir()) == keys
    (tmp_path / "aside").rename(file)
    assert CliRunner().invoke(main, ["audit"]).exit_code == 0


@pytest.mark.parametrize("is_empty", [False, True])
def test_every_command_says_the_same_of_a_place_whose_database_is_gone(
    place: Flask, tmp_path: Path, is_empty: bool
) -> None:
    file = tmp_path / "tierslieu.sqlite"
    file.rename(tmp_path / "aside")
    if is_empty:
        file.touch()
    wanted = say("init").removeprefix("Error: ").strip()
    assert "restore a backup" in wanted
    for words in (
        ("doctor",),
        ("serve", "--port", "1"),
        ("audit",),
        ("upgrade", "--no-copy"),
        ("retention",),
        ("user", "list"),
        ("user", "create", "ada@example.org", "--name", "Ada"),
        ("evaluation", "export", "study", "--out", str(tmp_path / "x.zip")),
        ("keys", "list"),
        ("backup", str(tmp_path / "x.tar.gz"), "--plain"),
    ):
        said = say(*words)
        assert wanted in said, words
        assert "tierslieu init" not in said
    assert file.exists() == is_empty, "an empty one would stand in for it"


def test_no_secret_is_made_in_place_of_the_one_that_is_gone(
    place: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIERSLIEU_SECRET_KEY")
    for command in ("doctor", "init", "audit"):
        done = CliRunner().invoke(main, [command])
        assert (done.exit_code, "no password is right" in done.output) == (2, True), done.output
    assert not (tmp_path / "secret_key").exists()
    (tmp_path / "secret_key").write_text(place.config["TIERSLIEU"].secret_key)
    assert CliRunner().invoke(main, ["audit"]).exit_code == 0


def test_a_passphrase_that_is_gone_is_one_finding_with_its_mend(
    place: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find() -> dict[str, str]:
        told = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)["wrong"]
        return {name: said for name, said in told.items() if "PASSPHRASE" in said}

    assert set(find()) == {"keys"}
    assert "lie in the clear" in find()["keys"]
    monkeypatch.setenv("TIERSLIEU_KEY_PASSPHRASE", "cheval correct pile agrafe")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    assert find() == {}
    for gone, said in (("", "is not set"), ("un autre cheval que le premier", "is another")):
        monkeypatch.setenv("TIERSLIEU_KEY_PASSPHRASE", gone)
        found = find()
        assert set(found) == {"badge_keys"}, "in the clear they do not lie"
        assert f"{said}: set it as your copy" in found["badge_keys"]


def test_the_place_is_not_begun_anew_in_an_empty_database_of_postgresql(
    place: Flask, make_settings: Callable[..., Settings], new_postgresql: Callable[[str], str]
) -> None:
    moved = replace(place.config["TIERSLIEU"], database_url=new_postgresql("lost"))
    app = create_app(moved, TESTING=True)
    with pytest.raises(PlaceNotWhole, match="the database lost is empty"):
        open_place(app)
    with app.app_context():
        database.engine.dispose()


def test_a_demonstration_that_was_cut_short_does_not_pass_for_whole(
    make_settings: Callable[..., Settings],
) -> None:
    class CutShort(BaseException):
        """As Ctrl-C."""

    def play(db: Session, stage: Stage) -> None:
        raise CutShort

    settings = make_settings("cut-short", demo=True)
    app = opened(settings)
    app.extensions["tierslieu.house"] = House((Scene("cut", play),))
    with pytest.raises(CutShort):
        play_demo(app)
    with pytest.raises(PlaceNotWhole, match=f"remove {settings.instance}"):
        open_place(app)
    with app.app_context():
        database.session.remove()
        database.engine.dispose()


def test_ctrl_c_in_the_midst_of_a_migration_is_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(tmp_path))
    monkeypatch.setenv("TIERSLIEU_CONTACT", "equipe@lieu.example")

    def interrupt(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        if "CREATE TABLE user_account" in statement:
            raise KeyboardInterrupt

    event.listen(Engine, "do_execute", interrupt)
    try:
        done = CliRunner().invoke(main, ["init"])
    finally:
        event.remove(Engine, "do_execute", interrupt)
    assert (done.exit_code, done.output.strip()) == (1, "Aborted!"), done.exception


def test_a_web_process_makes_no_empty_database_in_place_of_the_one_that_is_gone(
    place: Flask, tmp_path: Path
) -> None:
    app = create_app(place.config["TIERSLIEU"])
    (tmp_path / "tierslieu.sqlite").unlink()
    post_fork(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: app)), None)
    try:
        answer = app.test_client().get("/agenda")
    finally:
        only_existing_files(False)
        with app.app_context():
            database.engine.dispose()
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert not (tmp_path / "tierslieu.sqlite").exists()


def test_a_damaged_database_is_said_with_the_mend(place: Flask, tmp_path: Path) -> None:
    file = tmp_path / "tierslieu.sqlite"
    whole = file.read_bytes()
    for damaged in (
        whole[:8192] + b"\xaa" * 200_000 + whole[208_192:],  # what lies in the first tables
        b"\xaa" * len(whole),
    ):
        file.write_bytes(damaged)
        assert "is damaged" in (said := say("doctor"))
        assert "restore" in said
    file.write_bytes(whole)


def test_doctor_finds_a_damaged_page_that_nothing_reads(place: Flask, tmp_path: Path) -> None:
    with place.app_context():
        found = doctor.Finding()
        doctor._look_at_pages(database.session(), found)
        assert found.wrong == {}
        root = database.session.connection().exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_outbox_message_due' OR "
            "(type = 'index' AND tbl_name = 'outbox_message') LIMIT 1"
        )
        page = int(root.scalar_one())
        size = int(database.session.connection().exec_driver_sql("PRAGMA page_size").scalar_one())
        database.session.remove()
        database.engine.dispose()
        with (tmp_path / "tierslieu.sqlite").open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xaa" * size)
        doctor._look_at_pages(database.session(), found)
        assert "restore its last good backup" in found.wrong["database"]


@pytest.mark.parametrize("damage", [b"\xaa" * 40_000, None])
def test_a_damaged_queue_is_begun_anew_and_keeps_no_place_closed(
    place: Flask, tmp_path: Path, damage: bytes | None
) -> None:
    settings = place.config["TIERSLIEU"]
    queue = tmp_path / "queue.sqlite"
    if queue.exists():
        queue.unlink()
    huey = make_huey(settings)
    huey.storage.enqueue(b"waits")
    huey.storage.close()
    again = make_huey(settings)
    assert again.storage.queue_size() == 1, "a whole one is left as it is"
    again.storage.close()
    for end in ("-wal", "-shm"):
        queue.with_name(queue.name + end).unlink(missing_ok=True)
    queue.write_bytes(damage or queue.read_bytes()[:5000])
    anew = make_huey(settings)
    assert anew.storage.queue_size() == 0
    anew.storage.enqueue(b"is kept")
    anew.storage.close()
    queue.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_what_another_account_may_not_touch_is_said_to_it_and_by_doctor_to_root(
    place: Flask, tmp_path: Path
) -> None:
    with somebody_else():
        assert "sudo -u" in say("doctor")
    for path in tmp_path.rglob("*"):
        os.chown(path, NOBODY, NOBODY)
    os.chown(tmp_path, NOBODY, NOBODY)
    found = doctor.Finding()
    settings: Settings = place.config["TIERSLIEU"]
    doctor._look_at_files(settings, found)
    assert "owner" not in found.wrong
    key = next((tmp_path / "keys").iterdir())
    os.chown(key, 0, 0)  # as a command of root leaves it
    doctor._look_at_files(settings, found)
    assert f"chown -R --reference={tmp_path}" in found.wrong["owner"]
    assert str(key) in found.wrong["owner"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_database_that_the_place_may_read_and_not_write_is_not_well(place: Flask) -> None:
    settings: Settings = place.config["TIERSLIEU"]
    assert health._may_write(settings)
    with tempfile.TemporaryDirectory() as folder:  # that others may enter, unlike a test's own
        os.chmod(folder, 0o755)
        file = Path(folder, "tierslieu.sqlite")
        shutil.copyfile(settings.instance / "tierslieu.sqlite", file)
        file.chmod(0o644)
        moved = replace(settings, database_url=f"sqlite:///{file}")
        app = create_app(moved, TESTING=True)
        with somebody_else():
            answer = app.test_client().get("/healthz")
        assert answer.status_code == 503
        assert "cannot be written" in answer.get_json()["wrong"]["database"]
        with app.app_context():
            database.engine.dispose()
