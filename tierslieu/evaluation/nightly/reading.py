"""What pages show: what was made at night, or what they make themselves while nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.composing import Dashboard, View, compose
from tierslieu.evaluation.dashboard.keeping import read_tables
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.evaluation.figures import Month, MonthFigure, month_figures, month_of, read_figures
from tierslieu.evaluation.nightly.periods import HELD, MONTH, RATES, report_name, year_name
from tierslieu.evaluation.nightly.queries import Kept, find_figures
from tierslieu.evaluation.rules import WaveRates, read_rates, wave_rates
from tierslieu.evaluation.yearly.figures import Told
from tierslieu.evaluation.yearly.models import YearlyReport
from tierslieu.evaluation.yearly.rules import preview, with_targets
from tierslieu.house import House
from tierslieu.surveys.models import Study


@dataclass(frozen=True)
class ShownMonth:
    """The figures of a month; ``kept``: as they were made, None: just now."""

    month: Month
    figures: Sequence[MonthFigure]
    kept: Kept | None


def show_month(db: Session, house: House, now: datetime, first: int | None = None) -> ShownMonth:
    """The figures of the month, or the ``first`` of them. On the first night of a month, those of
    the month that is just over."""
    kept = find_figures(db, MONTH)
    if kept is None:
        return ShownMonth(month_of(now), month_figures(db, house, now, first), None)
    month = month_of(datetime.fromisoformat(kept.content["since"]))
    return ShownMonth(month, read_figures(house, kept.content["figures"])[:first], kept)


def show_dashboard(
    db: Session, house: House, year: SchoolYear, view: View, now: datetime
) -> tuple[Dashboard, Kept | None]:
    """The dashboard of a year in a view, and what was kept of it."""
    kept, held = find_figures(db, year_name(year)), find_figures(db, HELD)
    told = held.content if held else {}
    hours = {int(one): (found[0], found[1]) for one, found in told.items()}
    tables = read_tables(kept.content) if kept else None
    return compose(db, house, year, view, now, tables, hours), kept


def show_report(
    db: Session, house: House, report: YearlyReport, key: bytes | None, *, now: datetime
) -> tuple[Told, Kept | None]:
    """The figures that a report would have, and what was kept of them. Its targets are those that
    stand now."""
    kept = find_figures(db, report_name(report.year))
    if kept is None:
        return preview(db, house, report, key, now=now), None
    return with_targets(kept.content, report.targets), kept


@dataclass(frozen=True)
class ShownStudy:
    """A study with the rates of its waves."""

    study: Study
    waves: Sequence[WaveRates]


def show_rates(db: Session, studies: Sequence[Study]) -> tuple[list[ShownStudy], Kept | None]:
    """The response rates of these studies' waves, and what was kept of them. A wave that is newer
    than the last night has few people: it is counted."""
    kept = find_figures(db, RATES)
    told = kept.content if kept else {}
    found = [
        ShownStudy(
            study,
            [
                read_rates(wave, told[str(wave.id)])
                if str(wave.id) in told
                else wave_rates(db, wave)
                for wave in study.waves
            ],
        )
        for study in studies
    ]
    return found, kept
