"""A badge, an award of it, the team that gives it and its key."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import Award
from badges.designs.models import BadgeClass
from tests.support.badges import make_award, make_path_badge, open_badges
from tests.support.factories import Factory
from tierslieu.people.models import User


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def badge(db: Session, signer: Signer) -> BadgeClass:
    return make_path_badge(db)[0]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Camille Roux")


@pytest.fixture
def award(db: Session, make: Factory, signer: Signer, team: User) -> Award:
    return make_award(db, make.user(name="Ada Lovelace"), team, signer)
