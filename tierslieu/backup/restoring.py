"""Putting a backup back into an empty place, of either kind of database: all of it or nothing.

The whole file is read before anything is written. A marker in the data folder then says that a
restore is at work, and no command opens the place while it lies there. SQLite: the database is
made beside and renamed when it is ready. PostgreSQL: the rows come in one transaction. Whoever was
killed in the middle begins again; what lies there is known by the marker, and a row that bears its
token tells our own half from somebody's place.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import stamp, upgrade
from sqlalchemy import Engine, delete, func, inspect, make_url, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tierslieu.backup.age import Damaged
from tierslieu.backup.archive import FORMAT_VERSION, MOST_AT_ONCE, ArchiveReader
from tierslieu.backup.copying import KEYS, SECRET, TABLES, Contents, NotDone, read_contents
from tierslieu.backup.models import BackupRun, RunState
from tierslieu.backup.rows import Row, read_tables, set_sequences, write_rows
from tierslieu.base import Base
from tierslieu.clockwork import JobRun
from tierslieu.db import db, is_full
from tierslieu.house import House
from tierslieu.house_files import KeptFiles
from tierslieu.mail.rules import hold_mails
from tierslieu.people.rules import end_all_sessions
from tierslieu.schema import MIGRATIONS, knows_revision, newest_revision
from tierslieu.settings import RESTORING, Settings
from tierslieu.store.shelf import is_of_the_disk

MakeApp = Callable[[Settings], Flask]
NOT_OURS = ("alembic_version", "huey_")  # how tables begin that are not the place's
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,250}")


@dataclass(frozen=True)
class Restored:
    """What was put back, and what was changed on the way."""

    contents: Contents
    mails_held: int
    sessions_ended: int


@dataclass(frozen=True)
class Wishes:
    """What else than usual is wanted of a restore."""

    send_mails: bool = False
    keep_sessions: bool = False


def check_backup(path: Path, passphrase: str | None, fixed_secret: str = "") -> Contents:
    """Read a whole backup and say that it could be restored by this software.

    ``fixed_secret``: a secret that the settings give, and that must be the place's.
    Raises :class:`NotDone` (``newer``, ``other_secret``) and what :func:`read_contents` does.
    """
    contents = read_contents(path, passphrase)
    about = contents.about
    form, revision = about.get("format_version"), about.get("revision")
    if not isinstance(form, int) or form > FORMAT_VERSION or not knows_revision(str(revision)):
        raise NotDone(
            f"this backup is of a newer version of the software ({about.get('software')}, "
            f"revision {revision}): install that one first",
            "newer",
        )
    if fixed_secret:
        with path.open("rb") as raw:
            for name, source in ArchiveReader(raw, passphrase).members():
                if name == SECRET and source.read() != fixed_secret.encode():
                    raise NotDone(
                        "TIERSLIEU_SECRET_KEY is not the one of this backup, and without that one "
                        "no password would be right: set it to the former, or unset it (the "
                        "backup brings its own)",
                        "other_secret",
                    )
    return contents


def restore(
    path: Path,
    passphrase: str | None,
    settings: Settings,
    make_app: MakeApp,
    wishes: Wishes,
    *,
    now: datetime,
    fixed_secret: str = "",
) -> Restored:
    """Put a backup back into the empty place of ``settings``.

    Raises :class:`NotDone` (besides those of :func:`check_backup`: ``not_empty``, ``elsewhere``,
    ``rows``, ``full``), :class:`Damaged`; the place is as empty as before then.
    """
    contents = check_backup(path, passphrase, fixed_secret)
    place = _Place(settings, make_app)
    place.make_empty()
    try:
        place.mark()
        held, ended = place.fill(path, passphrase, contents, wishes, now)
    except BaseException as error:
        place.clear()
        place.unmark()
        if is_full(error) or is_of_the_disk(error):
            raise NotDone(
                "the disk is full, or takes no writing: nothing was restored, and the place is "
                "empty as before; make room and begin again",
                "full",
            ) from error
        raise
    place.open()
    return Restored(contents, held, ended)


class _Place:
    """Where a backup is put back."""

    def __init__(self, settings: Settings, make_app: MakeApp) -> None:
        self.settings, self.make_app = settings, make_app
        self.app = make_app(settings)
        self.marker = settings.instance / RESTORING
        self.token = ""
        house: House = self.app.extensions["tierslieu.house"]
        self.shelves = {kept.name: kept.shelf(settings) for kept in house.all(KeptFiles)}
        self.shelves[KEYS] = settings.keys
        url = make_url(settings.database_url)
        self.file: Path | None = None
        if url.get_backend_name() == "sqlite":
            if not url.database or url.database == ":memory:":
                raise NotDone("a database in memory keeps nothing: choose a file", "elsewhere")
            self.file = Path(url.database)

    # --- before ----------------------------------------------------------------------------------

    def make_empty(self) -> None:
        """See that nothing is here, or what a restore that was killed left; that is removed."""
        former, lay = "", None
        with suppress(OSError, ValueError, KeyError):
            told = json.loads(self.marker.read_text("utf-8"))
            former, lay = told["token"], told.get("files")
        with self.app.app_context():
            full = self._full_tables(db.engine)
            is_ours = bool(full and former) and _bears(db.engine, former)
            db.engine.dispose()
        if full and not is_ours:
            raise NotDone(
                f"this place is not empty ({len(full)} tables hold rows, {full[0]} for one): "
                "restore into an empty database and an empty data folder",
                "not_empty",
            )
        there = [name for name, shelf in self.shelves.items() if not shelf.is_empty()]
        # What another restore left elsewhere is no leave to empty the files that lie here.
        if there and not (former and lay == self.settings.files_at):
            raise NotDone(
                f"this place is not empty ({there[0]}/ holds files): restore into an empty data "
                "folder, and an empty bucket if its files are to lie in one",
                "not_empty",
            )
        self.clear()

    def _full_tables(self, engine: Engine) -> list[str]:
        if self.file is not None and not self.file.exists():
            return []
        with engine.connect() as connection:
            return [
                name
                for name in _tables(connection)
                if connection.exec_driver_sql(f'SELECT 1 FROM "{name}" LIMIT 1').first()  # noqa: S608
            ]

    def mark(self) -> None:
        """From here on nobody opens the place before it is whole."""
        self.token = secrets.token_hex(16)
        with self.marker.open("w", encoding="utf-8") as file:
            json.dump({"token": self.token, "files": self.settings.files_at}, file)
            file.flush()
            os.fsync(file.fileno())

    def unmark(self) -> None:
        """The place may be opened."""
        self.marker.unlink(missing_ok=True)

    def clear(self) -> None:
        """Empty the place: shelves, and the database of its tables."""
        for shelf in self.shelves.values():
            shelf.clear()
        self._staged.unlink(missing_ok=True)
        if self.file is not None:
            for ending in ("", "-wal", "-shm", "-journal"):
                for file in (self.file, self._beside):
                    Path(f"{file}{ending}").unlink(missing_ok=True)
            return
        with self.app.app_context():
            with db.engine.begin() as connection:
                for name in [*_tables(connection), "alembic_version"]:
                    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}" CASCADE')
            db.engine.dispose()

    @property
    def _staged(self) -> Path:
        return self.settings.instance / f"{SECRET}.restoring"

    @property
    def _beside(self) -> Path:
        assert self.file is not None
        return self.file.with_name(f"{self.file.name}.restoring")

    # --- filling ---------------------------------------------------------------------------------

    def fill(
        self, path: Path, passphrase: str | None, contents: Contents, wishes: Wishes, now: datetime
    ) -> tuple[int, int]:
        """Put everything in; (mails held back, accounts whose sessions were ended)."""
        app = self.app
        if self.file is not None:
            url = make_url(self.settings.database_url).set(database=str(self._beside))
            app = self.make_app(_with_url(self.settings, url.render_as_string(False)))
        with app.app_context():
            try:
                _make_tables(contents.about["revision"])
                with path.open("rb") as raw:
                    self._load(ArchiveReader(raw, passphrase), db.engine, now)
                upgrade(directory=str(MIGRATIONS))
                with Session(db.engine) as session, session.begin():
                    changed = _settle(session, wishes)
            finally:
                db.session.remove()
                db.engine.dispose()
        return changed

    def _load(self, archive: ArchiveReader, engine: Engine, now: datetime) -> None:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            is_sqlite = engine.dialect.name == "sqlite"
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                self._take(archive, connection)
                if is_sqlite and driver.execute("PRAGMA foreign_key_check").fetchone():
                    raise NotDone("rows of this backup name rows that it does not hold", "rows")
                _mark(connection, _name(self.token), now)
                os.sync()
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")

    def _take(self, archive: ArchiveReader, connection: Connection) -> None:
        tables = {table.name: table for table in read_tables(connection, _tables(connection))}
        for table in reversed(tables.values()):  # what a migration may have put there
            connection.execute(table.delete())
        for folder, members in groupby(archive.members(), lambda member: _table_of(member[0])):
            if folder is None:
                for name, source in members:
                    self._put_file(name, source)
                continue
            if folder not in tables:
                raise NotDone(f"this backup holds a table that is not known: {folder}", "rows")
            try:
                rows = (row for _, source in members for row in _read_lines(source))
                write_rows(connection, tables[folder], rows)
            except (SQLAlchemyError, ValueError, TypeError, _driver_error(connection)) as error:
                raise NotDone(
                    f"rows of {folder} do not fit the database ({type(error).__name__})", "rows"
                ) from error
        set_sequences(connection, tables.values())

    def _put_file(self, member: str, source: Any) -> None:
        if member == SECRET:
            _write(self._staged, source)
            return
        folder, _, name = member.partition("/")
        if folder not in self.shelves or not _FILE.fullmatch(name):
            raise NotDone(f"this backup holds a file that has no place here: {member}", "newer")
        with self.shelves[folder].writing(name, is_lasting=False) as file:
            shutil.copyfileobj(source, file, 1024 * 1024)

    # --- after -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Everything is there: give the database and the secret their names, then the place."""
        self._staged.replace(self.settings.instance / SECRET)
        if self.file is not None:
            self._beside.replace(self.file)
        os.sync()
        self.unmark()
        with self.app.app_context():
            with Session(db.engine) as session, session.begin():
                session.execute(delete(JobRun).where(JobRun.name == _name(self.token)))
            db.engine.dispose()


