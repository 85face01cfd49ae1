"""Statements that their sender takes back, before or after they came."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.models import StepRecord
from courses.statements.models import (
    XapiActivity,
    XapiStatement,
)
from courses.statements.reading import read_statements
from courses.statements.rules import (
    decide_activity,
    receive,
)
from tests.support.courses import (
    NOW,
    make_enrolment,
    make_path,
    steps_of,
)
from tests.support.factories import Factory
from tests.support.statements import QUIZ, make_statement
from tests.support.tokens import make_secret
from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def learner(make: Factory) -> User:
    return make.user(email="ines@example.org", name="Inès Roche")


@pytest.fixture
def key(db: Session, team: User) -> UUID:
    make_secret(db, team, "xapi:write")
    return db.scalars(select(AccessToken.id)).one()


def say(db: Session, key: UUID, *statements: dict[str, Any], now: datetime = NOW) -> None:
    receive(db, read_statements(list(statements)), key, now=now)
    db.commit()


def count_for(db: Session, path: Path, team: User, step: int = 0) -> int:
    """The quiz is worth this step from now on; how many waiting statements were used."""
    activity = db.scalars(select(XapiActivity).where(XapiActivity.iri == QUIZ)).one()
    step_key = steps_of(db, path)[step].key
    used = decide_activity(db, activity.id, path.id, step_key, actor_id=team.id, now=NOW)
    db.commit()
    return used


def states(db: Session) -> list[str]:
    found = db.scalars(select(XapiStatement).order_by(XapiStatement.statement_id))
    return [one.state.value for one in found]


def test_what_was_taken_back_by_its_sender_before_it_was_used_waits_no_more(
    db: Session, path: Path, team: User, learner: User, key: UUID
) -> None:
    make_enrolment(db, learner, path)
    say(db, key, said := make_statement(), kept := make_statement())
    ref = {"objectType": "StatementRef", "id": said["id"]}
    say(db, key, make_statement(verb="voided", object=ref))
    assert states(db) == ["voided", "waiting", "aside"]
    say(db, key, said)  # sent again by mistake: it stays taken back
    assert states(db) == ["voided", "waiting", "aside"]
    assert count_for(db, path, team) == 1
    say(db, key, make_statement(verb="voided", object={**ref, "id": kept["id"]}))
    assert len(db.scalars(select(StepRecord)).all()) == 1  # nothing validated is taken back


def test_what_is_taken_back_before_it_comes_is_taken_back_when_it_comes_by_its_sender_alone(
    db: Session, path: Path, team: User, learner: User, key: UUID, make: Factory
) -> None:
    make_enrolment(db, learner, path)
    late = make_statement()
    ref = {"objectType": "StatementRef", "id": late["id"]}
    make_secret(db, make.user("facilitator"), "xapi:write")
    other = db.scalars(select(AccessToken.id).where(AccessToken.id != key)).one()
    say(db, other, make_statement(verb="voided", object=ref))
    say(db, key, make_statement(verb="voided", object=ref))
    say(db, key, late)
    assert sorted(states(db)) == ["aside", "aside", "voided"]
    again = make_statement()
    say(db, other, make_statement(verb="voided", object={**ref, "id": again["id"]}))
    say(db, key, again)
    assert "waiting" in states(db)  # what one key sends, another does not take back
