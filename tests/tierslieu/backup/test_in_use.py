"""The copy is of one instant, however much is written while it is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.backups import (
    NOW,
    PASSPHRASE,
    app_of,
    broken_in,
    copy_of,
    put_back,
    within,
)
from tests.support.factories import Factory
from tierslieu.backup.copying import make_backup
from tierslieu.db import db as database
from tierslieu.house import House
from tierslieu.people.models import User
from tierslieu.settings import Settings
from tierslieu.uploads.models import Upload
from tierslieu.uploads.rules import read_upload, store_upload


@pytest.mark.both_databases
def test_what_is_written_between_two_tables_is_in_none_of_them(
    database_kind: str,
    small_backup: Path,
    opened_place: Settings,
    empty_place: Callable[..., Settings],
    tmp_path: Path,
) -> None:
    if database_kind == "sqlite":
        place = copy_of(opened_place, tmp_path / "place")
        with sqlite3.connect(tmp_path / "place" / "tierslieu.sqlite") as raw:
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        raw.close()
    else:
        place = empty_place("postgresql")
        put_back(small_backup, place)
    with within(app_of(place)) as app:
        engine, written = database.engine, 0

        def somebody_writes() -> None:
            """An account and a file of its own, each turn in a transaction of another thread."""
            nonlocal written

            def write() -> None:
                with Session(engine) as session:
                    user = Factory(session).user()
                    text = f"travail {user.id}".encode()
                    store_upload(session, place.uploads, user.id, "a.txt", text, now=NOW)
                    session.commit()

            if written < 150:
                thread = Thread(target=write)
                thread.start()
                thread.join()
                written += 1

        somebody_writes()
        house: House = app.extensions["tierslieu.house"]
        path = tmp_path / "copy.age"
        contents = make_backup(
            path, PASSPHRASE, engine, house, place, now=NOW, went_on=somebody_writes
        )
        assert written == 150
        assert not contents.manifest.missing
    there = empty_place(database_kind)
    put_back(path, there)  # foreign keys are looked at
    with within(app_of(there)) as app:
        session = database.session()
        uploads = session.scalars(select(Upload)).all()
        # Before the first row was read one had come; of all who came after there is nothing.
        assert session.scalar(select(func.count()).select_from(User)) == len(uploads) == 1
        assert read_upload(there.uploads, uploads[0]).startswith(b"travail")
        assert broken_in(app) == []


def test_a_file_that_is_gone_or_changed_is_named_and_the_rest_is_kept(
    opened_place: Settings, tmp_path: Path
) -> None:
    place = copy_of(opened_place, tmp_path / "place")
    with within(app_of(place)) as app:
        session = database.session()
        user = Factory(session).user()
        kept = [
            store_upload(session, place.uploads, user.id, "a.txt", text, now=NOW).sha256
            for text in (b"whole", b"gone", b"changed")
        ]
        session.commit()
        (place.uploads.folder / kept[1]).unlink()
        (place.uploads.folder / kept[2]).write_bytes(b"other")
        house: House = app.extensions["tierslieu.house"]
        contents = make_backup(
            tmp_path / "copy.age", PASSPHRASE, database.engine, house, place, now=NOW
        )
    assert contents.manifest.missing == [f"uploads/{kept[1]}"]
    assert contents.manifest.changed == [f"uploads/{kept[2]}"]
    assert contents.files == 2
