"""How migrations run: in one transaction, on SQLite with foreign keys off and checked after.

With the keys on, ``batch_alter_table`` (which copies a table, then drops the old one) empties the
tables that refer to it.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from alembic import context
from flask import current_app

from tierslieu.base import Base

migrate = current_app.extensions["migrate"]


def run() -> None:
    """Bring the database of the current application to the asked revision."""
    engine = migrate.db.engine
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                transactional_ddl=True,
                **migrate.configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
                if isinstance(raw, sqlite3.Connection):
                    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if orphans:
                        raise RuntimeError(f"{len(orphans)} rows would lose what they refer to")
            connection.commit()
        finally:
            connection.rollback()
            if isinstance(raw, sqlite3.Connection):
                with suppress(sqlite3.ProgrammingError):  # interrupted, and closed for that
                    raw.execute("PRAGMA foreign_keys=ON")


run()
