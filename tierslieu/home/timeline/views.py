"""A person's timeline: their own page and paper; for the team, what it may see of somebody."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.home.desk import blueprint, settings, the_house
from tierslieu.home.timeline import words
from tierslieu.home.timeline.drawing import draw
from tierslieu.home.timeline.forms import BordersForm
from tierslieu.home.timeline.gathering import Timeline, gather
from tierslieu.home.timeline.queries import find_borders
from tierslieu.home.timeline.rules import set_borders
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import find_person
from tierslieu.place.guard import leads_on
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.formats import long_day
from tierslieu.web.papers import draw_paper, send_paper

Answer = str | BaseResponse | tuple[str, int]


def _line() -> str:
    """The line asked for; anything else is all of them."""
    line = request.args.get("genre", "")
    return line if line in words.line_words() else ""


def _gather(user_id: UUID, *, for_team: bool = False) -> Timeline:
    """What was and is to come; what is of a part switched off stays told and leads nowhere."""
    whole = gather(db.session(), the_house(), user_id, clock.now(), for_team=for_team)
    moments = [
        one if one.url is None or leads_on(one.url) else replace(one, url=None)
        for one in whole.moments
    ]
    return replace(whole, moments=moments)


def _shown(whole: Timeline) -> dict[str, Any]:
    """What the page and the paper show alike."""
    line, labels = _line(), words.line_words()
    timeline = whole.of_line(line)
    return {
        "timeline": timeline,
        "picture": draw(timeline, labels),
        "labels": labels,
        "phases": words.phase_words(),
        "line": line,
    }


@blueprint.route("/ma-frise", methods=["GET", "POST"])
@signed_in
def timeline() -> Answer:
    """One's own timeline, and where its phases begin."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    said = find_borders(session, person_id)
    form = BordersForm(obj=said)
    if form.validate_on_submit():
        try:
            set_borders(
                session,
                person_id,
                studies_from=form.studies_from.data,
                job_from=form.job_from.data,
                now=now,
            )
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Vos phases sont à jour."), "success")
            return redirect(url_for(".timeline"))
    whole = _gather(person_id)
    page = render_template(
        "home/timeline/own.html",
        form=form,
        counts=Counter(one.line for one in whole.moments),
        total=len(whole.moments),
        **_shown(whole),
    )
    return (page, 422) if form.errors else page


@blueprint.get("/ma-frise.pdf")
@signed_in
def timeline_paper() -> BaseResponse:
    """One's own timeline on paper, the earliest first."""
    session, person, place = db.session(), current_person(), settings()
    shown = _shown(_gather(person.id))
    facts = {
        "name": person.name,
        "place_name": the_place().name_here,
        "contact": the_place().contact,
        "base_url": place.base_url,
        "made_on": long_day(clock.now()),
        **shown,
    }
    session.rollback()  # nothing is open while it is drawn
    return send_paper(draw_paper("pdf/home_timeline.html", **facts), "ma-frise.pdf")


@blueprint.get("/suivi/<uuid:user_id>/frise")
@roles(FACILITATOR)
def timeline_of(user_id: UUID) -> str:
    """Somebody's timeline, of which the team sees what each feature lets it see."""
    session = db.session()
    person = find_person(session, user_id)
    if person is None or person.id == current_person().id:
        raise NotYours
    whole = _gather(user_id, for_team=True)
    return render_template(
        "home/timeline/of_person.html",
        person=person,
        counts=Counter(one.line for one in whole.moments),
        total=len(whole.moments),
        **_shown(whole),
    )
