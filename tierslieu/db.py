"""The database: one engine set-up for both kinds, and how a transaction says it will write.

On SQLite the driver's own transactions oversell (a SELECT opens none), so they are switched off
and we send ``BEGIN`` ourselves: plain for reading, ``IMMEDIATE`` for writing. A rule that checks
and then acts calls :func:`lock_for_writing` first, so that it reads what no one else can change
before its commit.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session

from tierslieu.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True)

AnySession = Session | scoped_session[Any]

BUSY_TIMEOUT_MS = 30_000
APART_TIMEOUT_MS = 1_000
POOL_OVERFLOW = 10  # connections beyond one a thread, for what speaks over two
# sqlite.org/rescode.html: the result without its extension.
_FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_FULL_POSTGRESQL = {"53100", "58030", "25006"}  # disk_full, io_error, read_only_sql_transaction
_WRITE = "tierslieu_write"
_writing: ContextVar[bool] = ContextVar("tierslieu_write", default=False)
_only_existing = False
LOST_IN_MIDST = "8s2b"  # SQLAlchemy's code of a connection that went with its transaction


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


def is_passing(error: BaseException) -> bool:
    """Whether the database is away, full or held by others: nothing is wrong with what was asked,
    and the same may be well in a moment."""
    if isinstance(error, PendingRollbackError):
        return error.code == LOST_IN_MIDST
    return isinstance(error, OperationalError | psycopg.OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def is_full(error: BaseException) -> bool:
    """Whether the database could write no more: its disk is full, damaged, or for reading alone."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in _FULL_SQLITE
    return getattr(cause, "sqlstate", None) in _FULL_POSTGRESQL


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


def is_damage(error: DBAPIError) -> bool:
    """Whether the file of SQLite is no database any more, or its pages contradict each other."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_without_tables(cause: BaseException) -> bool:
    """Whether a table or a column that was asked for is not there: the database is empty, or of
    another version."""
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return True
    return isinstance(cause, sqlite3.OperationalError) and str(cause).startswith("no such ")


def only_existing_files(yes: bool) -> bool:
    """From here on, in this process, SQLite makes no file where there is none: an empty database
    would stand in for the one that is gone. Answers what held before."""
    global _only_existing
    before, _only_existing = _only_existing, yes
    return before


@event.listens_for(Engine, "do_connect")
def _look_for_file(dialect: Any, record: Any, arguments: list[Any], options: Any) -> None:
    if not _only_existing or dialect.name != "sqlite" or arguments[0] == ":memory:":
        return
    if not os.path.exists(arguments[0]):
        raise sqlite3.OperationalError(
            f"there is no file {arguments[0]}: does TIERSLIEU_INSTANCE say the right folder, and "
            "is its disk there? (tierslieu init begins a new place)"
        )


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
