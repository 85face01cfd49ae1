"""The demonstration place and the same grown, on one database or the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, make_url, text

from badges.awards.waiting.rules import NAME as BADGES
from benchmarks.booking_place import Database
from benchmarks.large.making import Size, grow
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.db import db
from tierslieu.evaluation.nightly.jobs import NAME as FIGURES
from tierslieu.house import House, Job
from tierslieu.opening import open_place, play_demo
from tierslieu.settings import Settings
from tierslieu.store.folders import FolderShelf
from tierslieu.support.attention.listing import NAME as ATTENTION
from tierslieu.surveys.pseudonyms import read_key


@dataclass(frozen=True)
class Pair:
    """Both places: the same people, sessions and addresses stand in both."""

    demonstration: Flask
    grown: Flask


def _settings(instance: Path, url: str) -> Settings:
    return Settings(
        instance=instance,
        database_url=url,
        secret_key="bench" * 10,
        demo=True,
        base_url="http://localhost",
    )


def pass_night(app: Flask, say: Callable[[str], object] = print) -> None:
    """Have the worker make what it makes at night for pages that tell of everybody."""
    house: House = app.extensions["tierslieu.house"]
    made = (FIGURES, ATTENTION, BADGES)
    with app.app_context():
        for job in (job for job in house.all(Job) if job.name in made):
            began = time.perf_counter()
            while job.run(db.session(), clock.now()):
                pass
            db.session.remove()
            say(f"{job.name}: {time.perf_counter() - began:.0f} s")


@contextmanager
def both(
    kind: str,
    folder: Path,
    size: Size,
    say: Callable[[str], object] = print,
    *,
    kept: bool = False,
) -> Iterator[Pair]:
    """The two places in ``folder`` (``sqlite``, ``postgresql``); gone afterwards, or ``kept`` there
    and found again the next time, for the full size takes a while to make."""
    small, large, made = folder / "small", folder / "large", folder / "made"
    with Database(kind, folder, kept=kept) as url:
        is_there = made.is_file()
        small.mkdir(exist_ok=is_there)
        first = create_app(_settings(small, url))
        if not is_there:
            open_place(first)
            play_demo(first)
            with first.app_context():
                db.session.remove()
                db.engine.dispose()
            shutil.copytree(small, large)
            _copy(kind, folder, url)
        app = create_app(_settings(large, _grown(kind, folder, url)))
        if not is_there:
            _grow(kind, app, size, read_key(FolderShelf(large / "keys"), "tiers-lieu"), say)
            made.touch()
        try:
            yield Pair(first, app)
        finally:
            for one in (first, app):
                with one.app_context():
                    db.session.remove()
                    db.engine.dispose()


def _grow(kind: str, app: Flask, size: Size, key: bytes, say: Callable[[str], object]) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            grow(connection, size, key, say=say)
        if kind == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")


def _grown(kind: str, folder: Path, url: str) -> str:
    """The address of the grown place's database."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'grown.sqlite'}"
    return make_url(url).set(database="grown").render_as_string(hide_password=False)


def _copy(kind: str, folder: Path, url: str) -> None:
    """A second database with all that stands in the first."""
    if kind == "sqlite":
        shutil.copy(folder / "bench.sqlite", folder / "grown.sqlite")
        return
    name = make_url(url).database
    # From another database: one that somebody is connected to cannot be copied.
    engine = create_engine(make_url(url).set(database="template1"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ask = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(ask), {"name": name})
        connection.exec_driver_sql(f'CREATE DATABASE grown TEMPLATE "{name}"')
    engine.dispose()
