"""How far people come on their paths, and where they stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.columns import Followed, Slice
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.house import House
from tierslieu.house_reach import (
    AWARDED,
    CAME,
    COMPLETED,
    ENROLLED,
    STAGES,
    STARTED,
    FunnelStage,
)

# Where somebody stands: each in exactly one. What is protected is these, and not the stages, for
# the difference of two stages is who stopped between them.
NOT_STARTED, ONLY_STARTED, FINISHED_AFAR, ONLY_CAME, ONLY_COMPLETED, HAS_BADGE = range(6)
# The first row that is beyond each stage's people: they are the sum of the rows from there on.
FIRST_ROW = {
    ENROLLED: NOT_STARTED,
    STARTED: ONLY_STARTED,
    CAME: ONLY_CAME,
    COMPLETED: ONLY_COMPLETED,
    AWARDED: HAS_BADGE,
}


def find_reached(db: Session, house: House, year: SchoolYear) -> dict[str, set[Followed]]:
    """Who reached each stage, with an enrolment that began that year; whoever was enrolled."""
    found: dict[str, set[Followed]] = {stage: set() for stage in STAGES}
    for offer in house.all(FunnelStage):
        found[offer.stage].update(offer.people(db, year.since, year.until))
    return {stage: people & found[ENROLLED] for stage, people in found.items()}


def place_people(reached: dict[str, set[Followed]]) -> list[set[Followed]]:
    """Those enrolled, by where they stand: a list for each row, each person on a path in one.

    Who completed has started. A stage counts only who reached the ones before: a path completed
    without coming has a row of its own.
    """
    started = reached[STARTED] | reached[CAME] | reached[COMPLETED]
    came, completed, awarded = (reached[stage] for stage in (CAME, COMPLETED, AWARDED))
    return [
        reached[ENROLLED] - started,
        started - came - completed,
        completed - came,
        came - completed,
        (came & completed) - awarded,
        came & completed & awarded,
    ]


@dataclass(frozen=True)
class ShownFunnel:
    """How many reached each stage, and how many stand in each row; None where hidden."""

    stages: dict[str, int | None]
    stopped: tuple[int | None, ...]
    slice: Slice


def show_funnel(of_view: Slice) -> ShownFunnel:
    """The funnel of a view: nothing of a stage but what its rows say already."""
    rows = of_view.cells
    stages = {stage: _beyond(rows, FIRST_ROW[stage], of_view.total) for stage in STAGES}
    return ShownFunnel(stages, rows, of_view)


def _beyond(rows: Sequence[int | None], first: int, total: int | None) -> int | None:
    """The sum of the rows from ``first`` on, if what is shown gives it."""
    if first == 0:
        return total
    after = [row for row in rows[first:] if row is not None]
    if len(after) == len(rows) - first:
        return sum(after)
    before = [row for row in rows[:first] if row is not None]
    return total - sum(before) if total is not None and len(before) == first else None
