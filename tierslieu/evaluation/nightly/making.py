"""Making what is kept, by the rules by which each page makes it itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.composing import make_tables
from tierslieu.evaluation.dashboard.costs import measure_held
from tierslieu.evaluation.dashboard.keeping import write_tables
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.evaluation.figures import month_figures, month_of, write_figures
from tierslieu.evaluation.nightly.periods import HELD, MONTH, RATES, read_name
from tierslieu.evaluation.results.keeping import write_answers
from tierslieu.evaluation.results.rules import read_last, study_answers
from tierslieu.evaluation.rules import wave_rates, write_rates
from tierslieu.evaluation.yearly.rules import open_report, preview, years_of
from tierslieu.house import House
from tierslieu.surveys.queries import list_studies
from tierslieu.surveys.studies.opening import STUDY_SLUG
from tierslieu.surveys.studies.queries import find_study
from tierslieu.web.languages import LOCALES, speaking


def make_content(
    db: Session,
    house: House,
    name: str,
    find_key: Callable[[str], bytes | None],
    *,
    now: datetime,
) -> dict[str, Any]:
    """What is kept under ``name`` (one of ``list_periods``), of the place as it is ``now``.

    ``find_key``: the key of the study of that slug, or None once it is gone.
    """
    if name == MONTH:
        found = month_figures(db, house, now)
        return {"since": month_of(now).since.isoformat(), "figures": write_figures(found)}
    if name == RATES:
        waves = [wave for study in list_studies(db) if study.opened_at for wave in study.waves]
        return {str(wave.id): write_rates(wave_rates(db, wave)) for wave in waves}
    if name == HELD:
        return {str(year): list(measure_held(db, year)) for year in years_of(db, now)}
    kind, which = read_name(name)
    if isinstance(which, UUID):
        return _weigh_answers(db, which, find_key, now)
    assert which is not None
    year, key = which, find_key(STUDY_SLUG)
    if kind == "report":
        return preview(db, house, open_report(db, year, now), key, now=now)
    return write_tables(make_tables(db, house, SchoolYear(year)))


def _weigh_answers(
    db: Session, study_id: UUID, find_key: Callable[[str], bytes | None], now: datetime
) -> dict[str, Any]:
    """The answers are read once, and said in each language."""
    study = find_study(db, study_id)
    assert study is not None  # nobody takes an opened study away
    last, found = read_last(db, study, find_key(study.slug)), {}
    for language in LOCALES:
        with speaking(language):
            found[language] = study_answers(db, study, last, now)
    return write_answers(found)
