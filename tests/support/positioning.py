"""Questions of a path as tests need them; each call commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.positioning.models import QuizVersion
from courses.positioning.queries import current_quiz
from courses.positioning.rules import load_quizzes
from tests.support.courses import NOW, make_path, step_facts


def choice(key: str, *counts_for: str) -> dict[str, Any]:
    """One answer."""
    return {"key": key, "text": f"Réponse {key}", "counts_for": list(counts_for)}


def question(key: str, *choices: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One question."""
    return {"key": key, "text": f"Question {key} ?", "choices": list(choices), **changes}


def quiz_facts(path: str = "essai", **changes: Any) -> dict[str, Any]:
    """Three questions: a step first, an easier path from two answers on, one further, a waiver."""
    return {
        "path": path,
        "intro": "Pour essayer.",
        "minutes": 2,
        "goals": ["teach"],
        "proposals": [
            {"key": "b-first", "kind": "first_step", "step": "b"},
            {"key": "easier", "kind": "easier_path", "path": "facile", "at_least": 2},
            {"key": "further", "kind": "further_path", "path": "loin", "at_least": 2},
            {"key": "a-known", "kind": "skip_step", "step": "a"},
        ],
        "questions": [
            question("un", choice("oui", "further", "a-known"), choice("non", "b-first", "easier")),
            question("deux", choice("oui", "further"), choice("non", "easier")),
            question("trois", choice("x"), choice("y", "a-known"), is_several=True),
        ],
        **changes,
    }


def make_paths(db: Session) -> Path:
    """A path whose step B opens after A, an easier one and one that goes further."""
    for slug in ("facile", "loin"):
        make_path(db, slug)
    return make_path(db, steps=[step_facts("A"), step_facts("B", needs=["a"]), step_facts("C")])


def make_quiz(db: Session, path: Path, **changes: Any) -> QuizVersion:
    """The questions that this path asks."""
    load_quizzes(db, now=NOW, quizzes=[quiz_facts(path.slug, **changes)])
    db.commit()
    version = current_quiz(db, path.id)
    assert version is not None
    return version


def said(**answers: str) -> dict[str, str]:
    """The fields of a form that was filled in."""
    return {f"q-{key}": value for key, value in answers.items()}
