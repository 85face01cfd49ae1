"""Making what is kept, by the rules by which each page makes it itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tierslieu.evaluation.dashboard.composing import make_tables
from tierslieu.evaluation.dashboard.costs import measure_held
from tierslieu.evaluation.dashboard.keeping import write_tables
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.evaluation.figures import month_figures, month_of, write_figures
from tierslieu.evaluation.nightly.periods import HELD, MONTH, RATES, read_name
from tierslieu.evaluation.rules import wave_rates, write_rates
from tierslieu.evaluation.yearly.rules import open_report, preview, years_of
from tierslieu.house import House
from tierslieu.surveys.queries import list_studies


def make_content(
    db: Session, house: House, name: str, key: bytes | None, *, now: datetime
) -> dict[str, Any]:
    """What is kept under ``name`` (one of ``list_periods``), of the place as it is ``now``.

    ``key``: that of the place's study, or None once it is gone.
    """
    if name == MONTH:
        found = month_figures(db, house, now)
        return {"since": month_of(now).since.isoformat(), "figures": write_figures(found)}
    if name == RATES:
        waves = [wave for study in list_studies(db) if study.opened_at for wave in study.waves]
        return {str(wave.id): write_rates(wave_rates(db, wave)) for wave in waves}
    if name == HELD:
        return {str(year): list(measure_held(db, year)) for year in years_of(db, now)}
    kind, year = read_name(name)
    assert year is not None
    if kind == "report":
        return preview(db, house, open_report(db, year, now), key, now=now)
    return write_tables(make_tables(db, house, SchoolYear(year)))
