"""What a study's answers come to, as JSON and back: as it may be shown, in each language that pages
are read in, and of the people nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tierslieu.evaluation.results.rules import Answers

_ANSWERS = TypeAdapter(Answers)


def write_answers(answers: Mapping[str, Answers]) -> dict[str, Any]:
    """By language."""
    return {language: _ANSWERS.dump_python(one, mode="json") for language, one in answers.items()}


def read_answers(told: Mapping[str, Any], language: str) -> Answers | None:
    """What was written in this language; None where nothing was, or where another version of the
    software wrote it in another shape."""
    try:
        return _ANSWERS.validate_python(told[language])
    except (KeyError, ValidationError):
        return None
