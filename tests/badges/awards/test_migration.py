"""Awards made before badges could be public come through the migration, and may be public after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.exc import IntegrityError

from tierslieu.app import create_app
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings

BEFORE, AFTER = "0007", "0008"


def fill(connection: Connection, table: Table, **values: Any) -> None:
    """A row with these values, and something for every other column that must have one."""
    usual = {str: "", int: 0, bool: False, bytes: b"", datetime: datetime(2026, 1, 1, tzinfo=UTC)}
    for column in table.columns:
        if column.name in values or column.nullable:
            continue
        try:
            kind: Any = column.type.python_type
        except NotImplementedError:
            kind = str
        values[column.name] = "[]" if kind in (dict, list) else usual.get(kind, uuid.uuid4().hex)
    connection.execute(table.insert().values(**values))


@pytest.mark.both_databases
def test_shared_badges_stay_shared_and_may_then_be_public(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("sharing_before")
    app = create_app(make_settings(f"sharing-{database_kind}", **changes), TESTING=True)
    ids = [uuid.uuid4() for _ in range(5)]
    user, badge, key, private, linked = (
        one if database_kind == "postgresql" else one.hex for one in ids
    )
    with app.app_context():
        folder = str(MIGRATIONS)
        upgrade(directory=folder, revision=BEFORE)
        with db.engine.begin() as connection:
            tables = MetaData()
            tables.reflect(connection)
            named = tables.tables
            fill(connection, named["user_account"], id=user, email="a@b.fr", fs_uniquifier="u")
            fill(connection, named["badge_class"], id=badge, slug="x", version=1)
            fill(connection, named["signing_key"], id=key, public_multibase="z6Mk")
            fill(connection, named["status_list"], id=1)
            for index, (award, sharing) in enumerate([(private, "private"), (linked, "link")]):
                fill(
                    connection, named["award"], id=award, badge_id=badge, signing_key_id=key,
                    status_list_id=1, status_index=index, sharing=sharing,
                    user_id=user if index else None, holder_name="Ada",
                )  # fmt: skip
        db.session.remove()
        db.engine.dispose()
        upgrade(directory=folder, revision=AFTER)
        state = text("SELECT sharing, is_named, holder_name FROM award ORDER BY status_index")
        with db.engine.begin() as connection:
            rows = [tuple(row) for row in connection.execute(state)]
            assert rows == [("private", True, "Ada"), ("link", True, "Ada")]
            connection.execute(text("UPDATE award SET sharing = 'public' WHERE status_index = 1"))
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text("UPDATE award SET sharing = 'everybody'"))
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text("UPDATE award SET status_index = 0"))  # as unique as before
        db.engine.dispose()
        downgrade(directory=folder, revision=BEFORE)
        with db.engine.connect() as connection:
            found = connection.execute(text("SELECT sharing FROM award ORDER BY status_index"))
            assert list(found.scalars()) == ["private", "link"]
        db.session.remove()
        db.engine.dispose()


@pytest.mark.both_databases
def test_awards_made_before_renewals_stand_as_before_and_may_then_be_renewed(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("renewal_before")
    app = create_app(make_settings(f"renewal-{database_kind}", **changes), TESTING=True)
    user, badge, key, old, new, twin, word = (
        one if database_kind == "postgresql" else one.hex
        for one in (uuid.uuid4() for _ in "1234567")
    )

    def reflect(connection: Connection) -> Any:
        tables = MetaData()
        tables.reflect(connection)
        return tables.tables

    with app.app_context():
        folder = str(MIGRATIONS)
        upgrade(directory=folder, revision="0010")
        about = {
            "badge_id": badge, "signing_key_id": key, "status_list_id": 1, "sharing": "private",
            "user_id": user,
        }  # fmt: skip
        with db.engine.begin() as connection:
            named = reflect(connection)
            fill(connection, named["user_account"], id=user, email="a@b.fr", fs_uniquifier="u")
            fill(connection, named["badge_class"], id=badge, slug="x", version=1)
            fill(connection, named["signing_key"], id=key, public_multibase="z6Mk")
            fill(connection, named["status_list"], id=1)
            fill(connection, named["award"], id=old, status_index=0, **about)
            fill(connection, named["award_judgement"], id=word, award_id=old, reason="Vue.")
        db.session.remove()
        db.engine.dispose()
        upgrade(directory=folder, revision="0012")
        with db.engine.begin() as connection:
            named = reflect(connection)
            kept = text("SELECT reason FROM award_judgement")
            assert list(connection.execute(kept).scalars()) == ["Vue."]
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            fill(connection, named["award"], id=twin, status_index=1, **about)
        with db.engine.begin() as connection:
            now = datetime(2026, 11, 1, tzinfo=UTC)
            connection.execute(text("UPDATE award SET renewed_at = :now"), {"now": now})
            fill(connection, named["award"], id=new, status_index=1, renews_id=old, **about)
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            fill(connection, named["award"], id=twin, status_index=2, **about)
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM award WHERE status_index = 1"))
        db.engine.dispose()
        downgrade(directory=folder, revision="0010")
        with db.engine.connect() as connection:
            assert list(connection.execute(kept).scalars()) == ["Vue."]
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            fill(connection, reflect(connection)["award"], id=twin, status_index=1, **about)
        db.session.remove()
        db.engine.dispose()
