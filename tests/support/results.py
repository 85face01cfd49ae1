"""A study of two waves that ask the same, and what each person answers to them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.support.evaluation import T0, make_participants
from tests.support.factories import Factory
from tests.support.surveys import make_invitations, make_study, make_wave, study_key
from tierslieu.people.models import User
from tierslieu.surveys.models import Study, Wave
from tierslieu.surveys.rules import save_page

ITEMS = ("sure_a", "sure_b", "sure_c", "sure_d")
BEFORE, AFTER = T0 + timedelta(days=40), T0 + timedelta(days=80)
LATER = T0 + timedelta(days=200)  # every invitation is closed
Answers = Mapping[str, str]


def sure_content(version: int = 1, **scale: Any) -> dict[str, Any]:
    """A grid of four rows from 1 to 5, of which a scale is made, the last one reversed; and a
    question apart."""
    points = ("Pas du tout", "Un peu", "Assez", "Très", "Tout à fait")
    options = [{"value": value, "label": label} for value, label in enumerate(points, start=1)]
    return {
        "slug": "sure",
        "version": version,
        "title": "Assurance",
        "licence": "CC0",
        "source": "Écrit pour les tests.",
        "minutes": 2,
        "pages": [
            {
                "title": "Vous",
                "items": [
                    {
                        "name": "sure",
                        "kind": "grid",
                        "required": False,
                        "text": "Je me sens sûr",
                        "label": "Assurance",
                        "options": options,
                        "rows": [
                            {"name": name[-1], "text": f"de la chose {name[-1]}"} for name in ITEMS
                        ],
                    },
                    {
                        "name": "pace",
                        "kind": "likert",
                        "required": False,
                        "text": "Le rythme me convient",
                        "label": "Rythme",
                        "options": options,
                    },
                ],
            }
        ],
        "scales": [
            {
                "name": "confidence",
                "label": "Assurance, de 1 à 5",
                "items": list(ITEMS),
                "reversed": ["sure_d"],
                "least": 3,
                **scale,
            }
        ],
    }


def draw_answers(count: int, shift: int, seed: int) -> list[dict[str, str]]:
    """What ``count`` people answer: items that go together, the fourth the other way round, and one
    in eight people without their first."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        taste = chance.randint(1, 4) + shift
        points = [min(5, max(1, taste + chance.choice((-1, 0, 0, 1)))) for _item in ITEMS]
        points[3] = 6 - points[3]
        one = {name: str(point) for name, point in zip(ITEMS, points, strict=True)}
        if number % 8 == 7:
            del one["sure_a"]
        found.append({**one, "pace": str(chance.randint(1, 5))})
    return found


def make_empty_study(
    db: Session, content: dict[str, Any] | None = None, later: dict[str, Any] | None = None
) -> Study:
    """The place's study with two waves alone, «before» and «after», that ask the same content
    unless ``later`` is another version."""
    study = make_study(db)
    study.waves.clear()
    db.commit()
    first = make_wave(db, study, content or sure_content(), "before")
    first.title = "Avant"
    if later:
        second = make_wave(db, study, later, "after")
    else:
        second = Wave(
            position=2, slug="after", title="", occasion="after", instrument=first.instrument
        )
        study.waves.append(second)
    second.title = "Après"
    db.commit()
    return study


def answer_waves(
    db: Session, people: Sequence[User], *waves: tuple[str, Sequence[Answers | None]]
) -> None:
    """Each person is asked in each wave and answers so; None: asked, and silent."""
    for minutes, (slug, answers) in enumerate(waves):
        at = (BEFORE if slug == "before" else AFTER) + timedelta(minutes=minutes)
        invitations = make_invitations(db, people, slug, now=at)
        key = study_key(invitations[0].wave.study)
        for invitation, values in zip(invitations, answers, strict=True):
            if values is not None:
                save_page(db, invitation.id, key, 0, values, now=at)
    db.commit()


def make_known_study(
    db: Session, make: Factory, left: int = 8, count: int = 40
) -> tuple[Study, list[User], list[dict[str, str]], list[dict[str, str] | None]]:
    """``count`` people answer before; the first ``left`` of them do not answer after."""
    study, people = make_empty_study(db), make_participants(make, count)
    before = draw_answers(count, 0, seed=1)
    after: list[dict[str, str] | None] = [*draw_answers(count, 1, seed=2)]
    after[:left] = [None] * left
    answer_waves(db, people, ("before", before), ("after", after))
    return study, people, before, after
