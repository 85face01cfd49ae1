"""Questions of a path of the place's own, kept answers and a draft, in the demonstration."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from courses.paths.queries import find_path
from courses.positioning.editing.rules import (
    begin_draft,
    change_draft,
    publish_draft,
    with_question,
    with_sheet,
)
from courses.positioning.facts import QuestionFacts
from courses.positioning.queries import current_quiz
from courses.positioning.rules import (
    begin_chosen,
    keep_answers,
    load_quizzes,
    quiz_in,
    share_answers,
)
from tierslieu.clock import days
from tierslieu.house import Stage

OWN = "ia-au-lycee"
SHEET: dict[str, Any] = {
    "intro": "Trois questions pour savoir s’il faut se rafraîchir en Python avant de commencer.",
    "minutes": 2,
    "goals": ["teach", "understand_ai"],
    "proposals": [
        {"key": "python-d-abord", "kind": "first_step", "step": "python"},
        {"key": "socle-d-abord", "kind": "first_step", "step": "apprentissage"},
        {"key": "python-connu", "kind": "skip_step", "step": "python"},
        {"key": "ai4t-d-abord", "kind": "easier_path", "path": "ai4t", "at_least": 2},
    ],
    "questions": [
        {
            "key": "python",
            "text": "Quand avez-vous écrit un programme en Python pour la dernière fois ?",
            "choices": [
                {"key": "mois", "text": "Ce mois-ci", "counts_for": ["python-connu"]},
                {"key": "annees", "text": "Il y a des années", "counts_for": ["python-d-abord"]},
                {
                    "key": "jamais",
                    "text": "Jamais encore",
                    "counts_for": ["python-d-abord", "ai4t-d-abord"],
                },
            ],
        },
        {
            "key": "donnees",
            "text": "Avez-vous déjà préparé un jeu de données, même petit ?",
            "help": "Un tableau où chaque ligne est un exemple, avec la réponse attendue.",
            "choices": [
                {"key": "oui", "text": "Oui"},
                {"key": "non", "text": "Non", "counts_for": ["socle-d-abord"]},
            ],
        },
        {
            "key": "classe",
            "text": "En avez-vous déjà parlé avec des élèves ?",
            "choices": [
                {"key": "souvent", "text": "Souvent"},
                {"key": "peu", "text": "Un peu"},
                {"key": "non", "text": "Pas encore", "counts_for": ["ai4t-d-abord"]},
            ],
        },
    ],
}


def play(db: Session, stage: Stage) -> None:
    """The team asks of its own path; two people keep their answers, one shows them; a question
    is being changed."""
    load_quizzes(db, now=stage.today - days(100))
    facilitator = stage.props["facilitators"][0]
    _write_own(db, stage, facilitator)
    people = stage.props["people"]
    _keep(db, stage, people["learner@example.org"], "snt", 38, is_shared=True)
    _keep(db, stage, people["learner2@example.org"], "nsi", 61, is_shared=False)
    snt = find_path(db, "snt")
    assert snt is not None
    begin_chosen(
        db,
        people["learner@example.org"],
        snt.id,
        slugs=[],
        keys=["t"],
        now=stage.today - days(38),
    )
    iai = find_path(db, "iai")
    assert iai is not None
    draft = begin_draft(db, iai, actor_id=facilitator, now=stage.today - days(1))
    question = QuestionFacts.model_validate(draft.content["questions"][0])
    clearer = question.model_copy(update={"help": "Dites-le avec vos mots de tous les jours."})
    change_draft(
        db,
        iai.id,
        with_question(clearer, key=question.key),
        revision=None,
        actor_id=facilitator,
        now=stage.today - days(1),
    )


def _write_own(db: Session, stage: Stage, facilitator: Any) -> None:
    path = find_path(db, OWN)
    if path is None:
        return
    then = stage.today - days(28)
    begin_draft(db, path, actor_id=facilitator, now=then)
    draft = change_draft(
        db, path.id, with_sheet(**SHEET), revision=None, actor_id=facilitator, now=then
    )
    publish_draft(db, path, revision=draft.revision, actor_id=facilitator, now=then)


def _keep(db: Session, stage: Stage, user_id: Any, slug: str, ago: int, *, is_shared: bool) -> None:
    path = find_path(db, slug)
    version = current_quiz(db, path.id) if path else None
    assert path is not None
    assert version is not None
    # The last answer of every other question, the first of the others.
    answers = {
        question.key: [question.choices[-1 if place % 2 else 0].key]
        for place, question in enumerate(quiz_in(version).questions)
    }
    then = stage.today - days(ago)
    kept = keep_answers(db, user_id, path.id, version.id, answers, now=then)
    share_answers(db, user_id, kept.id, is_shared=is_shared, now=then)
