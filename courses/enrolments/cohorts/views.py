"""The team's pages of cohorts, and joining one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courses.enrolments.cohorts.forms import CohortForm, JoinForm
from courses.enrolments.cohorts.queries import count_members, find_cohort, list_cohorts
from courses.enrolments.cohorts.rules import change_cohort, join_cohort, open_cohort
from courses.enrolments.desk import blueprint, own_enrolment
from courses.enrolments.models import Cohort
from courses.enrolments.queries import find_any_enrolment
from courses.paths.models import Path
from courses.paths.queries import find_path
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import list_team
from tierslieu.web.access import roles, signed_in

Answer = str | Response | tuple[str, int]


def _path(slug: str) -> Path:
    path = find_path(db.session(), slug)
    if path is None:
        raise NotYours
    return path


def _cohort(cohort_id: UUID) -> Cohort:
    cohort = find_cohort(db.session(), cohort_id)
    if cohort is None:
        raise NotYours
    return cohort


def _team_form(cohort: Cohort | None = None) -> CohortForm:
    names = ("title", "starts_on", "ends_on", "forum_url", "note", "is_open")
    shown = {name: getattr(cohort, name) for name in names} if cohort else {}
    if cohort is not None:
        shown["facilitator"] = str(cohort.facilitator_id or "")
    return CohortForm(list_team(db.session(), FACILITATOR), data=shown)


@blueprint.route("/parcours/<slug>/promotions", methods=["GET", "POST"])
@roles(FACILITATOR)
def cohorts(slug: str) -> Answer:
    """The cohorts of a path, and opening one."""
    session, path, form = db.session(), _path(slug), _team_form()
    if form.validate_on_submit():
        try:
            open_cohort(session, path.id, form.plan(), now=clock.now())
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Promotion ouverte."), "success")
            return redirect(url_for(".cohorts", slug=slug))
    path = _path(slug)
    found = list_cohorts(session, path.id)
    page = render_template(
        "enrolments/cohorts.html",
        path=path,
        cohorts=found,
        members=count_members(session, [cohort.id for cohort in found]),
        form=form,
        today=clock.to_local(clock.now()).date(),
    )
    return (page, 422) if form.errors else page


@blueprint.route("/promotions/<uuid:cohort_id>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_cohort(cohort_id: UUID) -> Answer:
    """Other dates, words or people in charge of a cohort."""
    session, form = db.session(), _team_form(_cohort(cohort_id))
    if form.validate_on_submit():
        try:
            cohort = change_cohort(session, cohort_id, form.plan())
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            slug = cohort.path.slug
            session.commit()
            flash(_("Promotion modifiée."), "success")
            return redirect(url_for(".cohorts", slug=slug))
    page = render_template("enrolments/edit_cohort.html", cohort=_cohort(cohort_id), form=form)
    return (page, 422) if form.errors else page


@blueprint.post("/mes-parcours/<uuid:enrolment_id>/promotion")
@signed_in
def join(enrolment_id: UUID) -> Response:
    """Follow one's path with a cohort, or with none any more."""
    own_enrolment(enrolment_id)
    _join(enrolment_id, by_team=False)
    return redirect(url_for("progress.enrolment", enrolment_id=enrolment_id))


@blueprint.post("/suivi/parcours/<uuid:enrolment_id>/promotion")
@roles(FACILITATOR)
def put_in(enrolment_id: UUID) -> Response:
    """Put somebody in a cohort of their path, or take them out."""
    if find_any_enrolment(db.session(), enrolment_id) is None:
        raise NotYours
    _join(enrolment_id, by_team=True)
    return redirect(url_for("progress.follow", enrolment_id=enrolment_id))


def _join(enrolment_id: UUID, *, by_team: bool) -> None:
    session, form = db.session(), JoinForm()
    try:
        chosen = form.chosen()
    except ValueError:
        raise NotYours from None
    try:
        enrolment = join_cohort(session, enrolment_id, chosen, now=clock.now(), by_team=by_team)
    except Refused as refused:
        session.rollback()
        if isinstance(refused, NotYours):
            raise
        flash(refused.message, "error")
        return
    cohort = enrolment.cohort
    session.commit()
    flash(
        _("Promotion « %(title)s » rejointe.", title=cohort.title)
        if cohort
        else _("Promotion quittée."),
        "success",
    )
