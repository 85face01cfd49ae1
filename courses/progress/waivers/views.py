"""Asking not to have to do a step, and the team's answers."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courses.enrolments.desk import own_enrolment
from courses.enrolments.queries import find_any_enrolment
from courses.paths import words as path_words
from courses.paths.models import Step
from courses.paths.queries import find_step
from courses.progress.desk import blueprint, the_house
from courses.progress.models import StepWaiver, WaiverState
from courses.progress.waivers.forms import AskForm, ReasonForm
from courses.progress.waivers.queries import count_asked, get_waiver, list_asked
from courses.progress.waivers.rules import ask_waiver, decide_waiver, grant_waiver
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import PER_PAGE, Page, asked_page

Answer = str | Response | tuple[str, int]
VERDICTS = {
    "accorder": WaiverState.GRANTED,
    "refuser": WaiverState.REFUSED,
    "retirer": WaiverState.TAKEN_BACK,
}


def _step_of(version_id: UUID, step_id: UUID) -> Step:
    step = find_step(db.session(), step_id)
    if step is None or step.version_id != version_id:
        raise NotYours
    return step


@blueprint.route(
    "/mes-parcours/<uuid:enrolment_id>/etapes/<uuid:step_id>/dispense", methods=["GET", "POST"]
)
@signed_in
def ask(enrolment_id: UUID, step_id: UUID) -> Answer:
    """Ask the team not to have to do this step."""
    enrolment = own_enrolment(enrolment_id)
    _step_of(enrolment.version_id, step_id)
    form, session = AskForm(), db.session()
    if form.validate_on_submit():
        try:
            ask_waiver(
                session,
                enrolment_id,
                step_id,
                now=clock.now(),
                house=the_house(),
                request=form.request.data or "",
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Dispense demandée : l’équipe vous répondra par mail."), "success")
            return redirect(url_for(".step", enrolment_id=enrolment_id, step_id=step_id))
    enrolment = own_enrolment(enrolment_id)
    page = render_template(
        "progress/ask_waiver.html",
        enrolment=enrolment,
        step=_step_of(enrolment.version_id, step_id),
        form=form,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page


@blueprint.get("/a-traiter/dispenses")
@roles(FACILITATOR)
def waivers() -> str:
    """The waivers that wait for an answer, oldest first."""
    session, person_id, number = db.session(), current_person().id, asked_page()
    found = list_asked(session, person_id, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    page = Page(found, number, count_asked(session, person_id))
    return render_template("progress/waivers.html", page=page, path_words=path_words)


@blueprint.route("/a-traiter/dispenses/<uuid:waiver_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def waiver(waiver_id: UUID) -> Answer:
    """One waiver: grant it, refuse it, or take it back, with a reason."""
    _waiver(waiver_id)
    form, session = ReasonForm(), db.session()
    verdict = VERDICTS.get(request.form.get("reponse", ""))
    if verdict and form.validate_on_submit():
        try:
            decided = decide_waiver(
                session,
                waiver_id,
                verdict,
                actor_id=current_person().id,
                now=clock.now(),
                reason=form.reason.data or "",
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_sentence(decided), "success")
            return redirect(url_for(".follow", enrolment_id=decided.enrolment_id))
    found = _waiver(waiver_id)
    page = render_template(
        "progress/waiver.html",
        waiver=found,
        is_own=found.enrolment.user_id == current_person().id,
        form=form,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page


@blueprint.route(
    "/suivi/parcours/<uuid:enrolment_id>/etapes/<uuid:step_id>/dispense", methods=["GET", "POST"]
)
@roles(FACILITATOR)
def grant(enrolment_id: UUID, step_id: UUID) -> Answer:
    """Let somebody off a step without their having asked for it."""
    form, session = ReasonForm(), db.session()
    if form.validate_on_submit():
        try:
            granted = grant_waiver(
                session,
                enrolment_id,
                step_id,
                actor_id=current_person().id,
                now=clock.now(),
                house=the_house(),
                reason=form.reason.data or "",
            )
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            session.commit()
            flash(_sentence(granted), "success")
            return redirect(url_for(".follow", enrolment_id=enrolment_id))
    enrolment = find_any_enrolment(session, enrolment_id)
    if enrolment is None:
        raise NotYours
    page = render_template(
        "progress/grant_waiver.html",
        enrolment=enrolment,
        step=_step_of(enrolment.version_id, step_id),
        form=form,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page


def _waiver(waiver_id: UUID) -> StepWaiver:
    found = get_waiver(db.session(), waiver_id)
    if found is None:
        raise NotYours
    return found


def _sentence(waiver: StepWaiver) -> str:
    values = {"step": waiver.step.title, "name": waiver.enrolment.user.name}
    if waiver.state is WaiverState.GRANTED:
        return str(_("Dispense accordée : %(name)s n’a pas à faire « %(step)s ».", **values))
    if waiver.state is WaiverState.REFUSED:
        return str(_("Dispense de « %(step)s » refusée ; %(name)s lira pourquoi.", **values))
    return str(_("Dispense de « %(step)s » retirée ; %(name)s lira pourquoi.", **values))
