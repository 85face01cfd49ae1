"""Costs come and go with their migration, on both databases."""

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

OURS, BEFORE = "0043", "0042"


@pytest.mark.both_databases
def test_the_table_of_costs_is_made_taken_away_and_made_again(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> None:
    changes: dict[str, Any] = {}
    if database_kind == "postgresql":
        changes["database_url"] = request.getfixturevalue("new_postgresql")("costs_before")
    app = create_app(make_settings(f"costs-{database_kind}", **changes), TESTING=True)
    folder = str(MIGRATIONS)
    with app.app_context():
        upgrade(directory=folder, revision=OURS)
        assert sa.inspect(db.engine).has_table("place_cost")
        downgrade(directory=folder, revision=BEFORE)
        assert not sa.inspect(db.engine).has_table("place_cost")
        upgrade(directory=folder, revision=OURS)
        assert sa.inspect(db.engine).has_table("place_cost")
        db.session.remove()
        db.engine.dispose()
