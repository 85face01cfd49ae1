"""The revision of the schema: what the code expects, what the database has, whether it is gone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import Connection

from tierslieu.db import db
from tierslieu.settings import Settings

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


def find_loss(settings: Settings) -> str | None:
    """Whether the keys of a place are here and its database is gone or empty, with the mend."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        said = f"there is no file {url.database}"  # asking would make one
    else:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                if current_revision(connection) is not None:
                    return None
        finally:
            engine.dispose()
        said = f"the database {url.database} is empty"
    if settings.keys.is_empty():
        return None
    return (
        f"{said}, but the keys of a place are here: bring its database back, or restore a "
        "backup into an empty data folder (docs/backup.md); only if this place may begin anew, "
        "remove its keys/"
    )
