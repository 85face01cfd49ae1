"""The share of women among those who said their gender, beside what is known of the country."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from tierslieu.evaluation.dashboard.columns import Followed, Slice
from tierslieu.evaluation.statistics.intervals import Interval
from tierslieu.evaluation.statistics.proportions import wilson_interval
from tierslieu.evaluation.statistics.verdict import Verdict, judge_share
from tierslieu.people.models import Gender

BASELINES = Path(__file__).with_name("baselines.json")


@dataclass(frozen=True)
class Point:
    """A percentage of one year, as its source gives it."""

    year: int
    percent: float


@dataclass(frozen=True)
class Baseline:
    """A dated series of the country and where it comes from."""

    label: str
    source: str
    url: str
    points: tuple[Point, ...]


@cache
def read_baselines() -> tuple[Baseline, ...]:
    """The series that come with the software (``baselines.json``), the years in order."""
    facts = json.loads(BASELINES.read_text("utf-8"))
    return tuple(
        Baseline(
            one["label"],
            one["source"],
            one["url"],
            tuple(Point(point["year"], point["percent"]) for point in one["points"]),
        )
        for one in facts["series"]
    )


def place_by_gender(
    people: Set[Followed], gender_of: dict[UUID, Gender | None]
) -> list[set[Followed]]:
    """Women; those who said another gender; those who said none: three rows.

    Those who describe themselves are with men: so few people alone would hide the others.
    """
    said = {one: gender_of.get(one[0]) for one in people}
    return [
        {one for one, gender in said.items() if gender is Gender.WOMAN},
        {one for one, gender in said.items() if gender not in (Gender.WOMAN, None)},
        {one for one, gender in said.items() if gender is None},
    ]


@dataclass(frozen=True)
class ShownWomen:
    """``part`` women of ``whole`` who said their gender; None where hidden. Percentages."""

    part: int | None
    whole: int | None
    percent: float | None
    interval: Interval | None
    is_enough: bool
    slice: Slice
    baselines: Sequence[Baseline]


def show_women(of_view: Slice) -> ShownWomen:
    """The share of a view, with its Wilson interval at 95 %."""
    women, others, silent = of_view.cells
    whole: int | None = None
    if women is not None and others is not None:
        whole = women + others
    elif of_view.total is not None and silent is not None:
        whole = of_view.total - silent
    percent, interval, is_enough = None, None, False
    if women is not None and whole:
        percent = 100 * women / whole
        interval = wilson_interval(women, whole)
        is_enough = judge_share(women, whole) is Verdict.ENOUGH
    return ShownWomen(women, whole, percent, interval, is_enough, of_view, read_baselines())
