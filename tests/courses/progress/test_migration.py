"""Reports imported before Moodle was known go on as they were, there and back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tierslieu.app import create_app
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings

OURS = "0032"
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def add(table: str, **facts: Any) -> None:
    """A row of this table as it is now, with something in every column that wants something."""
    found = sa.Table(table, sa.MetaData(), autoload_with=db.engine)
    is_sqlite = db.engine.dialect.name == "sqlite"
    fillers: dict[type, Any] = {str: "x", bool: False, int: 0, float: 0.5, datetime: WHEN}
    row = {}
    for column in found.columns:
        if column.name in facts:
            value = facts[column.name]
        elif column.nullable or column.server_default is not None:
            continue
        else:
            value = "[]" if isinstance(column.type, sa.JSON) else fillers[column.type.python_type]
        if isinstance(value, uuid.UUID) and is_sqlite:
            value = value.hex
        if isinstance(value, datetime) and is_sqlite:
            value = value.replace(tzinfo=None)
        row[column.name] = value
    with db.engine.begin() as connection:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), row)


def ask(question: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(question))]


@pytest.mark.both_databases
def test_imports_and_settings_pass_the_migration_and_what_it_brought_is_dropped_on_the_way_back(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("before_moodle")
    app = create_app(make_settings(f"moodle-{database_kind}", **changes), TESTING=True)
    folder, path_id, imported = str(MIGRATIONS), uuid.uuid4(), uuid.uuid4()
    with app.app_context():
        upgrade(directory=folder, revision=f"{OURS}-1")
        add("path", id=path_id)
        add("grade_settings", path_id=path_id, provider="edx", threshold=0.6)
        add("grade_import", id=imported, path_id=path_id, filename="notes.csv")
        upgrade(directory=folder, revision=OURS)
        assert ask("SELECT filename, kind FROM grade_import") == [("notes.csv", "grades")]
        assert ask("SELECT provider, threshold FROM grade_settings") == [("edx", 0.6)]
        add("grade_import", id=uuid.uuid4(), path_id=path_id, kind="completions")
        with db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE grade_settings SET provider = 'moodle'"))
        downgrade(directory=folder, revision=f"{OURS}-1")
        assert ask("SELECT filename FROM grade_import") == [("notes.csv",)]
        assert ask("SELECT provider, threshold FROM grade_settings") == [("fun", 0.6)]
        db.session.remove()
        db.engine.dispose()
