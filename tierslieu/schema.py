"""The revision of the schema: what the code expects, what the database has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from tierslieu.db import db

MIGRATIONS = Path(__file__).parent / "migrations"


@cache  # the files of a running process do not change
def newest_revision() -> str | None:
    """The revision the code expects the database to have."""
    return _scripts().get_current_head()


def knows_revision(revision: str) -> bool:
    """Whether the code can bring a database of this revision to the newest."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def current_revision(connection: Connection | None = None) -> str | None:
    """The revision the database has, asked over ``connection`` if there is one already. Needs an
    application context."""
    if connection is not None:
        return MigrationContext.configure(connection).get_current_revision()
    with db.engine.connect() as own:
        return MigrationContext.configure(own).get_current_revision()
