"""``tierslieu upgrade``: one command brings a place that earlier code filled to this version."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.backups import PASSPHRASE, app_of, broken_in, put_back, within
from tests.support.old_places import unpack
from tests.support.served import environment_of
from tierslieu import opening
from tierslieu.cli import main
from tierslieu.db import db as database
from tierslieu.schema import current_revision, newest_revision
from tierslieu.settings import Settings

New = Callable[[str], Settings]


@pytest.fixture
def new_place(
    database_kind: str,
    make_settings: Callable[..., Settings],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> New:
    """Settings of an empty place of that name, with a folder for backups."""
    (tmp_path / "backups").mkdir()

    def make(name: str) -> Settings:
        of = zlib.crc32(request.node.nodeid.encode())  # a name of its own for each, and short
        name = f"old-{of:08x}-{name}"
        changes: dict[str, Any] = {"backup_dir": tmp_path / "backups"}
        if database_kind == "postgresql":
            changes["database_url"] = request.getfixturevalue("new_postgresql")(name)
        settings = make_settings(name, **changes)
        # Not the secret of every test: the place brings its own.
        return replace(settings, backup_passphrase=PASSPHRASE)

    return make


def _variables(settings: Settings) -> dict[str, str]:
    return {
        "TIERSLIEU_INSTANCE": str(settings.instance),
        "TIERSLIEU_DATABASE_URL": settings.database_url,
        "TIERSLIEU_BACKUP_DIR": str(settings.backup_dir),
        "TIERSLIEU_BACKUP_PASSPHRASE": PASSPHRASE,
        "TIERSLIEU_DEMO": "1",
    }


def _run(settings: Settings, *words: str) -> tuple[int, dict[str, Any]]:
    """The command in a process of its own: how it ended, and what it told."""
    done = subprocess.run(
        [sys.executable, "-m", "tierslieu.cli", "upgrade", "--json", *words],
        env=environment_of(settings.instance, **_variables(settings)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or f'{{"said": "{done.stderr[-300:]}"}}')


def _ask(settings: Settings, *words: str) -> tuple[int, dict[str, Any]]:
    """The same, within this process."""
    done = CliRunner().invoke(main, ["upgrade", "--json", *words], env=_variables(settings))
    return done.exit_code, json.loads(done.stdout)


def _revision(settings: Settings) -> str | None:
    with within(app_of(settings)):
        return current_revision()


def _people(settings: Settings) -> int:
    with within(app_of(settings)):
        return int(database.session.scalar(database.text("SELECT count(*) FROM user_account")) or 0)


@pytest.mark.both_databases
@pytest.mark.parametrize("revision", ["0001", pytest.param("0023", marks=pytest.mark.proof)])
def test_a_place_of_an_earlier_version_is_upgraded_by_one_command_and_its_copy_can_be_restored(
    revision: str, new_place: New, database_kind: str
) -> None:
    place = unpack(revision, new_place("there"))
    code, told = _run(place)
    assert (code, told["broken"]) == (0, []), told
    assert (told["revision_before"], told["revision"]) == (revision, newest_revision())
    assert Path(told["copy"]).is_file()

    # Once more, there is nothing to do, and no other copy is made.
    code, again = _ask(place)
    assert (code, again["copy"], again["broken"]) == (0, None, [])
    assert place.backup_dir is not None
    assert [str(path) for path in place.backup_dir.iterdir()] == [told["copy"]]

    back = new_place("back")
    put_back(Path(told["copy"]), back)
    assert _people(back) == _people(place) > 60
    with within(app_of(replace(back, secret_key=""))) as app:
        assert broken_in(app) == []


@pytest.mark.both_databases
def test_an_upgrade_is_refused_while_somebody_uses_the_place(new_place: New) -> None:
    place = unpack("0001", new_place("used"))
    hold = (
        "import sqlalchemy as sa, sys; c = sa.create_engine(sys.argv[1]).connect();"
        "c.execute(sa.text('SELECT 1 FROM user_account')).all();"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, place.database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        code, told = _ask(place)
    assert (code, told["code"]) == (1, "in_use")
    assert "stop its web processes and its worker" in told["message"]
    assert _revision(place) == "0001"


def test_a_database_newer_than_the_software_is_left_alone(new_place: New) -> None:
    place = unpack("0001", new_place("newer"))
    file = place.instance / "tierslieu.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    code, told = _ask(place)
    assert (code, told["code"]) == (1, "newer")
    assert "install the newer version" in told["message"]


def test_an_upgrade_says_what_is_missing_before_it_changes_anything(
    new_place: New, tmp_path: Path
) -> None:
    empty = new_place("empty")
    assert _ask(empty)[1]["code"] == "empty"
    assert not (empty.instance / "tierslieu.sqlite").exists()

    place = unpack("0001", new_place("unready"))
    variables = _variables(place)

    def asked(*words: str, **changes: str) -> str:
        env = variables | changes
        done = CliRunner().invoke(main, ["upgrade", "--json", *words], env=env)
        assert done.exit_code == 1
        return str(json.loads(done.stdout)["code"])

    assert asked(TIERSLIEU_BACKUP_DIR="") == "no_copy"
    assert asked(TIERSLIEU_BACKUP_PASSPHRASE="") == "no_passphrase"
    assert asked(TIERSLIEU_BACKUP_DIR=str(tmp_path / "unplugged")) == "unwritable"
    assert _revision(place) == "0001"


def test_a_migration_that_fails_leaves_the_place_as_it_was_and_says_where_the_copy_is(
    new_place: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = unpack("0001", new_place("failing"))

    def fail(**_: Any) -> None:
        raise RuntimeError("3 rows would lose what they refer to")

    monkeypatch.setattr(opening, "upgrade", fail)
    code, told = _ask(place)
    assert (code, told["code"]) == (1, "failed")
    assert place.backup_dir is not None
    (copy,) = place.backup_dir.iterdir()
    assert str(copy) in told["message"]
    assert _revision(place) == "0001"
