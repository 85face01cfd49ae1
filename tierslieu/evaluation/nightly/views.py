"""Asking for figures anew."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.evaluation.desk import blueprint, wake
from tierslieu.evaluation.nightly import jobs
from tierslieu.evaluation.nightly.periods import HELD, MONTH, RATES, read_name
from tierslieu.evaluation.nightly.queries import find_figures
from tierslieu.evaluation.nightly.rules import ask_anew
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, RESEARCHER
from tierslieu.surveys.studies.queries import find_study, may_research
from tierslieu.web.access import current_person, roles

# Whose pages show what is kept.
READERS = {
    MONTH: (COORDINATOR, ADMINISTRATOR),
    RATES: (COORDINATOR, RESEARCHER),
    "study": (RESEARCHER,),
    "year": (COORDINATOR, ADMINISTRATOR),
    "report": (COORDINATOR, ADMINISTRATOR),
}


@blueprint.post("/chiffres/recompter")
@roles(COORDINATOR, ADMINISTRATOR, RESEARCHER)
def count_anew() -> BaseResponse:
    """Have the worker make the figures of a page now; back to that page."""
    session, person = db.session(), current_person()
    name = request.form.get("quoi", "")
    kind, which = read_name(name)
    if not any(person.holds(role) for role in READERS.get(kind, ())):
        raise NotYours
    if isinstance(which, UUID) and (
        (study := find_study(session, which)) is None or not may_research(session, study, person.id)
    ):
        raise NotYours
    if find_figures(session, name) is None:
        raise NotYours
    beside = {"year": [HELD], "study": [RATES]}.get(kind, [])  # of one page, and of one moment
    ask_anew(session, [name, *beside], now=clock.now())
    session.commit()
    wake(jobs.NAME)
    return redirect(_page_of(kind, which))


def _page_of(kind: str, which: int | UUID | None) -> str:
    if kind == "year":
        return url_for(".dashboard", annee=which)
    if kind == "report":
        return url_for(".preview_report", year=which)
    if kind == "study":
        return url_for(".results", study_id=which)
    return url_for(".studies" if kind == RATES else ".figures")
