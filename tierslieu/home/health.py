"""Whether the place is well: asked by ``/healthz``, by monitors, by ``make run``.

What is asked may hang (a database behind a network that swallows packets, a shared folder whose
server is gone), and then the answer must still come. So a thread asks, one at a time, and whoever
wants to know waits for it :data:`PATIENCE` seconds at most. Its answer serves everybody who asks
within the next second.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.clockwork import WorkerBeat, find_leap, say_leap
from tierslieu.db import db, is_sqlite
from tierslieu.home.disk import find_disk_trouble
from tierslieu.house import Check, House
from tierslieu.schema import current_revision, newest_revision
from tierslieu.settings import Settings
from tierslieu.store.looking import find_trouble
from tierslieu.store.shelf import StoreAway

WORKER_SILENT_AFTER = timedelta(minutes=3)
CLOCKS_DIFFER_BY = clock.DIFFERENCE  # more, and links, codes and leases expire wrongly
PATIENCE = 3.0  # seconds somebody waits for the answer
KEPT_FOR = 1.0  # seconds an answer serves everybody who asks
STATEMENT_MS = 2500  # milliseconds PostgreSQL may take for one question

#: What is told and keeps nobody out: a place that was closed for the summer opens again.
BEARABLE = frozenset({"clock_leap"})

Note = Callable[[str], None]
Look = Callable[[datetime, Note], dict[str, str]]
EXTENSION = "tierslieu.health"


class Watch:
    """Asks how the place is, one question at a time, and never lets anybody wait for long.

    ``look(now, note)`` finds what is wrong by name, and notes the name of what it is about to
    ask: if that never answers, the name is what we say.
    """

    def __init__(self, look: Look, *, kept_for: float = KEPT_FOR) -> None:
        self._look, self._kept_for = look, kept_for
        self._lock = threading.Lock()
        self._asking: Future[dict[str, str]] | None = None
        self._begun = self._ended = 0.0
        self._at = "database"

    def ask(self, now: datetime) -> dict[str, str]:
        """What is wrong, by name; empty if all is well. Answers within :data:`PATIENCE`."""
        with self._lock:
            asking = self._asking
            if asking is None or (
                asking.done() and time.monotonic() - self._ended >= self._kept_for
            ):
                asking = self._asking = Future()
                self._begun = time.monotonic()
                threading.Thread(target=self._run, args=(asking, now), daemon=True).start()
            left = self._begun + PATIENCE - time.monotonic()
        try:
            return asking.result(timeout=max(0.0, left))
        except TimeoutError:
            return {self._at: f"no answer within {PATIENCE:.0f} seconds"}

    def _run(self, asking: Future[dict[str, str]], now: datetime) -> None:
        try:
            wrong = self._look(now, self._note)
        except Exception as error:  # the class alone: values may be personal, or a password
            wrong = {self._at: type(error).__name__}
        self._ended = time.monotonic()
        asking.set_result(wrong)

    def _note(self, name: str) -> None:
        self._at = name


def install(app: Flask) -> None:
    """Give ``app`` its watch. A test wants to see each change at once: nothing is kept there."""

    def look(now: datetime, note: Note) -> dict[str, str]:
        return look_at(app, now, note)

    app.extensions[EXTENSION] = Watch(look, kept_for=0.0 if app.testing else KEPT_FOR)


def ask_health(app: Flask) -> dict[str, str]:
    """What is wrong, by name; empty if all is well."""
    watch: Watch = app.extensions[EXTENSION]
    return watch.ask(clock.now())


def is_well(wrong: Mapping[str, str]) -> bool:
    """Whether the place can be used although this is wrong."""
    return not set(wrong) - BEARABLE


def look_at(app: Flask, now: datetime, note: Note) -> dict[str, str]:
    """What is wrong with the disk, the database, the clocks, the worker, the files and the
    features' vital parts, by name. Opens a context of its own; may hang, as what it asks may."""
    settings: Settings = app.config["TIERSLIEU"]
    wrong: dict[str, str] = {}
    note("disk")
    if (said := find_disk_trouble(settings.folders)) is not None:
        wrong["disk"] = said
    note("database")
    if _file_is_gone(settings):
        # Connecting would make an empty one, and call it behind.
        return wrong | {"database": "the file of the database is gone"}
    if not _may_write(settings):  # pages are read, and nobody can do a thing
        return wrong | {"database": "the file of the database cannot be written by this account"}
    with app.app_context():
        try:
            return wrong | _look_at_database(app, db.session(), now, note)
        except SQLAlchemyError as error:
            return wrong | {"database": type(error).__name__}


def _file_is_gone(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


def _may_write(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    return url.get_backend_name() != "sqlite" or os.access(url.database or "", os.W_OK)


def _look_at_database(app: Flask, session: Session, now: datetime, note: Note) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not is_sqlite(session):
        session.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_MS}"))
        theirs = session.scalar(text("SELECT clock_timestamp()"))
        if theirs is not None and abs(theirs - now) > CLOCKS_DIFFER_BY:
            wrong["clock"] = (
                "the clocks of this machine and of the database differ by "
                f"{abs(theirs - now).total_seconds():.0f} seconds"
            )
    found, wanted = current_revision(session.connection()), newest_revision()
    if found != wanted:
        return wrong | {"migrations": "the database is not at the revision this code expects"}
    settings: Settings = app.config["TIERSLIEU"]
    if not settings.demo and (leap := find_leap(session, now)) is not None:
        wrong["clock_leap"] = say_leap(leap)
    heart = session.get(WorkerBeat, "worker")
    if heart is None or heart.at < now - WORKER_SILENT_AFTER:
        wrong["worker"] = "the background worker is silent"
    elif heart.at > now + CLOCKS_DIFFER_BY:
        wrong["clock"] = (
            "the worker beat "
            f"{(heart.at - now).total_seconds():.0f} seconds from now: one clock is wrong"
        )
    house: House = app.extensions["tierslieu.house"]
    if settings.bucket is not None:
        note("files")
        if (said := find_trouble(settings.bucket)) is not None:
            # The features would each ask for a key there, and wait for it.
            return wrong | {"files": said}
    for check in house.all(Check):
        if not check.is_vital:
            continue
        note(check.name)
        try:
            said = check.ask(session, now)
        except OSError as error:  # a folder it looks into is gone
            # A shelf says why without an address, a name or a secret; others may not.
            said = str(error.strerror) if isinstance(error, StoreAway) else type(error).__name__
        if said:
            wrong[check.name] = said
    return wrong
