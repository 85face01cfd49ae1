"""``tierslieu upgrade``: a copy first, then the database brought to what this software expects,
then the audit. It refuses while the place is in use, and where the database is newer.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import Engine, make_url, text

from tierslieu import clock, opening
from tierslieu.backup.age import Damaged
from tierslieu.backup.copying import NotDone, make_backup
from tierslieu.backup.rotation import file_name
from tierslieu.backup.rules import make_folder
from tierslieu.db import db
from tierslieu.house import House, Invariant
from tierslieu.schema import current_revision, find_loss, knows_revision, newest_revision
from tierslieu.settings import PREFIX, Settings

OUR_NAME = f"tierslieu upgrade {os.getpid()}"  # of our own connections to PostgreSQL
PATIENCE_MS = 60_000  # milliseconds a migration waits for whoever holds a table
PROCESSES = Path("/proc")


@dataclass
class Done:
    """What an upgrade did."""

    revision_before: str
    revision: str
    copy: str | None = None  # where the copy lies; None: none was asked for, or nothing changed
    broken: list[str] = field(default_factory=list)  # what the audit says


@contextmanager
def our_connections() -> Iterator[None]:
    """Within the block, connections to PostgreSQL bear our name, so that they are not taken for
    somebody else's, and wait for a lock no longer than :data:`PATIENCE_MS`."""
    ours = {"PGAPPNAME": OUR_NAME, "PGOPTIONS": f"-c lock_timeout={PATIENCE_MS}"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def find_others(engine: Engine, settings: Settings) -> int:
    """How many others use the database: processes that hold its file open (SQLite; those that may
    be seen from here), or connections to it (PostgreSQL), of whatever host."""
    if engine.dialect.name == "sqlite":
        queue = settings.instance / "queue.sqlite"
        return _count_holders(
            {Path(make_url(settings.database_url).database or "").resolve(), queue}
        )
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND application_name <> :ours"
    )
    with engine.connect() as connection:
        return connection.scalar(asked, {"ours": OUR_NAME}) or 0


def _count_holders(files: set[Path]) -> int:
    names = {str(file) for file in files}
    found = set()
    for process in PROCESSES.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        with suppress(OSError):  # it ended meanwhile, or is somebody else's
            for opened in (process / "fd").iterdir():
                with suppress(OSError):
                    if os.readlink(opened) in names:
                        found.add(process.name)
    return len(found)


def look(app: Flask) -> str:
    """The revision of the place. Raises :class:`NotDone` (``empty``, ``newer``) if there is nothing
    to upgrade, or not by this software. Needs an application context."""
    settings: Settings = app.config["TIERSLIEU"]
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite"
    found = None
    if not is_file or Path(url.database or "").exists():  # asking would make an empty file
        found = current_revision()
    if found is None:
        raise NotDone(
            find_loss(settings) or "there is no place here yet: run tierslieu init", "empty"
        )
    if not knows_revision(found):
        raise NotDone(
            f"the database is at revision {found}, which is newer than this software "
            f"({newest_revision()}): install the newer version; nothing was changed",
            "newer",
        )
    return found


@contextmanager
def _stays_as_it_was(revision: str, copy: str | None) -> Iterator[None]:
    """A migration that fails leaves the database as it was: it is one transaction."""
    try:
        yield
    except Exception as error:
        if current_revision() != revision:
            raise
        kept = f" (there is a copy in {copy})" if copy else ""
        raise NotDone(
            f"the database could not be brought up to date ({type(error).__name__}) and stays as "
            f"it was, at revision {revision}{kept}: go back to the former software, and write to "
            "those who make it",
            "failed",
        ) from error


