"""The database: one engine set-up for both kinds, and how a transaction says it will write.

On SQLite the driver's own transactions oversell (a SELECT opens none), so they are switched off
and we send ``BEGIN`` ourselves: plain for reading, ``IMMEDIATE`` for writing. A rule that checks
and then acts calls :func:`lock_for_writing` first, so that it reads what no one else can change
before its commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session

from tierslieu.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True)

AnySession = Session | scoped_session[Any]

BUSY_TIMEOUT_MS = 30_000
APART_TIMEOUT_MS = 1_000
POOL_OVERFLOW = 10  # connections beyond one a thread, for what speaks over two
_WRITE = "tierslieu_write"
_writing: ContextVar[bool] = ContextVar("tierslieu_write", default=False)


def engine_options(url: str, threads: int) -> dict[str, Any]:
    """How the engine of this address is made, for a process of that many threads.

    PostgreSQL: a connection that died (the server began anew) is noticed before it is used; one
    that cannot be made, or whose network swallows everything, fails within seconds instead of
    minutes. What the address itself says (``?connect_timeout=2``) wins.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "postgresql":
        return {}
    limits = {"connect_timeout": 5, "tcp_user_timeout": 20_000, "keepalives_idle": 30}
    return {
        "pool_pre_ping": True,
        "pool_size": threads + 1,  # one more: who asks how the place is never waits for a page
        "max_overflow": POOL_OVERFLOW,
        "connect_args": {k: v for k, v in limits.items() if k not in parts.query},
    }


def _plain(session: AnySession) -> Session:
    return session() if isinstance(session, scoped_session) else session


def is_sqlite(session: AnySession) -> bool:
    """Whether this session speaks to SQLite."""
    return _plain(session).get_bind().dialect.name == "sqlite"


def lock_for_writing(session: AnySession) -> None:
    """Begin a transaction that will write; what was read before is read again within it.

    SQLite: ``BEGIN IMMEDIATE``, so one writer at a time and nothing read under it goes stale.
    PostgreSQL: a fresh transaction; the rule takes the row locks it needs. Raises RuntimeError
    when changes are pending, for they would be lost.
    """
    plain = _plain(session)
    if plain.info.get(_WRITE) and plain.in_transaction():
        return
    if plain.new or plain.dirty or plain.deleted:
        raise RuntimeError("changes are pending: say that you will write before you change")
    plain.rollback()
    plain.info[_WRITE] = True
    token = _writing.set(True)
    try:
        plain.connection()
    finally:
        _writing.reset(token)


def _set_patience(connection: Connection, milliseconds: int) -> None:
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        raw.execute(f"PRAGMA busy_timeout={milliseconds}")


@contextmanager
def apart(engine: Engine) -> Iterator[Connection]:
    """A short transaction of its own, beside that of the request: for the little that is written
    at every request and must cost next to nothing.

    It waits a second for others at most (then OperationalError), and is not forced onto the disk:
    what a machine that loses its power forgets of it harms nobody. Never within a request's own
    writing: SQLite has one writer.
    """
    with engine.connect() as connection:
        _set_patience(connection, APART_TIMEOUT_MS)
        token = _writing.set(True)
        try:
            transaction = connection.begin()
        finally:
            _writing.reset(token)  # what else begins meanwhile, in this thread, may only read
            _set_patience(connection, BUSY_TIMEOUT_MS)
        with transaction:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL synchronous_commit = off"))
                connection.execute(text(f"SET LOCAL lock_timeout = {APART_TIMEOUT_MS}"))
            yield connection


def say_writing(session: AnySession) -> None:
    """This transaction goes on and will write; nothing of it is lost, nothing is read again."""
    plain = _plain(session)
    plain.connection()
    _restart_for_writing(plain)
    plain.info[_WRITE] = True


def _restart_for_writing(session: Session) -> None:
    """A transaction begun for reading turns out to write: begin it anew, without its snapshot.

    Keeps a write from failing at once with «database is locked» (SQLITE_BUSY_SNAPSHOT). What was
    read before may be stale, as under READ COMMITTED; constraints hold all the same.
    """
    if session.info.get(_WRITE) or not is_sqlite(session):
        return
    connection = session.connection()
    connection.exec_driver_sql("ROLLBACK")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    session.info[_WRITE] = True


@event.listens_for(Session, "before_flush")
def _flush_writes(session: Session, context: Any, instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        _restart_for_writing(session)


@event.listens_for(Session, "do_orm_execute")
def _statement_writes(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _restart_for_writing(state.session)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_WRITE, None)


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # we send BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def set_wal(engine: Engine) -> None:
    """Switch a SQLite file to write-ahead logging: once, before any worker starts."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            connection.rollback()
            raw.execute("PRAGMA journal_mode=WAL")
