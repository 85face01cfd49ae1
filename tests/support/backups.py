"""Places to copy and to put back, each with a folder and a database of its own."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from pyrage import passphrase as rage

from tierslieu.app import create_app
from tierslieu.backup.copying import Contents, make_backup
from tierslieu.backup.restoring import Restored, Wishes, restore
from tierslieu.db import db as database
from tierslieu.house import House, Invariant
from tierslieu.settings import Settings

PASSPHRASE = "quatre mots pour une copie"
NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
AS_IT_WAS = Wishes(send_mails=True, keep_sessions=True)


def app_of(settings: Settings) -> Flask:
    """A place as a test opens it."""
    return create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)


@contextmanager
def within(app: Flask) -> Iterator[Flask]:
    """Inside its context, and every connection closed after."""
    with app.app_context():
        try:
            yield app
        finally:
            database.session.remove()
            database.engine.dispose()


def copy_of(settings: Settings, folder: Path) -> Settings:
    """The same SQLite place in another folder, to be changed at will."""
    shutil.copytree(settings.instance, folder, dirs_exist_ok=True)
    there = f"sqlite:///{folder / 'tierslieu.sqlite'}"
    return replace(settings, instance=folder, database_url=there)


def back_up(settings: Settings, path: Path, sealed: str | None = PASSPHRASE) -> Contents:
    """Make a backup of that place."""
    with within(app_of(settings)) as app:
        house: House = app.extensions["tierslieu.house"]
        return make_backup(path, sealed, database.engine, house, settings, now=NOW)


def put_back(path: Path, settings: Settings, wishes: Wishes = AS_IT_WAS) -> Restored:
    """Put it back there."""
    return restore(path, PASSPHRASE, settings, app_of, wishes, now=NOW)


def tables_of(contents: Contents) -> dict[str, str]:
    """The digest of each piece of a table, whose rows stand in the same order everywhere."""
    return {m.name: m.sha256 for m in contents.manifest.members if m.name.startswith("tables/")}


def opened(path: Path, folder: Path) -> Path:
    """What a stranger sees who has the passphrase, ``rage`` and ``tar``, but none of our code."""
    plain = folder / "opened.tar.gz"
    plain.write_bytes(rage.decrypt(path.read_bytes(), PASSPHRASE))
    with tarfile.open(plain) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4
        archive.extractall(folder / "opened")
    return folder / "opened"


def rows_in(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table in an opened backup."""
    return [
        json.loads(line)
        for piece in sorted((folder / "tables").glob(f"{table}.*.jsonl"))
        for line in piece.read_text("utf-8").splitlines()
    ]


def broken_in(app: Flask) -> list[str]:
    """What ``tierslieu audit`` would find broken. Needs an application context."""
    house: House = app.extensions["tierslieu.house"]
    return [
        f"{check.name}: {sentence}"
        for check in house.all(Invariant)
        for sentence in check.check(database.session()).broken
    ]


def is_untouched(settings: Settings) -> bool:
    """Whether nothing of a restore lies there: no marker, no key, no file, no row."""
    file = settings.instance / "tierslieu.sqlite"
    left = {p.name for p in settings.instance.iterdir()} - {"secret_key", "queue.sqlite"}
    if not file.exists():
        return not left
    with sqlite3.connect(file) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return not names and left <= {file.name}
