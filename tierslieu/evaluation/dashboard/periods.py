"""The school years that the dashboard tells of.

People are counted by school year alone: were calendar years shown beside, a sum of the ones less a
sum of the others would be a term, with few people in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tierslieu import clock

FIRST_MONTH = 9  # September


@dataclass(frozen=True)
class SchoolYear:
    """From 1 September of ``first`` to 31 August, in Paris."""

    first: int

    @property
    def name(self) -> str:
        """``2026-2027``."""
        return f"{self.first}-{self.first + 1}"

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return clock.to_utc(datetime(self.first, FIRST_MONTH, 1))  # noqa: DTZ001 - wall time

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return SchoolYear(self.first + 1).since


def school_year_of(instant: datetime) -> SchoolYear:
    """The school year in which an instant falls."""
    day = clock.to_local(instant)
    return SchoolYear(day.year if day.month >= FIRST_MONTH else day.year - 1)
