"""A database of an earlier revision, with rows in it, is brought to the newest and keeps them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade

from tierslieu.app import create_app
from tierslieu.db import db as database
from tierslieu.schema import MIGRATIONS, current_revision, newest_revision
from tierslieu.settings import Settings

#: The tables whose rows a place of that time surely has.
THEN = ("user_account", "role", "consent", "job_run", "worker_beat", "outbox_message")


def _value(column: sa.Column[Any]) -> Any:
    """Something this column takes, if no rule of its table says more."""
    kind = column.type
    if isinstance(kind, sa.Uuid) or (isinstance(kind, sa.CHAR) and kind.length == 32):
        return uuid.uuid4() if isinstance(kind, sa.Uuid) else uuid.uuid4().hex
    for type_, value in (
        (sa.Boolean, False),
        (sa.Integer, 1),
        (sa.Numeric, 1),
        (sa.DateTime, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (sa.Date, date(2026, 1, 5)),
        (sa.Time, time(10)),
        (sa.JSON, {}),
        (sa.LargeBinary, b"x"),
    ):
        if isinstance(kind, type_):
            return value
    return {"kind": "notice", "email": "ada@lieu.example"}.get(column.name, f"a-{column.name}")


def _fill(engine: sa.Engine) -> dict[str, int]:
    """Put a row into each of these tables; how many each has."""
    found = sa.MetaData()
    with engine.connect() as connection:
        found.reflect(connection, only=lambda name, _meta: name in THEN)
    filled: dict[str, int] = {}
    with engine.begin() as connection:
        users: list[Any] = []
        for table in found.sorted_tables:
            row = {c.name: _value(c) for c in table.columns if not c.nullable}
            if "user_id" in row:
                row["user_id"] = users[0]
            connection.execute(table.insert().values(**row))
            if table.name == "user_account":
                users.append(row["id"])
            filled[table.name] = 1
    return filled


@pytest.mark.both_databases
@pytest.mark.parametrize("revision", ["0010", "0030", "0044"])
def test_rows_of_an_earlier_revision_are_there_after_an_upgrade(
    database_kind: str,
    revision: str,
    make_settings: Callable[..., Settings],
    request: pytest.FixtureRequest,
) -> None:
    changes: dict[str, Any] = {}
    name = f"upgraded-{revision}-{database_kind}"
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")(name)
    app = create_app(make_settings(name, **changes), TESTING=True)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS), revision=revision)
        filled = _fill(database.engine)
        assert set(filled) == set(THEN)
        upgrade(directory=str(MIGRATIONS))
        assert current_revision() == newest_revision()
        with database.engine.connect() as connection:
            left = {
                name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
                for name in filled
            }
            runs = connection.execute(sa.text("SELECT done_runs, failed_runs FROM job_run")).all()
        assert left == filled
        assert [tuple(row) for row in runs] == [(0, 0)]
        database.session.remove()
        database.engine.dispose()
