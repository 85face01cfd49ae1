"""The welcome pack, for who is accepted alone: a page, and the same on paper."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, render_template
from werkzeug.wrappers import Response as BaseResponse

from courses.progress.words import state_words
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.papers import draw_paper, send_paper
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.queries import find_own
from tierslieu.weeks.desk import blueprint, week_here
from tierslieu.weeks.welcome.pack import Pack, compose


def _pack(week_id: UUID) -> Pack:
    week = week_here(week_id)
    own = find_own(db.session(), week.id, current_person().id)
    if own is None or own.state is not ApplicationState.ACCEPTED:
        raise NotYours
    house = current_app.extensions["tierslieu.house"]
    return compose(db.session(), week, own, house, clock.now())


@blueprint.get("/semaines/<uuid:week_id>/accueil")
@signed_in
def welcome(week_id: UUID) -> str:
    """All one must know before coming."""
    return render_template("weeks/welcome.html", pack=_pack(week_id), week=week_here(week_id))


@blueprint.get("/semaines/<uuid:week_id>/accueil.pdf")
@signed_in
def welcome_pdf(week_id: UUID) -> BaseResponse:
    """The same, to take along."""
    pack, first = _pack(week_id), week_here(week_id).first_day
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    place = the_place()
    paper = draw_paper(
        "pdf/weeks_welcome.html",
        place_name=place.name_here,
        contact=place.contact,
        pack=pack,
        state_words=state_words(),
    )
    answer: Response = send_paper(paper, f"accueil-{first:%Y-%m-%d}.pdf")
    return answer
