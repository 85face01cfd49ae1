"""The sheets to sign, for the team; what says that somebody was there, for them and the team.

Each paper has a page that says the same.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template, request
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import find_session
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.papers.asking import Asked, read_asked
from tierslieu.attendance.papers.queries import Holder, find_holder_for
from tierslieu.attendance.papers.sheets import compose_sheets
from tierslieu.attendance.papers.statements import (
    Kind,
    compose_statement,
    list_moments,
    list_own_paths,
)
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.papers import draw_paper, send_paper

Answer = str | tuple[str, int]


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


@blueprint.get("/agenda/presences/<uuid:holder_id>")
@signed_in
def presences(holder_id: UUID) -> Answer:
    """The half-days somebody was at, narrowed as asked, and the papers that say so."""
    holder, now, session = _find_holder(holder_id), clock.now(), db.session()
    wrong: Refused | None = None
    try:
        asked = read_asked(request.args)
    except Refused as refused:
        asked, wrong = Asked(), refused
    page = render_template(
        "attendance/presences.html",
        holder=holder,
        is_own=holder.id == current_person().id,
        asked=asked,
        wrong=wrong,
        given=request.args,
        paths=list_own_paths(list_moments(session, holder, Asked(), now)),
        paper=compose_statement(holder, list_moments(session, holder, asked, now), asked, now),
        session=find_session(session, asked.session_id) if asked.session_id else None,
        kinds=Kind,
    )
    return (page, wrong.status) if wrong else page


@blueprint.get("/agenda/presences/<uuid:holder_id>/<any(attestation, certificat):kind>.pdf")
@signed_in
def presences_pdf(holder_id: UUID, kind: str) -> Response:
    """One of the two papers, of what is asked for. Refused where no presence was noted."""
    holder, now, session = _find_holder(holder_id), clock.now(), db.session()
    asked = read_asked(request.args)
    moments = list_moments(session, holder, asked, now)
    if not moments:
        raise Refused(
            _(
                "Aucune présence n’a été notée pour ce qui est demandé : il n’y a rien à "
                "attester. Si c’est une erreur, dites-le à l’équipe : l’appel se corrige."
            ),
            code="nothing_noted",
        )
    paper = compose_statement(holder, moments, asked, now)
    template = {
        Kind.PRESENCE: "pdf/attendance_presence.html",
        Kind.REALISATION: "pdf/attendance_realisation.html",
    }[Kind(kind)]
    return send_paper(_draw(template, paper=paper), f"{kind}-{moments[-1].on:%Y-%m-%d}.pdf")


def _find_holder(holder_id: UUID) -> Holder:
    holder = find_holder_for(db.session(), current_person(), holder_id)
    if holder is None:
        raise NotYours
    return holder


def _draw(template: str, **facts: Any) -> bytes:
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    place = the_place()
    return draw_paper(template, place_name=place.name_here, contact=place.contact, **facts)


def _find_held(session_id: UUID) -> LearningSession:
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours
    if found.cancelled_at is not None:
        raise Refused(
            _("Cette séance est annulée : il n’y a pas de feuille d’émargement."), code="closed"
        )
    return found
