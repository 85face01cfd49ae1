"""What keeps questions from being published, or a file from being read: in sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError

from courses.paths.editing.problems import MAX_FILE, MOST_SAID, say_problem
from courses.positioning.facts import FEWEST, ProposalFacts, QuestionFacts, QuizFacts
from courses.positioning.reading import UNKNOWN, Around


def read_file(data: bytes) -> tuple[QuizFacts | None, list[str]]:
    """Questions from a JSON file, or what is wrong with it, place by place."""
    if len(data) > MAX_FILE:
        return None, [_("Ce fichier est trop gros : 1 Mo est possible.")]
    try:
        said = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None, [_("Ce fichier n’est pas du JSON en UTF-8 : exportez-le d’un tiers-lieu.")]
    try:
        return QuizFacts.model_validate(said), []
    except RecursionError:
        return None, []
    except ValidationError as error:
        return None, [
            _("%(place)s : %(problem)s", place=_place(mistake["loc"]), problem=_problem(mistake))
            for mistake in error.errors(include_url=False, include_input=False)[:MOST_SAID]
        ]


def _place(loc: tuple[int | str, ...]) -> str:
    """«question 2, réponse 3, text»: where a file is wrong."""
    words = {
        "questions": _("question"),
        "proposals": _("proposition"),
        "choices": _("réponse"),
    }
    said, parts = [], list(loc)
    while parts:
        part = parts.pop(0)
        if part in words and parts and isinstance(parts[0], int):
            said.append(f"{words[str(part)]} {int(parts.pop(0)) + 1}")
        elif isinstance(part, str):
            said.append(part)
    return ", ".join(said) or _("le fichier")


def _problem(mistake: Mapping[str, Any]) -> str:
    if mistake["type"] == "extra_forbidden":
        return str(_("n’est pas un champ d’un questionnaire."))
    return say_problem(mistake)


def find_problems(quiz: QuizFacts, around: Around) -> list[str]:
    """What keeps these questions from being published; empty when nothing does."""
    found = []
    if len(quiz.questions) < FEWEST:
        found.append(_("Il faut au moins %(count)s questions.", count=FEWEST))
    if _double(question.key for question in quiz.questions):
        found.append(_("Deux questions ont le même nom interne (« key »)."))
    if _double(proposal.key for proposal in quiz.proposals):
        found.append(_("Deux propositions ont le même nom interne (« key »)."))
    for question in quiz.questions:
        found += _of_question(question, {proposal.key for proposal in quiz.proposals})
    for proposal in quiz.proposals:
        found += _of_proposal(quiz, proposal, around)
    return found


def _is_there(proposal: ProposalFacts, around: Around) -> bool:
    if proposal.kind.is_of_step:
        return around.step(proposal.step) is not None
    return proposal.path in around.paths


def _double(keys: Any) -> bool:
    return any(count > 1 for count in Counter(keys).values())


def _of_question(question: QuestionFacts, known: set[str]) -> list[str]:
    found = []
    if len(question.choices) < 2:
        found.append(
            _("« %(question)s » : il faut au moins deux réponses.", question=question.text)
        )
    if _double(one.key for one in question.choices) or any(
        one.key == UNKNOWN for one in question.choices
    ):
        found.append(
            _(
                "« %(question)s » : deux réponses ont le même nom interne (« key »), ou celui de "
                "« je ne sais pas », qui est toujours proposé.",
                question=question.text,
            )
        )
    if any(set(one.counts_for) - known for one in question.choices):
        found.append(
            _(
                "« %(question)s » : une réponse compte pour une proposition qui n’existe pas.",
                question=question.text,
            )
        )
    return found


def _of_proposal(quiz: QuizFacts, proposal: ProposalFacts, around: Around) -> list[str]:
    name = proposal.target or proposal.key
    if not proposal.target:
        return [_("Proposition « %(name)s » : choisissez ce qu’elle propose.", name=name)]
    if (proposal.step is not None) != proposal.kind.is_of_step or (
        proposal.path is not None
    ) == proposal.kind.is_of_step:
        return [
            _("Proposition « %(name)s » : elle désigne une étape ou un parcours, pas les deux.",
              name=name)
        ]  # fmt: skip
    found = []
    if not _is_there(proposal, around):
        found.append(
            _("L’étape « %(name)s » n’est plus dans ce parcours.", name=name)
            if proposal.kind.is_of_step
            else _("Le parcours « %(name)s » n’est pas proposé.", name=name)
        )
    speaking = sum(
        any(proposal.key in one.counts_for for one in question.choices)
        for question in quiz.questions
    )
    if speaking < proposal.at_least:
        found.append(
            _(
                "Proposition « %(name)s » : elle demande %(needed)s réponses, et %(count)s "
                "questions seulement parlent pour elle.",
                name=name,
                needed=proposal.at_least,
                count=speaking,
            )
        )
    return found
