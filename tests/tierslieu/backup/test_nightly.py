"""Every night one backup, read back and rotated; what goes wrong is kept and said."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.backups import PASSPHRASE, app_of, copy_of, within
from tierslieu import clock
from tierslieu.backup import copying, jobs, rules
from tierslieu.backup.age import Damaged
from tierslieu.backup.copying import read_contents
from tierslieu.backup.jobs import NAME
from tierslieu.backup.models import BackupRun, RunState
from tierslieu.backup.queries import list_runs
from tierslieu.backup.rotation import read_name
from tierslieu.backup.rules import ask_backup, find_trouble, night_of
from tierslieu.backup.words import in_english
from tierslieu.db import db as database
from tierslieu.jobs import run_due_jobs
from tierslieu.settings import Settings

NIGHT = datetime(2026, 11, 28, 1, 35, tzinfo=UTC)  # 2:35 at the place
ONLY = frozenset({NAME})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backups are kept."""
    there = tmp_path / "kept"
    there.mkdir()
    return there


@pytest.fixture
def open_place(opened_place: Settings, tmp_path: Path, folder: Path) -> Callable[..., Flask]:
    """A place with nightly backups; what is given changes its settings."""
    copied = copy_of(opened_place, tmp_path / "place")

    def make(**changes: Any) -> Flask:
        told: dict[str, Any] = {"backup_dir": folder, "backup_passphrase": PASSPHRASE, **changes}
        return app_of(replace(copied, **told))

    return make


def at(app: Flask, now: datetime) -> dict[str, int]:
    """What the worker does when it is that late."""
    with clock.fixed_at(now):
        return run_due_jobs(app, only=ONLY)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_night_begins_at_half_past_two_by_the_clock_of_the_place() -> None:
    assert night_of(NIGHT) == night_of(NIGHT + timedelta(hours=22))
    assert night_of(NIGHT - timedelta(minutes=10)) == night_of(NIGHT) - timedelta(days=1)


def test_one_backup_a_night_read_back_whole_whoever_works(
    open_place: Callable[..., Flask], folder: Path
) -> None:
    with within(open_place()) as first, within(open_place()) as second:
        assert at(first, NIGHT) == {NAME: 1}
        assert at(second, NIGHT + timedelta(minutes=1)) == {NAME: 0}
        assert at(first, NIGHT + timedelta(hours=12)) == {NAME: 0}
        (run,) = list_runs(database.session())
        assert (run.state, run.missing, [run.name]) == (RunState.KEPT, 0, names(folder))
        assert read_contents(folder / run.name, PASSPHRASE).rows > 100
        assert read_name(run.name) == run.made_at
        database.session.rollback()
        assert at(second, NIGHT + timedelta(days=1)) == {NAME: 1}
        assert len(names(folder)) == 2


def test_a_worker_leaves_the_backup_at_which_another_is_and_takes_it_when_that_one_is_silent(
    open_place: Callable[..., Flask], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = jobs._write
    with within(open_place()) as first, within(open_place()) as second:

        def meanwhile(*args: Any) -> Any:
            monkeypatch.setattr(jobs, "_write", write)
            with second.app_context():  # another worker, at another tick
                assert at(second, NIGHT + timedelta(minutes=5)) == {}
                assert at(second, NIGHT + timedelta(minutes=11)) == {NAME: 1}
            return write(*args)

        monkeypatch.setattr(jobs, "_write", meanwhile)
        at(first, NIGHT)
        (run,) = list_runs(database.session())
        assert run.made_at == NIGHT + timedelta(minutes=11), "the slow one wrote over it"


def test_one_that_was_asked_for_is_made_besides_and_two_who_ask_get_the_same(
    open_place: Callable[..., Flask], folder: Path
) -> None:
    with within(open_place()) as app:
        at(app, NIGHT)
        asked = {ask_backup(database.session(), NIGHT).id for _ in range(2)}
        database.session.commit()
        assert len(asked) == 1
        assert at(app, NIGHT + timedelta(hours=9)) == {NAME: 1}
        assert len(names(folder)) == 1, "the last of a day stands for it"
        assert [run.night for run in list_runs(database.session())] == [None]


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        ("folder", "unwritable"),
        ("disk", "full"),
        ("reading", "not_whole"),
        ("words", "no_passphrase"),
    ],
)
def test_what_keeps_a_backup_from_being_made_is_said_the_last_good_one_stays(
    open_place: Callable[..., Flask],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    break_it: str,
    problem: str,
) -> None:
    with within(open_place(backup_daily=1, backup_weekly=1, backup_monthly=1)) as app:
        at(app, NIGHT)
        good = names(folder)
    changes: dict[str, Any] = {}
    with monkeypatch.context() as patch:
        if break_it == "folder":
            changes["backup_dir"] = folder / "unplugged"
        elif break_it == "words":
            changes["backup_passphrase"] = ""
        elif break_it == "disk":

            def no_room(descriptor: int) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            patch.setattr(copying.os, "fsync", no_room)
        else:

            def unreadable(*args: Any) -> None:
                raise Damaged("it was cut short or changed")

            patch.setattr(copying, "read_contents", unreadable)
        tomorrow = NIGHT + timedelta(days=1)
        with within(open_place(**changes)) as app:
            assert at(app, tomorrow) == {NAME: 1}
            run = list_runs(database.session())[0]
            assert (run.state, run.problem) == (RunState.FAILED, problem)
            assert names(folder) == good
            settings: Settings = app.config["TIERSLIEU"]
            assert problem in find_trouble(database.session(), settings, tomorrow)
            if break_it == "folder":
                assert "TIERSLIEU_BACKUP_DIR" in str(in_english([problem]))
            database.session.rollback()
            assert at(app, tomorrow + timedelta(minutes=50)) == {NAME: 0}
    with within(open_place()) as app:
        assert at(app, tomorrow + timedelta(minutes=61)) == {NAME: 1}
        assert list_runs(database.session())[0].state is RunState.KEPT
        settings = app.config["TIERSLIEU"]
        assert find_trouble(database.session(), settings, tomorrow) == []
    assert str(folder) not in caplog.text


