"""What is told of everybody, by name: of this month, of each year, of the waves of studies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.evaluation.dashboard.composing import list_years
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.evaluation.yearly.figures import span_of_year
from tierslieu.evaluation.yearly.queries import list_reports
from tierslieu.evaluation.yearly.rules import years_of
from tierslieu.nightly.rules import is_large, last_night
from tierslieu.surveys.models import Study
from tierslieu.surveys.queries import list_studies

MONTH, RATES, HELD = "month", "rates", "held"
_REPORT, _YEAR, _STUDY = "report:", "year:", "study:"
SETTLED = timedelta(days=100)  # after its end a year hardly changes: once a week is enough
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """What is kept under a name, and when that of which it tells is over."""

    name: str
    until: datetime

    def is_due(self, made_at: datetime, now: datetime) -> bool:
        """Whether what was made then is to be made anew by ``now``."""
        night = last_night(now)
        return made_at < (night - WEEK + clock.days(1) if self.until + SETTLED < now else night)


def report_name(year: int) -> str:
    """Under which name the report of a calendar year is kept."""
    return f"{_REPORT}{year}"


def year_name(year: SchoolYear) -> str:
    """Under which name the dashboard of a school year is kept."""
    return f"{_YEAR}{year.first}"


def study_name(study_id: UUID) -> str:
    """Under which name what the answers of a study come to is kept."""
    return f"{_STUDY}{study_id}"


def read_name(name: str) -> tuple[str, int | UUID | None]:
    """What a name is of (``month``, ``report``…), and which year or study; (``""``, None) for no
    name."""
    kind, colon, which = name.partition(":")
    if name in (MONTH, RATES, HELD):
        return name, None
    if kind + colon in (_REPORT, _YEAR) and which.isdecimal() and len(which) == 4:
        return kind, int(which)
    if kind + colon == _STUDY:
        try:
            return kind, UUID(which)
        except ValueError:
            return "", None
    return "", None


def list_periods(db: Session, now: datetime) -> list[Period]:
    """All that is to be kept by ``now``: what is looked at most comes first. A report that is
    published is kept where it is, for good. The answers of studies are read while one waits, but in
    a large place."""
    published = {one.year for one in list_reports(db) if one.published_at is not None}
    years = list_years(db, now)
    reports = [year for year in years_of(db, now) if year not in published]
    return [
        *(Period(name, now) for name in (MONTH, RATES, HELD)),
        *(Period(year_name(one), one.until) for one in years),
        *(Period(report_name(one), span_of_year(one)[1]) for one in reports),
        # Each night, also of one that is closed: whoever leaves a study is in its figures no more.
        *(Period(study_name(one.id), now) for one in _list_weighed(db)),
    ]


def _list_weighed(db: Session) -> list[Study]:
    """The studies whose answers are many."""
    if not is_large(db):
        return []
    return [study for study in list_studies(db) if study.opened_at is not None]
