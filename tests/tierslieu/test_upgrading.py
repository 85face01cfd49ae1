"""A database of any earlier revision, with rows in every table, is brought to the newest and loses
none of them.

The rows are made from what the database says of its own tables (``tests/support/filling.py``), so
they know nothing of what the code would have put there; places that earlier code filled are
upgraded in ``test_upgrading_places.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade

from tests.support.climbing import Climber
from tests.support.defined import definitions
from tierslieu.app import create_app
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.schema import MIGRATIONS, current_revision, newest_revision
from tierslieu.settings import Settings

#: What migrations take away on purpose, and where it went.
ON_PURPOSE = {
    # A condition of a badge stands in a group now, and the group is the badge's.
    "0004": ["badge_criterion.badge_id is gone"],
}
AT_A_STRETCH = [
    "0001",
    pytest.param("0030", marks=pytest.mark.proof),
    pytest.param("0044", marks=pytest.mark.proof),
]

Start = Callable[[str], Any]


def _revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    return [script.revision for script in scripts.walk_revisions()][::-1]


@pytest.fixture
def start(
    database_kind: str, make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> Start:
    """An application on an empty database of that name, within its context."""

    @contextmanager
    def begin(name: str) -> Iterator[Flask]:
        name = f"upgraded-{name}-{database_kind}"
        changes: dict[str, Any] = {}
        if database_kind == "postgresql":
            changes["database_url"] = request.getfixturevalue("new_postgresql")(name)
        app = create_app(make_settings(name, **changes), TESTING=True)
        with app.app_context():
            try:
                yield app
            finally:
                database.session.remove()
                database.engine.dispose()

    return begin


def _go_to(revision: str, climber: Climber) -> list[str]:
    upgrade(directory=str(MIGRATIONS), revision=revision)
    with database.engine.begin() as connection:
        return climber.arrive(connection, fills=revision != "head")


def _models(app: Flask, request: pytest.FixtureRequest, name: str) -> set[str]:
    """The definitions that the models themselves make."""
    if database.engine.dialect.name == "postgresql":
        url = request.getfixturevalue("new_postgresql")(name)
    else:
        url = f"sqlite:///{app.config['TIERSLIEU'].instance / 'models.sqlite'}"
    engine = sa.create_engine(url)
    try:
        Base.metadata.create_all(engine)
        return definitions(engine)
    finally:
        engine.dispose()


@pytest.mark.both_databases
@pytest.mark.parametrize("revision", AT_A_STRETCH)
def test_rows_in_every_table_of_an_earlier_revision_are_there_after_one_upgrade(
    revision: str, start: Start, request: pytest.FixtureRequest
) -> None:
    with start(revision) as app:
        climber = Climber()
        assert _go_to(revision, climber) == []
        assert all(climber.held.values())
        expected = [loss for at, losses in ON_PURPOSE.items() if at > revision for loss in losses]
        assert _go_to("head", climber) == expected
        assert current_revision() == newest_revision()
        with database.engine.connect() as connection:
            runs = connection.execute(sa.text("SELECT done_runs, failed_runs FROM job_run")).all()
        assert {tuple(row) for row in runs} >= {(0, 0)}
        assert definitions(database.engine) == _models(app, request, f"models-{revision}")


@pytest.mark.proof
@pytest.mark.both_databases
def test_each_migration_one_after_the_other_loses_nothing_of_what_was_there(
    start: Start, request: pytest.FixtureRequest
) -> None:
    """Every table has rows at each step, those of all earlier steps among them: what holds for the
    whole way holds from each revision on."""
    with start("climb") as app:
        climber, lost = Climber(), {}
        for revision in _revisions():
            if found := _go_to(revision, climber):
                lost[revision] = found
        assert lost == ON_PURPOSE
        assert all(climber.held.values())
        assert set(climber.held) == set(Base.metadata.tables)
        assert current_revision() == newest_revision()
        assert definitions(database.engine) == _models(app, request, "models-climb")
