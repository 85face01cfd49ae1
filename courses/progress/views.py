"""A learner's paths and steps."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import (
    flash,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from courses.enrolments.cohorts.queries import list_joinable
from courses.enrolments.desk import own_enrolment
from courses.enrolments.models import Enrolment
from courses.enrolments.queries import list_enrolments
from courses.enrolments.words import status_words
from courses.paths import words as path_words
from courses.paths.models import StepKind
from courses.paths.queries import find_step
from courses.progress import words
from courses.progress.answering import views as _answering  # noqa: F401 - same blueprint
from courses.progress.certificates import views as _certificates  # noqa: F401 - same blueprint
from courses.progress.certificates.models import EVERY_STEP
from courses.progress.certificates.queries import find_worth
from courses.progress.desk import blueprint, progress_of, the_house, the_settings
from courses.progress.following import views as _following  # noqa: F401 - same blueprint
from courses.progress.forms import DeclareForm, MoveForm
from courses.progress.imports import views as _imports  # noqa: F401 - same blueprint
from courses.progress.imports.completions import views as _completions  # noqa: F401 - same blueprint
from courses.progress.moving import move_to_newest, plan_move
from courses.progress.queries import (
    list_records,
    list_tries,
)
from courses.progress.rules import check_declarable, declare_step
from courses.progress.waivers import views as _waivers  # noqa: F401 - same blueprint
from courses.progress.waivers.queries import find_last_waiver, list_waivers
from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Card
from tierslieu.house_paths import EnrolmentPanel, StepPanel
from tierslieu.people.models import FACILITATOR
from tierslieu.people.queries import list_team
from tierslieu.uploads.rules import store_upload
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.links import clean_url
from tierslieu.web.panels import render_cards


@blueprint.get("/mes-parcours")
@signed_in
def mine() -> str:
    """One's paths: what is next in each."""
    enrolments = list_enrolments(db.session(), current_person().id)
    return render_template(
        "progress/mine.html",
        enrolments=enrolments,
        progress=progress_of(*enrolments),
        words=words,
        status_words=status_words(),
    )


@blueprint.get("/mes-parcours/<uuid:enrolment_id>")
@signed_in
def enrolment(enrolment_id: UUID) -> str:
    """One path as a line of steps, what is next, and all that happened."""
    found = own_enrolment(enrolment_id)
    progress = progress_of(found)[found.id]
    records = list_records(db.session(), [found.id])
    now, person_id = clock.now(), current_person().id
    return render_template(
        "progress/enrolment.html",
        panels=render_cards(
            card
            for panel in the_house().all(EnrolmentPanel)
            for card in panel.build(db.session(), found.id, person_id, now)
        ),
        enrolment=found,
        progress=progress,
        frise_steps=words.frise_steps(found, progress),
        joinable=list_joinable(db.session(), found.path_id, to_local(clock.now()).date()),
        move=plan_move(db.session(), found) if found.status.value != "stopped" else None,
        history=words.history(found, progress, records, list_waivers(db.session(), [found.id])),
        takes_certificate=bool(find_worth(db.session(), found.path)),
        words=words,
        path_words=path_words,
    )


@blueprint.route("/mes-parcours/<uuid:enrolment_id>/version", methods=["GET", "POST"])
@signed_in
def version(enrolment_id: UUID) -> str | BaseResponse:
    """What the newest version of one's path changes, and going on in it."""
    session, found = db.session(), own_enrolment(enrolment_id)
    form = MoveForm()
    if form.validate_on_submit():
        person_id = current_person().id
        try:
            move_to_newest(
                session,
                enrolment_id,
                form.number.data or 0,
                actor_id=person_id,
                now=clock.now(),
            )
        except Refused as refused:
            session.rollback()
            if refused.code == "newer_still":
                flash(refused.message, "info")
                return redirect(url_for(".version", enrolment_id=enrolment_id))
            raise
        session.commit()
        flash(_("Vous suivez maintenant la nouvelle version. Rien n’est perdu."), "success")
        return redirect(url_for(".enrolment", enrolment_id=enrolment_id))
    move = plan_move(session, found)
    if move is None:
        return redirect(url_for(".enrolment", enrolment_id=enrolment_id))
    return render_template(
        "progress/version.html",
        enrolment=found,
        move=move,
        before=progress_of(found)[found.id],
        form=MoveForm(formdata=None, number=move.version.number),
        words=words,
        path_words=path_words,
    )


@blueprint.route("/mes-parcours/<uuid:enrolment_id>/etapes/<uuid:step_id>", methods=["GET", "POST"])
@signed_in
def step(enrolment_id: UUID, step_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """One step: what it asks, where it stands, and how to declare it done."""
    own_enrolment(enrolment_id)
    asked = find_step(db.session(), step_id)
    title = asked.title if asked else ""
    form = DeclareForm()
    if form.validate_on_submit():
        try:
            _declare(enrolment_id, step_id, form)
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            if refused.code == "already_declared":  # a second press of the button: all is well
                flash(refused.message, "info")
                return redirect(url_for(".enrolment", enrolment_id=enrolment_id))
            form.refuse(refused)
        else:
            flash(
                _("Étape « %(title)s » déclarée : l’équipe la lit et vous répond.", title=title),
                "success",
            )
            return redirect(url_for(".enrolment", enrolment_id=enrolment_id))
    found = own_enrolment(enrolment_id)
    progress = progress_of(found)[found.id]
    shown = next((s for s in progress.steps if s.step.id == step_id), None)
    if shown is None:
        raise NotYours
    page = render_template(
        "progress/step.html",
        enrolment=found,
        shown=shown,
        tries=list_tries(db.session(), found.id, step_id),
        waiver=find_last_waiver(db.session(), found.id, step_id),
        team=_team_of(found) if shown.state == "locked" else (),
        takes_certificate=shown.step.kind is StepKind.ONLINE
        and find_worth(db.session(), found.path) in (EVERY_STEP, shown.step.key),
        form=form,
        words=words,
        path_words=path_words,
        panels=_panels(found, shown.step.key),
    )
    return (page, 422) if form.errors else page


def _panels(enrolment: Enrolment, step_key: str) -> Sequence[tuple[Card, Markup]]:
    """What features above add to the page of a step, most urgent first."""
    session, now, user_id = db.session(), clock.now(), enrolment.user_id
    offered = the_house().all(StepPanel)
    return render_cards(
        card
        for panel in offered
        for card in panel.build(session, enrolment.path_id, step_key, user_id, now)
    )


def _team_of(enrolment: Enrolment) -> list[str]:
    """Whom to ask: who is in charge of one's cohort, or else a few of the team."""
    if enrolment.cohort is not None and enrolment.cohort.facilitator is not None:
        return [enrolment.cohort.facilitator.name]
    return [person.name for person in list_team(db.session(), FACILITATOR, limit=3)]


def _declare(enrolment_id: UUID, step_id: UUID, form: DeclareForm) -> None:
    """Check, keep the file, declare, commit. Raises :class:`Refused` with nothing written."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    # Asked first, so that a file is not kept for a declaration that can't be.
    check_declarable(session, own_enrolment(enrolment_id), step_id, the_house())
    url = clean_url(form.url.data or "")
    upload = None
    if form.file.data:
        upload = store_upload(
            session,
            the_settings().uploads,
            person_id,
            form.file.data.filename or "",
            form.file.data.read(),
            now=now,
        )
    declare_step(
        session,
        enrolment_id,
        step_id,
        now=now,
        house=the_house(),
        text=form.text.data or "",
        url=url,
        upload_id=upload.id if upload else None,
    )
    session.commit()
