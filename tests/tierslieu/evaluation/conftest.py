"""A package with answers of every kind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.evaluation import T0, make_participants
from tests.support.factories import Factory
from tests.support.surveys import (
    load_instrument,
    make_invitation,
    make_study,
    make_wave,
    study_key,
)
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.rules import prepare_package
from tierslieu.house import House
from tierslieu.surveys.rules import save_page

YES = {"teaches": "1", "levels_2": "1", "hours": "12,5", "subject": "Maths, au lycée Picasso"}
CLASS = {"sure_explain": "3", "sure_lost": "2", "sure_help": "-96", "tools_py_1": "1"}
LAST = {"wants_1": "2", "wants_2": "1", "wants_3": "3", "likely": "85", "recall": "1"}


@pytest.fixture
def package_of_here(db: Session, make: Factory) -> Package:
    """Of twelve people eleven teach, and one does not: the study is in the place."""
    study, people = make_study(db), make_participants(make, 12)
    make_wave(db, study, load_instrument("toutes-questions-v1"))
    key = study_key(study)
    for number, person in enumerate(people):
        at = T0 + timedelta(days=5)
        invitation = make_invitation(db, person, "try", now=at)
        if number == 0:
            save_page(db, invitation.id, key, 0, {"teaches": "2", "hours__refus": "y"}, now=at)
        else:
            since = {"since": (T0 - timedelta(days=97 + number)).date().isoformat()}
            save_page(db, invitation.id, key, 0, {**YES, **since}, now=at)
            save_page(db, invitation.id, key, 1, CLASS, now=at)
        save_page(db, invitation.id, key, 2, LAST, now=at, language="en")
    db.commit()
    now = T0 + timedelta(days=60)
    return prepare_package(db, study, key, House(()), "Tiers-lieu d’essai", now=now)


@pytest.fixture(scope="session")
def _packages() -> dict[str, Package]:
    return {}


@pytest.fixture
def package(
    database_kind: str, _packages: dict[str, Package], request: pytest.FixtureRequest
) -> Package:
    """The same for who reads it alone: made once a process, the place may be empty since."""
    if database_kind not in _packages:
        _packages[database_kind] = request.getfixturevalue("package_of_here")
    return _packages[database_kind]
