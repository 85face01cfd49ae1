"""Who wanted to come and could not, by what they asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.columns import Followed, Slice
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.house import House
from tierslieu.house_reach import UnmetDemand


@dataclass(frozen=True)
class ShownDemand:
    """What was asked for in vain, row by row (``offers``, ``slice.cells``)."""

    offers: Sequence[UnmetDemand]
    slice: Slice


def find_demand(db: Session, house: House, year: SchoolYear) -> list[set[Followed]]:
    """Who asked in vain that year, a row for each kind of demand the house offers."""
    return [set(offer.people(db, year.since, year.until)) for offer in house.all(UnmetDemand)]
