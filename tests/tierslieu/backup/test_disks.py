"""A disk of backups that fills, or takes no writing: no half copy counts, the last good one stays,
it is told, and with room again the next is made; nor is half a place restored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.support.backups import PASSPHRASE, app_of, broken_in, copy_of, put_back, within
from tests.support.small_disks import SmallDisk
from tierslieu import cli, clock
from tierslieu.backup import jobs
from tierslieu.backup.copying import NotDone, read_contents
from tierslieu.backup.models import RunState
from tierslieu.backup.queries import list_runs
from tierslieu.backup.rules import AGAIN_AFTER, find_trouble
from tierslieu.db import db as database
from tierslieu.jobs import run_due_jobs
from tierslieu.settings import Settings, read_settings

NIGHT = datetime(2026, 11, 28, 1, 35, tzinfo=UTC)
DAY = timedelta(days=1)
KB = 1024
Disks = Callable[[int], SmallDisk]


@pytest.fixture
def disk(small_disk: Disks) -> SmallDisk:
    """Where the backups are kept."""
    return small_disk(8 * KB * KB)


@pytest.fixture
def nightly(opened_place: Settings, tmp_path: Path, disk: SmallDisk) -> Iterator[Flask]:
    """A place with nightly backups on that disk, of which one alone is kept."""
    settings = replace(
        copy_of(opened_place, tmp_path / "place"),
        backup_dir=disk.folder,
        backup_passphrase=PASSPHRASE,
        backup_daily=1,
        backup_weekly=0,
        backup_monthly=0,
    )
    with within(app_of(settings)) as app:
        yield app


def _at(app: Flask, now: datetime) -> list[str]:
    """The worker's turn at that hour; the names of all files that lie there then."""
    with clock.fixed_at(now):
        run_due_jobs(app, only=frozenset({jobs.NAME}))
    folder = app.config["TIERSLIEU"].backup_dir
    return sorted(path.name for path in folder.iterdir() if path.name != "ballast")


def _trouble(app: Flask, now: datetime) -> list[str]:
    found = find_trouble(database.session(), app.config["TIERSLIEU"], now)
    database.session.rollback()
    return found


def test_a_backup_that_finds_no_room_is_told_and_leaves_the_last_one_until_there_is(
    nightly: Flask, disk: SmallDisk
) -> None:
    (good,) = _at(nightly, NIGHT)
    size = read_contents(disk.folder / good, PASSPHRASE).size
    tried = NIGHT + DAY
    for share in (0.0, 0.3, 0.6, 0.95):  # of the room it would take
        disk.fill(int(size * share))
        assert _at(nightly, tried) == [good]
        assert "full" in _trouble(nightly, tried)
        read_contents(disk.folder / good, PASSPHRASE)
        tried += AGAIN_AFTER + timedelta(minutes=1)
        disk.empty()
    assert list_runs(database.session())[0].state is RunState.FAILED
    database.session.rollback()
    (new,) = _at(nightly, tried)
    assert new > good
    assert _trouble(nightly, tried) == []


def test_a_disk_of_backups_that_takes_no_writing_is_told_and_loses_nothing(
    nightly: Flask, disk: SmallDisk
) -> None:
    (good,) = _at(nightly, NIGHT)
    disk.freeze()
    assert _at(nightly, NIGHT + DAY) == [good]
    assert "unwritable" in _trouble(nightly, NIGHT + DAY)
    disk.freeze(frozen=False)
    later = NIGHT + DAY + AGAIN_AFTER + timedelta(minutes=1)
    assert _at(nightly, later) != [good]
    assert _trouble(nightly, later) == []


def test_a_backup_by_hand_that_finds_no_room_says_so_and_exits_1(
    opened_place: Settings, tmp_path: Path, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copy_of(opened_place, tmp_path / "place")
    monkeypatch.setenv("TIERSLIEU_INSTANCE", str(settings.instance))
    monkeypatch.setenv("TIERSLIEU_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("TIERSLIEU_BACKUP_PASSPHRASE", PASSPHRASE)
    disk.fill(8 * KB)
    there = disk.folder / "by-hand.age"
    done = CliRunner().invoke(cli.main, ["backup", str(there), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.output)["code"] == "full"
    assert [path.name for path in disk.folder.iterdir()] == ["ballast"]


@pytest.mark.parametrize("room", [0, 1500 * KB])
def test_a_restore_that_finds_no_room_opens_nothing_says_so_and_is_done_again(
    room: int, small_backup: Path, empty_place: Callable[..., Settings], disk: SmallDisk
) -> None:
    folder = disk.folder / "place"
    folder.mkdir()
    there = replace(
        empty_place(), instance=folder, database_url=f"sqlite:///{folder / 'tierslieu.sqlite'}"
    )
    disk.fill(room)
    with pytest.raises(NotDone) as told:
        put_back(small_backup, there)
    assert told.value.code == "full"
    assert {path.name for path in folder.iterdir()} <= {"queue.sqlite", "secret_key"}
    disk.empty()
    put_back(small_backup, there)
    read_settings({"TIERSLIEU_INSTANCE": str(folder)})
    with within(app_of(there)) as app:
        assert broken_in(app) == []
    shutil.rmtree(folder)
