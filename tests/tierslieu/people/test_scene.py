"""The people of the demonstration: believable, mixed, the same each time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.house import Stage
from tierslieu.people.models import FACILITATOR, Gender, Profile, User
from tierslieu.people.queries import list_research_participants
from tierslieu.people.rules import refuse_demo_accounts
from tierslieu.people.scenes import play

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage(
        today=clock.now(),
        seed=7,
        settings=app.config["TIERSLIEU"],
        house=app.extensions["tierslieu.house"],
    )


def _told(db: Session) -> list[Any]:
    users = db.scalars(select(User).order_by(User.email)).all()
    return [
        (u.email, u.name, u.profile.audience, u.profile.town, u.profile.gender)
        for u in users
        if u.profile
    ]


def test_the_scene_hands_on_sixty_learners_and_those_who_receive_them(
    db: Session, stage: Stage
) -> None:
    play(db, stage)
    learners = [db.get_one(User, i) for i in stage.props["learners"]]
    assert len({u.id for u in learners}) == 60
    assert [u.email for u in learners[:2]] == ["learner@example.org", "learner2@example.org"]
    assert len({u.name for u in learners}) == 60
    assert set(stage.props["people"]) == {
        f"{n}@example.org"
        for n in ("learner", "learner2", "facilitator", "researcher", "admin", "coordinator")
    }
    facilitators = [db.get_one(User, i) for i in stage.props["facilitators"]]
    assert len(facilitators) >= 3
    assert all(u.holds(FACILITATOR) for u in facilitators)
    assert any(len(u.roles) > 1 for u in facilitators)
    assert len({u.profile.audience for u in learners[:10] if u.profile}) == 4


def test_gender_is_even_and_sometimes_left_empty(db: Session, stage: Stage) -> None:
    play(db, stage)
    learners = select(Profile.gender).where(Profile.user_id.in_(stage.props["learners"]))
    count = Counter(db.scalars(learners))
    assert abs(count[Gender.WOMAN] - count[Gender.MAN]) <= 2
    assert count[None] > 3
    assert count[Gender.SELF_DESCRIBED] == 1


def test_about_two_thirds_agreed_to_research(db: Session, stage: Stage) -> None:
    play(db, stage)
    agreed = set(list_research_participants(db)) & set(stage.props["learners"])
    assert 36 <= len(agreed) <= 42


def test_the_same_seed_makes_the_same_people(db: Session, stage: Stage) -> None:
    play(db, stage)
    first = _told(db)
    db.rollback()
    play(db, stage)
    assert _told(db) == first
    assert len(first) == 67


def test_demonstration_accounts_open_with_the_public_password_and_are_marked(
    db: Session, stage: Stage
) -> None:
    play(db, stage)
    user = db.get_one(User, stage.props["people"]["learner@example.org"])
    assert verify_password("tiers-lieu-demo", user.password)
    unmarked = select(func.count()).select_from(User).where(User.is_demo.is_(False))
    assert db.scalar(unmarked) == 0


def test_a_production_instance_refuses_demonstration_accounts(db: Session, stage: Stage) -> None:
    refuse_demo_accounts(db)  # an empty place is fine
    play(db, stage)
    with pytest.raises(Refused) as refusal:
        refuse_demo_accounts(db)
    assert refusal.value.code == "demo_accounts"
