"""«One of these» holds for more people than a database takes parameters."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tierslieu.among import is_among
from tierslieu.people.models import User

MANY = [uuid4() for _number in range(70_000)]


@pytest.mark.both_databases
def test_seventy_thousand_people_are_asked_about_at_once(db: Session, make: Factory) -> None:
    one, _other = make.user(), make.user()
    assert list(db.scalars(select(User.id).where(is_among(User.id, [*MANY, one.id])))) == [one.id]


@pytest.mark.both_databases
def test_among_nobody_there_is_nobody_and_beside_nobody_everybody(
    db: Session, make: Factory
) -> None:
    one = make.user()
    assert list(db.scalars(select(User.id).where(is_among(User.id, [])))) == []
    assert list(db.scalars(select(User.id).where(~is_among(User.id, [])))) == [one.id]


def test_sqlite_finds_them_by_the_index(db: Session) -> None:
    query = select(User.id).where(is_among(User.id, MANY[:3]))
    with create_engine("sqlite://").connect() as connection:
        words = str(query.compile(connection))
    assert "= 1" not in words
    plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", ("[]",)).all()
    assert any("SEARCH user_account USING" in row[3] for row in plan), plan
