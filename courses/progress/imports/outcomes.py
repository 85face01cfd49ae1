"""What somebody else's system says of people, whichever system: the shape between a reader of files
and what is written here. A reader of another kind of file makes these, and all the rest follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from courses.progress.imports.models import Outlook, Provider
from courses.progress.models import RecordSource

COUNTED = ("lines", "matched", "unmatched", "changed", "unchanged", "errors")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line, one person. ``proof``: what is kept beside each step that it validates.

    ``is_passed``: whether the course as a whole is passed; ``done``: the keys of the steps that the
    line speaks of by themselves and that are reached, each with its proof, and in ``times`` when
    each was, if that is known. ``merit`` chooses between two lines of one person. ``fault``: why
    the line is not used; ``note``: what to know.
    """

    position: int
    written: str = ""
    email: str | None = None  # normalised
    username: str = ""
    is_passed: bool = False
    proof: str = ""
    done: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    merit: float = -1.0
    note: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Origin:
    """Where outcomes come from. ``apart``: the keys of steps that only their own column validates;
    ``provider``: whose usernames the lines bear."""

    source: RecordSource
    provider: Provider
    apart: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line does or did, and why, in words for the team."""

    outcome: Outcome
    outlook: Outlook
    words: str
    user_id: UUID | None = None


def count(answers: Sequence[Answer]) -> dict[str, int]:
    """The counts a script reads: ``lines`` is matched, unmatched and errors together; ``matched``
    is changed and unchanged."""
    of = dict.fromkeys(Outlook, 0)
    for answer in answers:
        of[answer.outlook] += 1
    changed, unchanged = of[Outlook.CHANGED], of[Outlook.UNCHANGED]
    values = (
        len(answers), changed + unchanged, of[Outlook.UNMATCHED], changed, unchanged,
        of[Outlook.ERROR],
    )  # fmt: skip
    return dict(zip(COUNTED, values, strict=True))
