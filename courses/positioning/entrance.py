"""Which path's questions to begin with, by who one is and what one seeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courses.paths.models import Path
from courses.positioning.facts import Goal, QuizFacts
from tierslieu.people.models import Audience

Found = tuple[Path, QuizFacts]


@dataclass(frozen=True)
class Chosen:
    """``fitting``: made for what was said; ``others``: the rest, so that nobody meets a wall."""

    fitting: Sequence[Found]
    others: Sequence[Found]


def choose_quizzes(
    quizzes: Sequence[Found], audience: Audience | None, goal: Goal | None
) -> Chosen:
    """Of the questions of the paths that are proposed, those for such people with such a goal
    (None: whoever, whatever). Where none is for both, those for the goal, then for the people."""
    proposed = [one for one in quizzes if one[0].retired_at is None]
    of_audience = [
        one for one in proposed if audience is None or audience.value in one[0].audiences
    ]
    of_goal = [one for one in proposed if goal is None or goal in one[1].goals]
    both = [one for one in of_audience if one in of_goal]
    fitting = both or of_goal or of_audience
    return Chosen(fitting, [one for one in proposed if one not in fitting])
