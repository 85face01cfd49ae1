"""A place goes from either database to either, and is the same there to the last row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, text

from badges.awards.models import Award, Sharing
from tests.support.backups import (
    app_of,
    back_up,
    broken_in,
    opened,
    put_back,
    rows_in,
    tables_of,
    within,
)
from tests.support.client import LookingClient
from tierslieu.backup.queries import find_asked
from tierslieu.backup.restoring import Wishes
from tierslieu.base import Base
from tierslieu.db import db as database
from tierslieu.opening import open_place
from tierslieu.people.models import Role, User
from tierslieu.schema import MIGRATIONS, current_revision, newest_revision
from tierslieu.settings import Settings

pytestmark = pytest.mark.xdist_group("backup")  # the demonstration is played once


@pytest.mark.proof
def test_every_direction_between_the_databases_gives_the_same_rows_and_files(
    demo_place: Settings, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    """SQLite → PostgreSQL → PostgreSQL → SQLite → SQLite."""
    path = tmp_path / "0.tar.gz.age"
    first = back_up(demo_place, path)
    assert {m.rows for m in first.manifest.members} != {0}
    assert len(tables_of(first)) >= len(Base.metadata.tables)
    for number, kind in enumerate(("postgresql", "postgresql", "sqlite", "sqlite"), 1):
        there = empty_place(kind)
        put_back(path, there)
        path = tmp_path / f"{number}.tar.gz.age"
        again = back_up(there, path)
        assert tables_of(again) == tables_of(first), (number, kind)
        assert [m for m in again.manifest.members if not m.name.endswith(".json")] == [
            m for m in first.manifest.members if not m.name.endswith(".json")
        ]
        assert not again.manifest.missing
        with within(app_of(there)) as app:
            assert broken_in(app) == []
            last = database.session.scalar(text("SELECT max(id) FROM role"))
            given = database.session.scalar(
                text("INSERT INTO role (name, description) VALUES ('new', '') RETURNING id")
            )
            assert given == last + 1  # numbers that the database gives go on


@pytest.mark.both_databases
def test_people_sign_in_again_and_shared_badges_verify(
    database_kind: str, demo_place: Settings, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    path = tmp_path / "place.tar.gz.age"
    back_up(demo_place, path)
    there = empty_place(database_kind, demo=True, secret_key=demo_place.secret_key)
    done = put_back(path, there, Wishes())
    assert (there.instance / "secret_key").read_text() == demo_place.secret_key
    with within(app_of(there)) as app:
        open_place(app)  # what `tierslieu serve` does first changes nothing
        assert broken_in(app) == []
        app.test_client_class = LookingClient
        client = app.test_client()
        answer = client.post(
            "/login", json={"email": "learner@example.org", "password": "tiers-lieu-demo"}
        )
        assert answer.status_code == 200
        shared = database.session.scalars(
            select(Award.id).where(Award.sharing != Sharing.PRIVATE, Award.revoked_at.is_(None))
        ).all()
        assert shared
        for award_id in shared:
            credential = client.get(f"/credentials/{award_id}.json").get_json(force=True)
            verdict = client.post(
                "/verify", json={"credential": credential}, headers={"Accept": "application/json"}
            )
            assert verdict.get_json()["outcome"] == "valid", verdict.get_json()
        # Whoever was signed in when the copy was made may have lost their telephone since.
        now = set(database.session.scalars(select(User.fs_uniquifier)))
    before = {row["fs_uniquifier"] for row in rows_in(opened(path, tmp_path), "user_account")}
    assert not now & before
    assert done.sessions_ended == len(now) == len(before)


@pytest.mark.both_databases
def test_a_backup_of_an_older_revision_is_put_back_and_brought_up_to_date(
    database_kind: str, empty_place: Callable[..., Settings], tmp_path: Path
) -> None:
    older, path = empty_place(), tmp_path / "older.age"
    with within(app_of(older)):
        upgrade(directory=str(MIGRATIONS), revision="0044")
        database.session.add(Role(name="guest"))
        database.session.commit()
    contents = back_up(older, path)
    assert contents.about["revision"] == "0044"
    there = empty_place(database_kind)
    put_back(path, there)
    with within(app_of(there)):
        assert current_revision() == newest_revision()
        assert database.session.scalars(select(Role.name)).all() == ["guest"]
        assert find_asked(database.session()) is None  # a table that came later is there
