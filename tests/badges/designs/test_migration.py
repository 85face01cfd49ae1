"""Badges made before versions existed go on as first versions, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tierslieu.app import create_app
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS
from tierslieu.settings import Settings

OURS = "0005"


@pytest.mark.both_databases
def test_a_badge_and_what_hangs_on_it_pass_the_migration(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("design_before")
    app = create_app(make_settings(f"design-{database_kind}", **changes), TESTING=True)
    folder = str(MIGRATIONS)
    with app.app_context():
        upgrade(directory=folder, revision=f"{OURS}-1")
        made = "2026-01-02 03:04:05"
        name = f"'{'0' * 32}'" if database_kind == "sqlite" else f"'{'0' * 32}'::uuid"
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO badge_class (id, slug, name, description, criteria, shape, colour,"
                f" icon, created_at, automatic) VALUES ({name}, 'ancien', 'Ancien', 'd', 'c',"
                f" 'circle', 'mer', 'code', '{made}', false)"
            )
            connection.exec_driver_sql(
                "INSERT INTO badge_skill (id, badge_id, position, framework, framework_name, code,"
                f" name, url) VALUES ({name}, {name}, 0, 'CRCN', 'CRCN', '3.4', 'x', 'y')"
            )
        upgrade(directory=folder, revision=OURS)
        with db.engine.connect() as connection:
            row = connection.execute(
                sa.text(
                    "SELECT version, previous_id, level, name_en, text, published_at = created_at"
                    " FROM badge_class"
                )
            ).one()
            skills = connection.execute(sa.text("SELECT count(*) FROM badge_skill")).scalar()
        assert (row[0], row[1], row[2], row[3], row[4], bool(row[5])) == (
            1, None, None, "", "", True,
        )  # fmt: skip
        assert skills == 1
        downgrade(directory=folder, revision=f"{OURS}-1")
        with db.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT slug FROM badge_class")).scalar() == "ancien"
        db.session.remove()
        db.engine.dispose()
