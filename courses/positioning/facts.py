"""The questions of a path as a file says them: those shipped, an export, an import, a draft.

``docs/positioning.md`` describes the fields for whoever writes such a file by hand.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from courses.paths.facts import Name, Slug, Text

FEWEST, MOST = 3, 12  # questions of a quiz that is published
MOST_CHOICES = 8
MOST_PROPOSALS = 20
MOST_MINUTES = 15

Choices = Mapping[str, tuple[str, ...]]  # what was ticked, by the key of the question


class ProposalKind(enum.Enum):
    """What answers may lead to: a step to do first, another path that is easier or goes further,
    a step that one knows already."""

    FIRST_STEP = "first_step"
    EASIER_PATH = "easier_path"
    FURTHER_PATH = "further_path"
    SKIP_STEP = "skip_step"

    @property
    def is_of_step(self) -> bool:
        """Whether it is about a step of the path, and not about another path."""
        return self in (ProposalKind.FIRST_STEP, ProposalKind.SKIP_STEP)


class Goal(enum.Enum):
    """What somebody comes for, said without jargon."""

    UNDERSTAND_AI = "understand_ai"
    TEACH = "teach"
    PROGRAM = "program"
    BRUSH_UP = "brush_up"


def _once(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _once_goals(goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
    return tuple(dict.fromkeys(goals))


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProposalFacts(_Facts):
    """One thing that the answers may propose. ``step``: a key of the path, ``path``: a slug,
    whichever its kind asks for; ``at_least``: how many questions must speak for it."""

    key: Slug
    kind: ProposalKind
    step: Slug | None = None
    path: Slug | None = None
    at_least: Annotated[int, Field(ge=1, le=MOST)] = 1

    @property
    def target(self) -> str:
        """The step or the path it is about; empty while none is chosen."""
        return (self.step if self.kind.is_of_step else self.path) or ""


class ChoiceFacts(_Facts):
    """One answer. ``counts_for``: the keys of the proposals that it speaks for."""

    key: Slug
    text: Name
    counts_for: Annotated[tuple[Slug, ...], Field(max_length=4), AfterValidator(_once)] = ()


class QuestionFacts(_Facts):
    """One question; «I do not know» is always an answer too, and stands in no file."""

    key: Slug
    text: Annotated[Name, StringConstraints(max_length=300)]
    help: Annotated[Text, StringConstraints(max_length=500)] = ""
    is_several: bool = False
    choices: Annotated[tuple[ChoiceFacts, ...], Field(max_length=MOST_CHOICES)] = ()


class QuizFacts(_Facts):
    """The questions of one path, in order, and what they may propose."""

    path: Slug
    intro: Text = ""
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] = 3
    goals: Annotated[tuple[Goal, ...], AfterValidator(_once_goals)] = ()
    proposals: Annotated[tuple[ProposalFacts, ...], Field(max_length=MOST_PROPOSALS)] = ()
    questions: Annotated[tuple[QuestionFacts, ...], Field(max_length=MOST)] = ()
