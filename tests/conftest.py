"""What every test may use: one application a database, emptied after each test; people; a client
that looks at every page it is given.

``@pytest.mark.both_databases`` (on a test or a module) runs it on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import functools
import gc
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from badges.engine import keys
from badges.engine.publickeys import MIN_RSA_BITS
from tests.support.browsers import browser as browser  # a fixture of every test
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.postgresql import begin_server
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.db import set_wal
from tierslieu.people.models import ROLES
from tierslieu.settings import Settings

# A password of a test withstands no thief: its hash is made in a millisecond, not in 120.
QUICK_HASH = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}

# A busy machine is slow to make examples, which says nothing of the code: no property is timed.
# The same examples at each run: a change is judged by what it does, not by a draw. `make explore`
# draws others.
hypothesis_settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
hypothesis_settings.register_profile(
    "explore", hypothesis_settings.get_profile("here"), derandomize=False, print_blob=True
)
hypothesis_settings.load_profile("here")


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """No test opens a connection beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("127.0.0.1", "::1", "localhost", "local", ""):
            raise AssertionError(f"a test reached out to {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.hookimpl(trylast=True)  # pytest puts them in the order of their fixtures before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Proofs that may run beside others begin first: the longest waits for one answer after the
    other, and at the end would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("beside") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        kinds = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(scope="session", autouse=True)
def _quick_keys() -> Iterator[None]:
    """A key of a test is sought by nobody: the shortest that is allowed is made in a quarter of
    the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "RSA_BITS", MIN_RSA_BITS)
        yield


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A real PostgreSQL for this test process, gone afterwards."""
    server = begin_server()
    # No test pulls this machine's plug: what a process that dies leaves behind is the same.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def new_postgresql(postgresql_server: Any) -> Callable[[str], str]:
    """Make an empty database of that name; gives its address for SQLAlchemy."""

    def make(name: str) -> str:
        postgresql_server.psql(f'CREATE DATABASE "{name}"')
        uri = postgresql_server.get_uri(database=name)
        return "postgresql+psycopg://" + uri.split("://", 1)[1]

    return make


@pytest.fixture(scope="session")
def make_settings(worker_folder: Path) -> Callable[..., Settings]:
    """Settings of a place in a folder of its own."""

    def make(name: str, **changes: Any) -> Settings:
        instance = worker_folder / name
        instance.mkdir(exist_ok=True)
        settings = Settings(
            instance=instance,
            database_url=f"sqlite:///{instance / 'tierslieu.sqlite'}",
            base_url="http://localhost",
            secret_key="only-for-tests" * 4,
            place_name="Tiers-lieu d’essai",
            mail_from="no-reply@example.org",
            contact="equipe@lieu.example",
        )
        return replace(settings, **changes)

    return make


@pytest.fixture(scope="session")
def _apps() -> Iterator[dict[str, Flask]]:
    """The application of each database, once it was asked for: pytest may come back to a database
    after it has been at the other, and makes a parametrised fixture again each time."""
    apps: dict[str, Flask] = {}
    yield apps
    for app in apps.values():
        with app.app_context():
            database.engine.dispose()


@pytest.fixture(scope="session")
def _app_of_kind(
    database_kind: str,
    make_settings: Callable[..., Settings],
    _apps: dict[str, Flask],
    request: pytest.FixtureRequest,
) -> Flask:
    if database_kind in _apps:
        return _apps[database_kind]
    changes = {}
    if database_kind == "postgresql":
        new_postgresql = request.getfixturevalue("new_postgresql")
        changes["database_url"] = new_postgresql(f"suite_{os.getpid()}")
    app = create_app(
        make_settings(database_kind, **changes),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=QUICK_HASH,
    )
    gc.collect()
    gc.freeze()  # what stands until the end is not looked through again and again
    app.test_client_class = LookingClient
    with app.app_context():
        set_wal(database.engine)
        Base.metadata.create_all(database.engine)
    _apps[database_kind] = app
    return app


@pytest.fixture
def app(_app_of_kind: Flask) -> Flask:
    """The place, empty but for the roles."""
    with _app_of_kind.app_context():
        _empty(database.session())
    return _app_of_kind


def _empty(session: Session) -> None:
    # Of the two hundred tables a test fills ten: asking which costs a fifth of emptying them all.
    # Children first; a DELETE of the few rows of a test is far quicker than TRUNCATE, and all in
    # one call ten times quicker than one by one.
    driver: Any = session.connection().connection.driver_connection
    filled = {name for (name,) in driver.execute(_asking_script()).fetchall()}
    # Hardly a test touches the roles: where they stand as each begins with them, they stay.
    roles = driver.execute("SELECT name, description FROM role").fetchall()
    has_roles = sorted(roles) == sorted((name, "") for name in ROLES)
    if has_roles:
        filled.remove("role")
    if filled:
        script = _emptying_script(filled)
        if isinstance(driver, sqlite3.Connection):
            # Who is deleted is not asked for in a hundred tables that are emptied as well.
            quickly = f"PRAGMA foreign_keys=OFF;BEGIN IMMEDIATE;{script}COMMIT;"
            driver.executescript(f"{quickly}PRAGMA foreign_keys=ON;")
        else:
            driver.execute(script)
    if not has_roles:
        Factory(session).roles()
    session.commit()


@functools.cache
def _tables() -> tuple[str, ...]:
    """The name of each table, children first; sorting them takes longer than emptying them."""
    return tuple(table.name for table in reversed(Base.metadata.sorted_tables))


@functools.cache
def _asking_script() -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in _tables()
    )


def _emptying_script(filled: set[str]) -> str:
    # The logbook lets go of what lies before its anchor only.
    swept = (
        "INSERT INTO logbook_head (id, head, length, anchor, anchor_number)"
        " VALUES (1, '', 0, '', 0) ON CONFLICT DO NOTHING;"
        "UPDATE logbook_head SET length = 1000000, anchor_number = 1000000;"
        "DELETE FROM logbook_entry;DELETE FROM logbook_head;"
    )
    emptying = "".join(
        f'DELETE FROM "{name}";' for name in _tables() if name in filled and name != "logbook_entry"
    )
    return (swept if "logbook_entry" in filled else "") + emptying


@pytest.fixture
def db(app: Flask) -> Iterator[Session]:
    """A session of the test's own. Commit before you ask the client: SQLite has one writer."""
    with app.app_context():
        yield database.session()
        database.session.rollback()


@pytest.fixture
def make(db: Session) -> Factory:
    """Makes people and things, committed."""
    return Factory(db)


@pytest.fixture
def client(app: Flask) -> LookingClient:
    """A visitor's browser; ``client.sign_in(user)`` makes it a person's."""
    return app.test_client()  # type: ignore[return-value]