def upgrade(app: Flask, copy_to: Path | None, passphrase: str | None, *, anyway: bool) -> Done:
    """Copy the place into ``copy_to`` (None: no copy) if a migration waits, migrate it, set up what
    features need, and look at every invariant.

    ``passphrase`` None: the copy lies open. ``anyway``: others may use the database. Raises
    :class:`NotDone` (besides those of :func:`look` and of :func:`make_backup`: ``in_use``,
    ``failed``), with nothing changed.
    """
    settings: Settings = app.config["TIERSLIEU"]
    house: House = app.extensions["tierslieu.house"]
    with app.app_context():
        try:
            before = look(app)
            others = 0 if anyway else find_others(db.engine, settings)
            if others:
                raise NotDone(
                    f"the place is in use ({others} other "
                    f"{'process' if others == 1 else 'processes'} or connections): stop its web "
                    "processes and its worker on every host, then run this again",
                    "in_use",
                )
            done = Done(before, before)
            if before != newest_revision() and copy_to is not None:
                make_backup(copy_to, passphrase, db.engine, house, settings, now=clock.now())
                done.copy = str(copy_to)
            with _stays_as_it_was(before, done.copy):
                opening.open_place(app)
            done.revision = str(current_revision())
            done.broken = [
                f"{check.label}: {sentence}"
                for check in house.all(Invariant)
                for sentence in _found_broken(check)
            ]
        finally:
            db.session.remove()
            db.engine.dispose()
    return done


def _found_broken(check: Invariant) -> list[str]:
    broken = list(check.check(db.session()).broken)
    db.session.rollback()
    return broken


def _choose_copy(
    settings: Settings, copy_to: Path | None, *, plain: bool, no_copy: bool
) -> tuple[Path | None, str | None]:
    """Where the copy goes and what seals it. Raises :class:`NotDone` (``no_copy``,
    ``no_passphrase``) where that is not known."""
    if no_copy:
        return None, None
    if copy_to is None:
        if settings.backup_dir is None:
            raise NotDone(
                f"where should the copy go that is made first? Say --copy FILE (or set "
                f"{PREFIX}BACKUP_DIR), or --no-copy if you have one; nothing was changed",
                "no_copy",
            )
        # Named as those of the nights are: it goes when their turn is over.
        make_folder(settings)
        copy_to = settings.backup_dir / file_name(clock.now())
    if not plain and not settings.backup_passphrase:
        raise NotDone(
            f"set {PREFIX}BACKUP_PASSPHRASE, which seals the copy that is made first: it holds "
            "everybody's data. --plain writes it unsealed all the same; nothing was changed",
            "no_passphrase",
        )
    return copy_to, None if plain else settings.backup_passphrase


def run(
    make_app: Callable[[], Flask],
    settings: Settings,
    *,
    copy_to: Path | None,
    plain: bool,
    no_copy: bool,
    anyway: bool,
    as_json: bool,
) -> None:
    """The command; exits 1 if nothing was done, or if the audit finds something broken."""
    try:
        path, passphrase = _choose_copy(settings, copy_to, plain=plain, no_copy=no_copy)
        with our_connections():
            done = upgrade(make_app(), path, passphrase, anyway=anyway)
    except Damaged:
        _refuse(
            NotDone("the copy was not whole when read back: is the disk well?", "damaged"), as_json
        )
    except NotDone as refusal:
        _refuse(refusal, as_json)
    else:
        _tell(done, as_json)
        sys.exit(1 if done.broken else 0)


def _refuse(refusal: NotDone, as_json: bool) -> None:
    if as_json:
        said = {"done": False, "code": refusal.code, "message": str(refusal)}
        click.echo(json.dumps(said))
        sys.exit(1)
    raise click.ClickException(str(refusal))


def _tell(done: Done, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"done": True, **asdict(done)}))
        return
    if done.copy:
        click.echo(f"The copy of before is in {done.copy}, and was read back whole.")
    if done.revision == done.revision_before:
        click.echo(f"The database is up to date, at revision {done.revision}.")
    else:
        click.echo(
            f"The database was brought from revision {done.revision_before} to {done.revision}."
        )
    for line in done.broken:
        click.echo(f"BROKEN  {line}")
    click.echo(
        "The audit finds something broken: look before you open the place."
        if done.broken
        else "The audit finds everything whole. Start the place again."
    )
