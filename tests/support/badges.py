"""Badges, people who earned them and awards as tests need them; each call commits."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.keys import Signer, load_signer, open_keys
from badges.awards.models import Award
from badges.designs.frameworks import find_skill
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.rules import Condition, Design, create_badge
from courses.paths.models import Path
from courses.progress.models import RecordState
from courses.progress.rules import decide
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tierslieu.house import House
from tierslieu.people.models import User
from tierslieu.settings import Settings

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
_count = itertools.count(1)


def settings_here() -> Settings:
    """Settings of the test's place."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def house_here() -> House:
    """Offers of the test's place."""
    house: House = current_app.extensions["tierslieu.house"]
    return house


def open_badges(db: Session) -> Signer:
    """Identity, status list and the key of badges, as before the place opens.

    Keys of tokens take a moment to make: tests that want one ask `open_keys` for it.
    """
    open_keys(db, settings_here(), NOW, ("Ed25519",))
    db.commit()
    return load_signer(db, settings_here())


def design(*conditions: Condition, **changes: Any) -> Design:
    """What a badge says, with believable words."""
    skill = find_skill("CRCN:3.4")
    assert skill is not None
    facts: dict[str, Any] = {
        "name": "Enseigner SNT\u00a0: Python",
        "description": "Sait conduire une séance de programmation en Seconde.",
        "criteria": "La personne a **terminé le parcours**.",
        "hours": 12,
        "valid_months": 36,
        "shape": "hexagon",
        "colour": "mer",
        "icon": "code",
        "skills": [skill],
        "conditions": conditions or (Condition(CriterionKind.SESSION_ATTENDED),),
        **changes,
    }
    return Design(**facts)


def make_badge(db: Session, *conditions: Condition, **changes: Any) -> BadgeClass:
    """A badge class."""
    badge = create_badge(db, design(*conditions, **changes), now=NOW, actor_id=None)
    db.commit()
    return badge


def finish_path(db: Session, user: User, path: Path, team: User, steps: int | None = None) -> None:
    """This person's required steps, or the first few of them, validated by somebody else."""
    enrolment = make_enrolment(db, user, path)
    todo = [step for step in steps_of(db, path) if step.is_required][:steps]
    for step in todo:
        record = make_record(db, enrolment, step)
        decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
        db.commit()


def make_path_badge(db: Session, **changes: Any) -> tuple[BadgeClass, Path]:
    """A badge for who finishes a path of two required steps."""
    path = make_path(db, f"essai-{next(_count)}")
    condition = Condition(CriterionKind.PATH_COMPLETED, path_id=path.id)
    return make_badge(db, condition, **changes), path


def make_award(db: Session, user: User, team: User, signer: Signer, **changes: Any) -> Award:
    """An award of a badge of its own, the criteria really met."""
    badge, path = make_path_badge(db, **changes)
    finish_path(db, user, path, team)
    award = rules.award(
        db, badge.id, user.id, signer, house=house_here(), now=NOW, actor_id=team.id
    )
    db.commit()
    return award
