"""In which phase of a person's way a day falls. Pure.

The phases are those of the programme for women in technology, said for everybody who comes. Time
alone decides: each event falls in the phase whose days it is in. The person sets the borders;
until they do, the second phase begins with the first path they follow, and the third never begins
by itself, for no record here knows who is at home in their job.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date


class Phase(enum.Enum):
    """Project, studies, job: in this order."""

    PROJECT = 1
    STUDIES = 2
    JOB = 3


@dataclass(frozen=True)
class Borders:
    """The first day of the second and of the third phase; None: it has not begun."""

    studies_from: date | None = None
    job_from: date | None = None

    def phase_of(self, day: date) -> Phase:
        """The phase a day falls in."""
        if self.job_from is not None and day >= self.job_from:
            return Phase.JOB
        if self.studies_from is not None and day >= self.studies_from:
            return Phase.STUDIES
        return Phase.PROJECT

    def begins(self, phase: Phase) -> date | None:
        """Its first day; None for the first phase, which has no beginning, or what has not
        begun."""
        return {Phase.STUDIES: self.studies_from, Phase.JOB: self.job_from}.get(phase)


def settle(studies_from: date | None, job_from: date | None, first_path: date | None) -> Borders:
    """The borders that hold: what the person said, else the day of their first path."""
    studies = studies_from if studies_from is not None else first_path
    if job_from is not None and studies is not None and job_from < studies:
        # Only said of the job: what was learnt afterwards makes no second phase inside the third.
        studies = job_from
    return Borders(studies, job_from)
