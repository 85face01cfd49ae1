"""Giving a certificate; what certificates of a path are worth."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectChoice

from courses.enrolments.desk import own_enrolment
from courses.paths.models import StepKind
from courses.paths.queries import current_version, find_path
from courses.paths.words import step_name
from courses.progress.certificates import rules
from courses.progress.certificates.forms import CertificateForm, WorthForm
from courses.progress.certificates.models import EVERY_STEP
from courses.progress.certificates.queries import find_worth
from courses.progress.desk import blueprint
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.written import Theirs

Answer = str | BaseResponse | tuple[str, int]


@blueprint.route("/mes-parcours/<uuid:enrolment_id>/certificat", methods=["GET", "POST"])
@signed_in
def certificate(enrolment_id: UUID) -> Answer:
    """Paste the link of one's certificate."""
    session, found, form = db.session(), own_enrolment(enrolment_id), CertificateForm()
    if not find_worth(session, found.path):
        raise NotYours
    if form.validate_on_submit():
        person_id, link, now = current_person().id, form.link.data or "", clock.now()
        try:
            rules.give_certificate(session, enrolment_id, link, now=now)
        except Refused as refused:
            session.rollback()
            if refused.code == "certificate_taken":
                rules.note_clash(session, link, person_id, now=now)
                session.commit()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Certificat reçu : l’équipe l’ouvre et vous répond."), "success")
            return redirect(url_for(".enrolment", enrolment_id=enrolment_id))
    found = own_enrolment(enrolment_id)
    page = render_template("progress/certificate.html", enrolment=found, form=form)
    return (page, 422) if form.errors else page


@blueprint.post("/a-traiter/certificats/<uuid:clash_id>/regle")
@roles(FACILITATOR)
def settle_clash(clash_id: UUID) -> BaseResponse:
    """It is known whose the certificate is."""
    try:
        rules.settle_clash(db.session(), clash_id, actor_id=current_person().id)
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(_("C’est noté."), "success")
    return redirect(url_for(".queue"))


@blueprint.route("/parcours/<slug>/certificats", methods=["GET", "POST"])
@roles(FACILITATOR)
def certificate_settings(slug: str) -> Answer:
    """Which steps of a path a certificate fulfils."""
    session = db.session()
    path = find_path(session, slug)
    version = current_version(session, path.id) if path else None
    if path is None or version is None:
        raise NotYours
    steps = [step for step in version.steps if step.kind is StepKind.ONLINE]
    form = WorthForm(data={"fulfils": find_worth(session, path)})
    form.fulfils.choices = [
        SelectChoice("", str(_("rien : ce parcours n’en prend pas"))),
        SelectChoice(EVERY_STEP, str(_("toutes les étapes en ligne"))),
        *(SelectChoice(step.key, Theirs(step_name(step))) for step in steps),
    ]
    if form.validate_on_submit():
        try:
            rules.set_worth(session, path, form.fulfils.data or "", [step.key for step in steps])
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Réglages gardés pour ce parcours."), "success")
            return redirect(url_for(".grades", slug=slug))
    page = render_template(
        "progress/certificate_settings.html", path=find_path(session, slug), form=form
    )
    return (page, 422) if form.errors else page
