"""The dashboard, on a page and on paper."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.dashboard.composing import (
    Dashboard,
    find_view,
    list_views,
    list_years,
)
from tierslieu.evaluation.dashboard.costs import list_costs, save_cost
from tierslieu.evaluation.dashboard.forms import CostForm
from tierslieu.evaluation.dashboard.words import stage_names, stop_names
from tierslieu.evaluation.desk import blueprint, house, wake
from tierslieu.evaluation.grids import explain_grid
from tierslieu.evaluation.nightly.jobs import NAME as NIGHTLY
from tierslieu.evaluation.nightly.periods import report_name
from tierslieu.evaluation.nightly.queries import Kept
from tierslieu.evaluation.nightly.reading import show_dashboard
from tierslieu.evaluation.nightly.rules import ask_anew
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR
from tierslieu.place.showing import the_place
from tierslieu.web.access import roles
from tierslieu.web.formats import long_day, percent
from tierslieu.web.papers import draw_paper, send_paper


def _asked() -> tuple[Dashboard, Kept | None]:
    """What the address asks for: the present year and everybody where it says nothing; and what
    was kept of it."""
    session, now = db.session(), clock.now()
    years = list_years(session, now)
    asked = request.args.get("annee", "") or str(years[0].first)
    year = next((one for one in years if str(one.first) == asked), None)
    view = find_view(list_views(session), request.args.get("vue", ""))
    if year is None or view is None:
        raise NotYours
    return show_dashboard(session, house(), year, view, now)


def _facts(found: Dashboard, kept: Kept | None) -> dict[str, Any]:
    return {
        "board": found,
        "kept": kept,
        "stage_names": stage_names(),
        "stop_names": stop_names(),
        "why_hidden": explain_grid(),
        "percent": percent,
    }


@blueprint.get("/tableau-de-bord")
@roles(COORDINATOR, ADMINISTRATOR)
def dashboard() -> str:
    """How far people come, who they are and who could not, one year in one view."""
    return render_template("evaluation/dashboard/page.html", **_facts(*_asked()))


@blueprint.route("/tableau-de-bord/couts", methods=["GET", "POST"])
@roles(COORDINATOR, ADMINISTRATOR)
def costs() -> str | BaseResponse | tuple[str, int]:
    """Enter what each year cost."""
    session, form, status = db.session(), CostForm(), 200
    if form.validate_on_submit():
        try:
            year, note = form.year.data, form.note.data or ""
            now = clock.now()
            save_cost(session, year, form.cents, note, now=now)
            asked = ask_anew(session, [report_name(year or 0)], now=now)
            session.commit()
            if asked:
                wake(NIGHTLY)
            if form.cents is None:
                flash(_("Il n’y a plus de coût noté pour %(year)s.", year=year), "success")
            else:
                flash(_("Le coût de %(year)s est noté.", year=year), "success")
            return redirect(url_for(".costs"))
        except Refused as refusal:
            session.rollback()
            form.refuse(refusal)
    if form.errors:
        status = 422
    page = render_template("evaluation/dashboard/costs.html", form=form, costs=list_costs(session))
    return page, status


@blueprint.get("/tableau-de-bord.pdf")
@roles(COORDINATOR, ADMINISTRATOR)
def dashboard_pdf() -> Response:
    """The same on paper."""
    found, kept = _asked()
    facts, made_at = _facts(found, kept), kept.made_at if kept else clock.now()
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    place = the_place()
    data = draw_paper(
        "pdf/evaluation_dashboard.html",
        place_name=place.name_here,
        contact=place.contact,
        made_on=long_day(made_at),
        **facts,
    )
    return send_paper(data, f"tableau-de-bord-{found.year.name}.pdf")
