"""The migrated schema is the schema of the models, on both databases, constraints included.

Alembic's own comparison sees neither CHECK constraints nor the WHERE of an index, so the
databases are asked for their own definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, text

from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS, current_revision, newest_revision
from tierslieu.settings import Settings

PG_DEFINITIONS = """
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
"""
SQLITE_DEFINITIONS = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"


def _normal(definition: str) -> str:
    return re.sub(r"\s+", " ", definition.replace('"', "")).replace("( ", "(").replace(" )", ")")


def definitions(engine: Engine) -> set[str]:
    """What the database says its tables, constraints and indexes are."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        rows = connection.execute(text(SQLITE_DEFINITIONS if sqlite else PG_DEFINITIONS)).scalars()
        found = {_normal(row) for row in rows if "alembic_version" not in row}
    if sqlite:  # the order of constraints inside CREATE TABLE is nobody's business
        found = {
            re.sub(r"\((.*)\)", lambda m: "(" + "|".join(sorted(m[1].split(", "))) + ")", row)
            for row in found
        }
    return found


@pytest.mark.both_databases
def test_the_migrated_schema_is_that_of_the_models(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    folder = f"migrated-{database_kind}"
    if database_kind == "postgresql":
        new = request.getfixturevalue("new_postgresql")
        changes["database_url"] = new("migrated")
        models_url = new("from_models")
    else:
        models_url = f"sqlite:///{make_settings(folder).instance / 'models.sqlite'}"
    app = create_app(make_settings(folder, **changes), TESTING=True)
    engine = create_engine(models_url)
    try:
        with app.app_context():
            upgrade(directory=str(MIGRATIONS))
            assert current_revision() == newest_revision()
            upgrade(directory=str(MIGRATIONS))  # a second run changes nothing
            migrated = definitions(db.engine)
            db.session.remove()
            db.engine.dispose()
        Base.metadata.create_all(engine)
        assert migrated == definitions(engine)
    finally:
        engine.dispose()
