"""What pages show: what was made at night, or what they make themselves while nothing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.composing import Dashboard, View, compose
from tierslieu.evaluation.dashboard.keeping import read_tables
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.evaluation.figures import Month, MonthFigure, month_figures, month_of, read_figures
from tierslieu.evaluation.nightly.periods import (
    HELD,
    MONTH,
    RATES,
    report_name,
    study_name,
    year_name,
)
from tierslieu.evaluation.nightly.queries import Kept, find_figures
from tierslieu.evaluation.results.keeping import read_answers
from tierslieu.evaluation.results.rules import Answers, read_last, study_answers
from tierslieu.evaluation.rules import (
    Distribution,
    WaveRates,
    read_rates,
    wave_distributions,
    wave_rates,
)
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


def _find_answers(
    db: Session, study: Study, key: bytes | None, language: str
) -> tuple[Answers | None, Kept | None]:
    """What a night kept of a study's answers; None where it kept nothing, or could not read them
    for want of the key that is there now."""
    kept = find_figures(db, study_name(study.id))
    answers = read_answers(kept.content, language) if kept is not None else None
    if answers is None or (key is not None and answers.waves is None):
        return None, None
    return answers, kept


def show_answers(
    db: Session, study: Study, key: bytes | None, language: str, now: datetime
) -> tuple[Answers, Kept | None]:
    """What a study's answers come to, in a language, and what was kept of it: in a large place,
    after its first night. Without the study's key nothing is told that was read by it."""
    answers, kept = _find_answers(db, study, key, language)
    if answers is None:
        return study_answers(db, study, read_last(db, study, key), now), None
    if key is None:
        answers = Answers(answers.attrition, None, None, None)
    return answers, kept


def show_distributions(
    db: Session, study: Study, key: bytes, language: str
) -> tuple[Mapping[UUID, Sequence[Distribution]], Kept | None]:
    """How the options were chosen in each wave, and what was kept of it. A wave that is newer than
    the last night has few answers: they are read."""
    answers, kept = _find_answers(db, study, key, language)
    told = (answers.distributions if answers else None) or {}
    return {
        wave.id: told[wave.id] if wave.id in told else wave_distributions(db, wave, key)
        for wave in study.waves
    }, kept


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
