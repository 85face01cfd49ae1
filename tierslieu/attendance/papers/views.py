"""The sheets to sign: a page for the team, and the same on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, render_template, request
from flask_babel import gettext as _

from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import find_session
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.papers.sheets import compose_sheets
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import roles
from tierslieu.web.papers import draw_paper, send_paper


@blueprint.get("/agenda/<uuid:session_id>/emargement")
@roles(FACILITATOR)
def sheet(session_id: UUID) -> str:
    """What the sheets of a session say, on a page."""
    found = _find_held(session_id)
    return render_template(
        "attendance/sheet.html",
        session=found,
        paper=compose_sheets(db.session(), found),
    )


@blueprint.get("/agenda/<uuid:session_id>/emargement.pdf")
@roles(FACILITATOR)
def sheet_pdf(session_id: UUID) -> Response:
    """The sheets to print: of every half-day, or of one (``?demi=``)."""
    found = _find_held(session_id)
    paper = compose_sheets(db.session(), found, request.args.get("demi", ""))
    name = f"emargement-{found.starts_local:%Y-%m-%d}.pdf"
    return send_paper(_draw("pdf/attendance_sheet.html", paper=paper), name)


def _draw(template: str, **facts: Any) -> bytes:
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    settings = current_app.config["TIERSLIEU"]
    return draw_paper(template, place_name=settings.place_name, contact=settings.contact, **facts)


def _find_held(session_id: UUID) -> LearningSession:
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours
    if found.cancelled_at is not None:
        raise Refused(
            _("Cette séance est annulée : il n’y a pas de feuille d’émargement."), code="closed"
        )
    return found
