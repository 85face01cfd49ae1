"""«Moi aussi», and merging duplicates."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courses.feedback import words
from courses.feedback.desk import blueprint
from courses.feedback.queries import find_me_too, find_report, find_shown
from courses.feedback.together import rules
from courses.feedback.together.forms import MeTooForm
from courses.paths import words as path_words
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in

Answer = str | Response | tuple[str, int]


@blueprint.route("/signalements/<uuid:report_id>/moi-aussi", methods=["GET", "POST"])
@signed_in
def me_too(report_id: UUID) -> Answer:
    """Say that one saw it too, add to it, or take it back; nobody is named."""
    session, person_id = db.session(), current_person().id
    said, form = find_me_too(session, report_id, person_id), MeTooForm()
    if said is not None and not form.is_submitted():
        form = MeTooForm(obj=said)
    if form.validate_on_submit():
        try:
            rules.say_me_too(
                session,
                person_id,
                report_id,
                now=clock.now(),
                detail=form.detail.data or "",
                wants_mail=bool(form.wants_mail.data),
            )
        except Refused as refused:
            session.rollback()
            if refused.field is None and refused.code != "own_report":
                raise
            form.refuse(refused)
        else:
            session.commit()
            flash(_("C’est noté : vous êtes une personne de plus à l’avoir vu."), "success")
            return redirect(url_for(".mine"))
    found = find_shown(session, report_id)
    if found is None:
        raise NotYours
    page = render_template(
        "feedback/me_too.html",
        report=found,
        said=find_me_too(session, report_id, person_id),
        form=form,
        words=words,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/signalements/<uuid:report_id>/moi-aussi/retirer")
@signed_in
def take_back(report_id: UUID) -> Response:
    """Say it no more."""
    if not rules.take_back_me_too(db.session(), current_person().id, report_id):
        raise NotYours
    db.session.commit()
    flash(_("C’est retiré."), "success")
    return redirect(url_for(".mine"))


@blueprint.post("/retours/<uuid:report_id>/reunir/<uuid:into_id>")
@roles(FACILITATOR)
def merge(report_id: UUID, into_id: UUID) -> Response:
    """Merge a duplicate into another report; whoever reported it is told."""
    session = db.session()
    if find_report(session, report_id) is None or find_report(session, into_id) is None:
        raise NotYours
    try:
        rules.merge_reports(
            session, report_id, into_id, actor_id=current_person().id, now=clock.now()
        )
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
        return redirect(url_for(".answer", report_id=report_id))
    session.commit()
    flash(_("Les deux retours n’en font plus qu’un ; la personne l’apprend par mail."), "success")
    return redirect(url_for(".answer", report_id=into_id))
