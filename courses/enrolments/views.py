"""Beginning a path, pausing, stopping and resuming it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courses.enrolments import rules
from courses.enrolments.cohorts import views as _cohorts  # noqa: F401 - same blueprint
from courses.enrolments.desk import blueprint, own_enrolment
from courses.enrolments.forms import StopForm
from courses.enrolments.models import EnrolmentStatus, StopReason
from courses.enrolments.queries import find_living_enrolment
from courses.paths.queries import find_path
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, signed_in


def _page(enrolment_id: UUID) -> Response:
    return redirect(url_for("progress.enrolment", enrolment_id=enrolment_id))


@blueprint.get("/parcours/<slug>/inscription")
@signed_in
def begin(slug: str) -> Response:
    """Whoever had to sign in first comes back to the page of the path, where the button is."""
    return redirect(url_for("paths.path", slug=slug))


@blueprint.post("/parcours/<slug>/inscription")
@signed_in
def enrol(slug: str) -> Response:
    """Follow a path. Whoever follows it already is led to it."""
    session, person_id = db.session(), current_person().id
    path = find_path(session, slug)
    if path is None:
        raise NotYours
    path_id, title = path.id, path.short_title
    try:
        enrolment = rules.enrol(session, person_id, path_id, now=clock.now())
    except Refused as refused:
        session.rollback()
        living = find_living_enrolment(session, person_id, path_id)
        if living is None:
            raise
        flash(refused.message, "info")
        return _page(living.id)
    session.commit()
    flash(_("Vous suivez maintenant le parcours « %(title)s ».", title=title), "success")
    return _page(enrolment.id)


def _change(enrolment_id: UUID, to_status: EnrolmentStatus, done: str) -> Response:
    own_enrolment(enrolment_id)
    session, person_id = db.session(), current_person().id
    rules.change_status(session, enrolment_id, to_status, now=clock.now(), actor_id=person_id)
    session.commit()
    flash(done, "success")
    return _page(enrolment_id)


@blueprint.post("/mes-parcours/<uuid:enrolment_id>/pause")
@signed_in
def pause(enrolment_id: UUID) -> Response:
    """Put it aside for a while; nothing is lost."""
    done = _("Parcours mis en pause. Reprenez-le quand vous voulez : rien n’est perdu.")
    return _change(enrolment_id, EnrolmentStatus.PAUSED, done)


@blueprint.post("/mes-parcours/<uuid:enrolment_id>/reprise")
@signed_in
def resume(enrolment_id: UUID) -> Response:
    """Go on, after a pause or after having stopped."""
    done = _("Vous avez repris ce parcours, là où vous l’aviez laissé.")
    return _change(enrolment_id, EnrolmentStatus.ACTIVE, done)


@blueprint.route("/mes-parcours/<uuid:enrolment_id>/arret", methods=["GET", "POST"])
@signed_in
def stop(enrolment_id: UUID) -> str | Response | tuple[str, int]:
    """Stop a path and say why."""
    enrolment = own_enrolment(enrolment_id)
    form = StopForm()
    if form.validate_on_submit():
        session = db.session()
        try:
            rules.change_status(
                session,
                enrolment_id,
                EnrolmentStatus.STOPPED,
                now=clock.now(),
                actor_id=current_person().id,
                cause=StopReason(form.cause.data),
                reason=form.reason.data or "",
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
            enrolment = own_enrolment(enrolment_id)
        else:
            session.commit()
            flash(
                _("Parcours arrêté. Ce que vous avez fait est gardé, et vous pouvez reprendre."),
                "success",
            )
            return _page(enrolment_id)
    page = render_template("enrolments/stop.html", enrolment=enrolment, form=form)
    return (page, 422) if form.errors else page
