"""What a feature offers so that nobody is lost from sight: signs that somebody is still here, and
the rules by which the team asks after them. Gathered as every offer is: see ``house.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

#: The people who are asked about, some hundreds at most; None: everybody.
Among = Collection[UUID] | None


@dataclass(frozen=True)
class Trace:
    """What tells that somebody is still here, as the team may know it.

    ``latest(db, now, among)``: the last instant of it, by person; of those people alone when some
    are given. An instant to come says that something is booked ahead. ``label`` names one («une
    présence»). As many queries however many people there are.
    """

    name: str
    label: str
    latest: Callable[[Session, datetime, Among], Mapping[UUID, datetime]]


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

    ``describe(figures)``: the rule as a sentence. ``find(db, figures, now, among)``: of whom it
    speaks; of those people alone when some are given, and the same of each as among everybody. It
    orders nobody and weighs nothing.
    """

    code: str
    title: str
    figures: Sequence[RuleFigure]
    describe: Callable[[Mapping[str, int]], str]
    find: Callable[[Session, Mapping[str, int], datetime, Among], Sequence[AttentionFinding]]
