"""Questions as a file: what goes out comes in, and a bad one says where it is bad."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import given

from courses.paths.facts import PathFacts
from courses.positioning.facts import MOST, QuizFacts
from courses.positioning.problems import find_problems, read_file
from courses.positioning.reading import Around
from tests.courses.positioning.test_reading import some_quizzes
from tests.support.courses import path_facts
from tests.support.positioning import choice, question, quiz_facts

AROUND = Around(PathFacts.model_validate(path_facts()).steps, {"facile": "F", "loin": "L"})


def dumped(**changes: Any) -> bytes:
    return json.dumps(quiz_facts(**changes)).encode()


@given(some_quizzes())
def test_what_goes_out_as_a_file_comes_in_the_same(quiz: QuizFacts) -> None:
    assert read_file(json.dumps(quiz.model_dump(mode="json")).encode()) == (quiz, [])


EMPTY_ANSWER = dumped(questions=[question("a", {"key": "x", "text": ""})])
TOO_MANY = dumped(questions=[question(str(n)) for n in range(MOST + 1)])
MAGIC = dumped(proposals=[{"key": "p", "kind": "magic"}])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "JSON"),
        (b"\xff\xfe{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "le fichier"),
        (b"{}", "path : manque"),
        (b" " * (1024 * 1024 + 1), "trop gros"),
        (dumped(couleur="bleu"), "couleur : n’est pas un champ d’un questionnaire"),
        (dumped(minutes=0), "minutes : doit valoir au moins 1"),
        (dumped(goals=["rich"]), "goals"),
        (EMPTY_ANSWER, "question 1, réponse 1, text : ne peut pas être vide"),
        (TOO_MANY, "questions : est trop long : 12"),
        (MAGIC, "proposition 1, kind : n’est pas une valeur connue"),
        (dumped(intro="A\x00B"), "intro : contient un caractère invisible"),
    ],
)  # fmt: skip
def test_a_bad_file_says_where_it_is_bad(app: Flask, data: bytes, words: str) -> None:
    with app.test_request_context():
        facts, mistakes = read_file(data)
    assert facts is None
    assert words in " ".join(mistakes).replace("\u00a0", " ") or not mistakes


THREE = [question(key, choice("x", "p"), choice("y")) for key in ("un", "deux", "trois")]
STEP = {"key": "p", "kind": "first_step", "step": "a"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"questions": THREE[:2]}, "au moins 3 questions"),
        ({"questions": [*THREE, THREE[0]]}, "Deux questions ont le même nom"),
        ({"proposals": [STEP, STEP]}, "Deux propositions ont le même nom"),
        ({"questions": [*THREE, question("q", choice("x"))]}, "au moins deux réponses"),
        ({"questions": [*THREE, question("q", choice("x"), choice("x"))]}, "même nom interne"),
        (
            {"questions": [*THREE, question("q", choice("x"), choice("ne-sais-pas"))]},
            "toujours proposé",
        ),
        ({"questions": [*THREE, question("q", choice("x", "z"), choice("y"))]}, "n’existe pas"),
        ({"proposals": [{**STEP, "step": None}]}, "choisissez ce qu’elle propose"),
        ({"proposals": [{**STEP, "path": "loin"}]}, "pas les deux"),
        ({"proposals": [{**STEP, "step": "z"}]}, "n’est plus dans ce parcours"),
        (
            {"proposals": [{"key": "p", "kind": "easier_path", "path": "gone"}]},
            "n’est pas proposé",
        ),
        ({"proposals": [{**STEP, "at_least": 4}]}, "demande 4 réponses, et 3"),
    ],
)
def test_questions_that_could_mislead_are_not_published(
    app: Flask, changes: dict[str, Any], words: str
) -> None:
    quiz = QuizFacts.model_validate(
        quiz_facts(**{"questions": THREE, "proposals": [STEP], **changes})
    )
    with app.test_request_context():
        found = " ".join(find_problems(quiz, AROUND))
    assert words in found.replace("\u00a0", " ").replace("\u202f", " ")


def test_questions_that_lack_nothing_have_no_problem(app: Flask) -> None:
    with app.test_request_context():
        quiz = QuizFacts.model_validate(quiz_facts(questions=THREE, proposals=[STEP]))
        assert find_problems(quiz, AROUND) == []
