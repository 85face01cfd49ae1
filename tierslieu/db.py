"""The database: one engine set-up for both kinds, and how a transaction says it will write.

On SQLite the driver's own transactions oversell (a SELECT opens none), so they are switched off
and we send ``BEGIN`` ourselves: plain for reading, ``IMMEDIATE`` for writing. A rule that checks
and then acts calls :func:`lock_for_writing` first, so that it reads what no one else can change
before its commit.
"""

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session

from tierslieu.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True)

AnySession = Session | scoped_session[Any]

BUSY_TIMEOUT_MS = 30_000
_WRITE = "tierslieu_write"
_writing: ContextVar[bool] = ContextVar("tierslieu_write", default=False)


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