def test_a_folder_within_the_data_folder_is_made_when_a_backup_comes(
    open_place: Callable[..., Flask], tmp_path: Path
) -> None:
    """As after a restore on another machine: it was made there by init, and is not here."""
    there = tmp_path / "place" / "backups" / "nightly"
    with within(open_place(backup_dir=there)) as app:
        settings: Settings = app.config["TIERSLIEU"]
        assert find_trouble(database.session(), settings, NIGHT) == ["none"]
        database.session.rollback()
        assert not there.exists(), "asking makes nothing"
        assert at(app, NIGHT) == {NAME: 1}
        assert len(names(there)) == 1
        assert there.stat().st_mode & 0o077 == 0
        assert find_trouble(database.session(), settings, NIGHT) == []
        database.session.rollback()


def test_rotation_leaves_what_is_not_ours_and_whole_files_no_row_names(
    open_place: Callable[..., Flask], folder: Path
) -> None:
    """After a restore the folder holds newer backups than the rows know: none is lost for that."""
    (folder / "holiday.jpg").write_text("not ours")
    newer = folder / "tierslieu-20261127T013500Z.tar.gz.age"
    newer.write_text("made by the place that was lost")
    with within(open_place(backup_daily=2, backup_weekly=1, backup_monthly=1)) as app:
        at(app, NIGHT)
        assert {newer.name, "holiday.jpg"} < set(names(folder))
        at(app, NIGHT + timedelta(days=1))
        at(app, NIGHT + timedelta(days=2))
        assert "holiday.jpg" in names(folder)
        assert newer.name not in names(folder)
        kept = [run.name for run in list_runs(database.session())]
        assert sorted(kept) == [name for name in names(folder) if name != "holiday.jpg"]


def test_doctor_hears_of_a_backup_that_is_old_lost_or_never_made(
    open_place: Callable[..., Flask], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with within(open_place()) as app:
        session, settings = database.session(), app.config["TIERSLIEU"]
        assert find_trouble(session, settings, NIGHT) == ["none"]
        session.rollback()
        at(app, NIGHT)
        assert find_trouble(session, settings, NIGHT + timedelta(days=2)) == []
        assert find_trouble(session, settings, NIGHT + timedelta(days=2, hours=1)) == ["old"]
        monkeypatch.setattr(rules, "ROOM", 1 << 40)
        assert find_trouble(session, settings, NIGHT) == ["full"]
        monkeypatch.undo()
        (folder / names(folder)[0]).unlink()
        assert find_trouble(session, settings, NIGHT) == ["lost"]
        assert find_trouble(session, replace(settings, backup_dir=None), NIGHT) == ["not_set"]
        session.rollback()


def test_without_a_folder_nothing_is_made_and_one_that_was_asked_for_says_so(
    open_place: Callable[..., Flask],
) -> None:
    with within(open_place(backup_dir=None)) as app:
        assert at(app, NIGHT) == {NAME: 0}
        database.session.add(BackupRun(asked_at=NIGHT))
        database.session.commit()
        assert at(app, NIGHT + timedelta(minutes=1)) == {NAME: 1}
        assert [run.problem for run in list_runs(database.session())] == ["not_set"]