def _make_tables(revision: str) -> None:
    """The tables of that revision. The newest are those of the models, which is far quicker than
    every migration one after the other; tests hold that both are the same."""
    if revision == newest_revision():
        Base.metadata.create_all(db.engine)
        stamp(directory=str(MIGRATIONS), revision=revision)
    else:
        upgrade(directory=str(MIGRATIONS), revision=revision)


def _mark(connection: Connection, name: str, now: datetime) -> None:
    """The row that says that these rows were put here whole. The table is the one the backup's
    revision had, which may lack columns that the models have had since."""
    (table,) = read_tables(connection, [JobRun.__tablename__])
    model = JobRun.__table__
    row: dict[str, object] = {"name": name, "last_finished_at": now}
    for column in set(table.columns.keys()) & set(model.columns.keys()) - set(row):
        default: Any = model.columns[column].default
        row[column] = default.arg if default is not None else None
    connection.execute(table.insert(), row)


def _with_url(settings: Settings, url: str) -> Settings:
    return replace(settings, database_url=url)


def _name(token: str) -> str:
    return f"restore:{token}"


def _bears(engine: Engine, token: str) -> bool:
    try:
        with engine.connect() as connection:
            found = select(func.count()).select_from(JobRun).where(JobRun.name == _name(token))
            return bool(connection.scalar(found))
    except SQLAlchemyError:
        return False


def _tables(connection: Connection) -> list[str]:
    return sorted(n for n in inspect(connection).get_table_names() if not n.startswith(NOT_OURS))


def _table_of(member: str) -> str | None:
    folder, _, name = member.partition("/")
    return name.partition(".")[0] if folder == TABLES else None


def _driver_error(connection: Connection) -> type[Exception]:
    driver: Any = connection.dialect.loaded_dbapi
    error: type[Exception] = driver.Error
    return error


def _read_lines(source: Any) -> Iterator[Row]:
    piece = source.read(MOST_AT_ONCE + 1)
    if len(piece) > MOST_AT_ONCE:
        raise Damaged("a piece of a table is larger than it can be")
    for line in piece.splitlines():
        yield json.loads(line)


def _write(path: Path, source: Any) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, 1024 * 1024)


def _settle(session: Session, wishes: Wishes) -> tuple[int, int]:
    """What was under way when the copy was made is not under way here."""
    session.execute(update(JobRun).values(leased_until=None))
    session.execute(delete(BackupRun).where(BackupRun.state == RunState.ASKED))
    held = 0 if wishes.send_mails else hold_mails(session)
    ended = 0 if wishes.keep_sessions else end_all_sessions(session)
    return held, ended
