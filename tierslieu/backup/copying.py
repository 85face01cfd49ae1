"""Making a backup: the rows as they stand at one instant, then the files they name, into one file.

The rows are read in one transaction that sees the place as it was when it began (SQLite: a read
transaction of the write-ahead log; PostgreSQL: REPEATABLE READ), so the place stays in use. Files
are taken after, for a file is on the disk before its row is: what is missing then was erased
meanwhile, or lost.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from tierslieu.backup.archive import ArchiveReader, ArchiveWriter, Manifest
from tierslieu.backup.rows import read_rows, read_tables
from tierslieu.base import Base
from tierslieu.house import House
from tierslieu.house_files import KeptFiles
from tierslieu.schema import newest_revision
from tierslieu.settings import Settings
from tierslieu.store.shelf import StoreAway

MIN_PASSPHRASE = 16  # characters: what guards everything for years is several words
PIECE = 4 * 1024 * 1024  # bytes of a table that are held at once
SECRET = "secret_key"  # noqa: S105 - the name of a file
KEYS, TABLES = "keys", "tables"


class NotDone(Exception):
    """The copy was not made, or cannot be used; ``code`` for scripts, the message for people."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself and holds."""

    about: dict[str, Any]
    manifest: Manifest
    is_sealed: bool
    size: int  # bytes of the file

    @property
    def rows(self) -> int:
        """How many rows of all tables."""
        return sum(member.rows or 0 for member in self.manifest.members)

    @property
    def files(self) -> int:
        """How many files that people or the place made, keys left out."""
        inside = [m.name.split("/")[0] for m in self.manifest.members if "/" in m.name]
        return sum(folder not in (TABLES, KEYS) for folder in inside)


def _nothing() -> None:
    """Nobody has to be told how it goes."""


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


def _copy_tables(
    archive: ArchiveWriter, connection: Connection, went_on: Callable[[], None]
) -> None:
    there = set(inspect(connection).get_table_names())
    for table in read_tables(connection, there & set(Base.metadata.tables)):
        piece, rows, number = bytearray(), 0, 0
        for line in read_rows(connection, table):
            piece += line
            rows += 1
            if len(piece) >= PIECE:
                archive.add(f"{TABLES}/{table.name}.{number:06}.jsonl", bytes(piece), rows)
                piece, rows, number = bytearray(), 0, number + 1
                went_on()
        if piece or not number:
            archive.add(f"{TABLES}/{table.name}.{number:06}.jsonl", bytes(piece), rows)
        went_on()


def _copy_files(
    archive: ArchiveWriter,
    settings: Settings,
    named: list[tuple[KeptFiles, str, str | None]],
    went_on: Callable[[], None],
) -> None:
    archive.add(SECRET, settings.secret_key.encode())
    for entry in settings.keys.entries():
        if "/" in entry.name:  # put aside there by somebody; no key of ours
            continue
        # As it is in a folder, whatever seals it where it lies.
        archive.add_file(f"{KEYS}/{entry.name}", settings.keys, entry.name)
    for kept, name, sha256 in named:
        member = f"{kept.name}/{name}"
        try:
            found = archive.add_file(member, kept.shelf(settings), name)
            if sha256 is not None and found != sha256:
                archive.manifest.changed.append(member)
        except FileNotFoundError:
            archive.manifest.missing.append(member)
        went_on()


def _named_files(
    connection: Connection, house: House, settings: Settings, *, is_newest: bool
) -> list[tuple[KeptFiles, str, str | None]]:
    """The files to take, and what each must be. Rows of an older revision cannot be asked by the
    models of today: then every file that lies there is taken."""
    kept_files = house.all(KeptFiles)
    if is_newest:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            return [(kept, *named) for kept in kept_files for named in kept.find(session)]
    return [
        (kept, entry.name, None) for kept in kept_files for entry in kept.shelf(settings).entries()
    ]


def write_copy(
    raw: Any,
    passphrase: str | None,
    engine: Engine,
    house: House,
    settings: Settings,
    *,
    now: datetime,
    went_on: Callable[[], None] = _nothing,
) -> None:
    """Write the place into ``raw``; ``went_on`` is called again and again meanwhile."""
    with _snapshot(engine) as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        about = {
            "software": version("tierslieu"),
            "revision": revision,
            "made_at": now.isoformat(timespec="seconds"),
            "base_url": settings.base_url,
            "database": engine.dialect.name,
        }
        archive = ArchiveWriter(raw, passphrase, about)
        try:
            _copy_tables(archive, connection, went_on)
            is_newest = revision == newest_revision()
            named = _named_files(connection, house, settings, is_newest=is_newest)
            connection.rollback()  # a long copy of files keeps no old rows alive
            _copy_files(archive, settings, named, went_on)
            archive.finish()
        except BaseException:
            archive.abandon()
            raise


def make_backup(
    path: Path,
    passphrase: str | None,
    engine: Engine,
    house: House,
    settings: Settings,
    *,
    now: datetime,
    went_on: Callable[[], None] = _nothing,
) -> Contents:
    """Write a backup to ``path``, read it back, and only then give it its name.

    ``passphrase`` None: in the clear. Raises :class:`NotDone` (``weak_passphrase``, ``exists``,
    ``unwritable``, ``full``, ``files_away``), :class:`tierslieu.backup.age.Damaged` when what was
    read back is not what was written; nothing is left behind.
    """
    if passphrase is not None and len(passphrase) < MIN_PASSPHRASE:
        raise NotDone(
            f"the passphrase of backups must have at least {MIN_PASSPHRASE} characters: "
            "take several words",
            "weak_passphrase",
        )
    if path.exists():
        raise NotDone(f"{path.name} is there already: choose another name", "exists")
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            write_copy(raw, passphrase, engine, house, settings, now=now, went_on=went_on)
            raw.flush()
            os.fsync(raw.fileno())
        contents = read_contents(partial, passphrase, went_on)
        partial.rename(path)
        _sync_folder(path.parent)
    except StoreAway as error:
        told = f"the files of the place cannot be read: {error.strerror}"
        raise NotDone(told, "files_away") from error
    except OSError as error:
        raise _not_written(error, path) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return contents


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_written(error: OSError, path: Path) -> NotDone:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NotDone("the disk of the backups is full: nothing was kept", "full")
    said = error.strerror or type(error).__name__
    return NotDone(f"{path.parent} cannot be written: {said}", "unwritable")


def read_contents(
    path: Path, passphrase: str | None, went_on: Callable[[], None] = _nothing
) -> Contents:
    """Read a whole backup and say what it holds: who gets an answer can restore it.

    Raises :class:`tierslieu.backup.age.Damaged`, ``WrongPassphrase``,
    :class:`tierslieu.backup.archive.PassphraseNeeded`, OSError.
    """
    with path.open("rb") as raw:
        archive = ArchiveReader(raw, passphrase)
        for _name, _source in archive.members():
            went_on()
        assert archive.manifest is not None
        return Contents(archive.about, archive.manifest, archive.is_sealed, path.stat().st_size)
