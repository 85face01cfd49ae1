"""A database of any earlier revision, with rows in every table, is brought to the newest and loses
none of them.

The rows are made from what the database says of its own tables (``tests/support/filling.py``), so
they know nothing of what the code would have put there; places that earlier code filled are
upgraded in ``test_upgrading_places.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

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
    # The day of a kept badge, in words of one language, is a day now.
    "0062": ["kept_badge.issued_on is gone"],
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
        later = [loss for at, losses in ON_PURPOSE.items() if at > revision for loss in losses]
        expected = [loss for loss in later if loss.partition(".")[0] in climber.held]
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


@pytest.mark.both_databases
def test_the_day_of_a_badge_kept_from_elsewhere_that_stood_there_in_words_is_a_day(
    start: Start,
) -> None:
    with start("days"):
        _go_to("0061", Climber())
        words = {"1er\u00a0mai\u00a02026": date(2026, 5, 1), "": None}
        words |= {"26\u00a0November\u00a02026": date(2026, 11, 26)}
        names = (sa.column("id", sa.Uuid()), sa.column("issued_on"))
        kept = sa.table("kept_badge", *names, sa.column("issued_day", sa.Date()))
        with database.engine.begin() as connection:
            ids = connection.scalars(sa.select(kept.c.id)).all()
        assert len(ids) == 2
        for first in range(len(words) - 1):
            expected = dict(zip(ids, list(words.items())[first:], strict=False))
            with database.engine.begin() as connection:
                for one, (said, _day) in expected.items():
                    connection.execute(
                        sa.update(kept).where(kept.c.id == one).values(issued_on=said)
                    )
            upgrade(directory=str(MIGRATIONS), revision="0062")
            with database.engine.begin() as connection:
                found = connection.execute(sa.select(kept.c.id, kept.c.issued_day)).all()
            assert {row.id: row.issued_day for row in found} == {
                one: day for one, (_said, day) in expected.items()
            }
            downgrade(directory=str(MIGRATIONS), revision="0061")
