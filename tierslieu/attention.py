"""What a feature offers so that nobody is lost from sight: signs that somebody is still here, and
the rules by which the team asks after them. Gathered as every offer is: see ``house.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Trace:
    """What tells that somebody is still here, as the team may know it.

    ``latest(db, now, user_id)``: the last instant of it, by person; of that person alone when one
    is given. An instant to come says that something is booked ahead. ``label`` names one («une
    présence»). As many queries however many people there are.
    """

    name: str
    label: str
    latest: Callable[[Session, datetime, UUID | None], Mapping[UUID, datetime]]


@dataclass(frozen=True)
class RuleFigure:
    """A number that the team may set in a rule, between ``least`` and ``most``."""

    name: str
    label: str
    default: int
    least: int
    most: int


@dataclass(frozen=True)
class AttentionFinding:
    """A rule speaks of somebody. ``at``: the last fact it leans on; ``sentence``: that fact, with
    its figures, as the person themselves reads it."""

    user_id: UUID
    at: datetime
    sentence: str


@dataclass(frozen=True)
class AttentionRule:
    """When the team should ask after somebody, in words.

    ``describe(figures)``: the rule as a sentence. ``find(db, figures, now, user_id)``: of whom it
    speaks; of that person alone when one is given. It orders nobody and weighs nothing.
    """

    code: str
    title: str
    figures: Sequence[RuleFigure]
    describe: Callable[[Mapping[str, int]], str]
    find: Callable[[Session, Mapping[str, int], datetime, UUID | None], Sequence[AttentionFinding]]
