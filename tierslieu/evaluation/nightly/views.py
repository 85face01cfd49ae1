"""Asking for figures anew."""

from __future__ import annotations

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
from tierslieu.web.access import current_person, roles

# Whose pages show what is kept.
READERS = {
    MONTH: (COORDINATOR, ADMINISTRATOR),
    RATES: (COORDINATOR, RESEARCHER),
    "year": (COORDINATOR, ADMINISTRATOR),
    "report": (COORDINATOR, ADMINISTRATOR),
}


@blueprint.post("/chiffres/recompter")
@roles(COORDINATOR, ADMINISTRATOR, RESEARCHER)
def count_anew() -> BaseResponse:
    """Have the worker make the figures of a page now; back to that page."""
    session, person = db.session(), current_person()
    name = request.form.get("quoi", "")
    kind, year = read_name(name)
    if not any(person.holds(role) for role in READERS.get(kind, ())):
        raise NotYours
    if find_figures(session, name) is None:
        raise NotYours
    ask_anew(session, [name, HELD] if kind == "year" else [name], now=clock.now())
    session.commit()
    wake(jobs.NAME)
    return redirect(_page_of(kind, year))


def _page_of(kind: str, year: int | None) -> str:
    if kind == "year":
        return url_for(".dashboard", annee=year)
    if kind == "report":
        return url_for(".preview_report", year=year)
    return url_for(".studies" if kind == RATES else ".figures")
