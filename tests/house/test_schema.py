"""The migrated schema is the schema of the models, on both databases, constraints included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import create_engine

from tests.support.defined import definitions
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db
from tierslieu.schema import MIGRATIONS, current_revision, newest_revision
from tierslieu.settings import Settings


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
