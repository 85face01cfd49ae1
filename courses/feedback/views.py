"""Reporting on a course; one's own reports; the list and the answers of facilitators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.feedback import rules, words
from courses.feedback.desk import asked_filter, blueprint, settings, state_of, step_here
from courses.feedback.digests import views as _digests  # noqa: F401 - more pages, same blueprint
from courses.feedback.files import views as _files  # noqa: F401 - more pages, same blueprint
from courses.feedback.forms import AnswerForm, ReportForm, WordForm
from courses.feedback.models import FeedbackKind, FeedbackState
from courses.feedback.queries import (
    Filter,
    count_by_step,
    count_reports,
    find_oldest_new,
    find_pictured,
    find_report,
    list_me_too_of,
    list_neighbours,
    list_reports,
    list_reports_of,
    list_shown,
    name_people,
)
from courses.feedback.together import views as _together  # noqa: F401 - more pages, same blueprint
from courses.feedback.together.rules import OPEN
from courses.paths import words as path_words
from courses.paths.queries import list_paths
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.pictures import clean_picture
from tierslieu.uploads.rules import KeptFile, keep_file
from tierslieu.uploads.sending import send_upload
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import Page, asked_page

PER_PAGE = 25


@blueprint.route("/etapes/<uuid:step_id>/signaler", methods=["GET", "POST"])
@signed_in
def report(step_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """Say what is wrong, unclear or missing in a step of a course; course and step are known."""
    session, person_id, step = db.session(), current_person().id, step_here(step_id)
    status = 422
    form = ReportForm(
        step,
        data={
            "unit": request.args.get("unite", ""),
            "location": step.url or step.version.path.url,
        },
    )
    if form.validate_on_submit():
        try:
            rules.check_pace(session, person_id, clock.now())  # before a picture costs anything
            picture = _kept_picture(form)
            rules.report(
                session,
                person_id,
                step_id,
                kind=FeedbackKind(form.kind.data),
                body=form.body.data or "",
                unit=form.unit.data or "",
                location=form.location.data or "",
                picture=picture,
                picture_text=form.picture_text.data or "",
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            if refused.code == "already_reported":
                flash(refused.message, "info")
                return redirect(url_for(".mine"))
            form.refuse(refused)
            status = refused.status if refused.status == 429 else 422
        else:
            db.session.commit()
            flash(_("Merci : votre signalement est enregistré. Suivez-le ici."), "success")
            return redirect(url_for(".mine"))
    step = step_here(step_id)
    page = render_template(
        "feedback/report.html",
        step=step,
        form=form,
        similar=list_shown(session, step),
        person_id=person_id,
        words=words,
        path_words=path_words,
    )
    return (page, status) if form.errors else page


def _kept_picture(form: ReportForm) -> KeptFile | None:
    """The screenshot drawn anew and written to the disk, outside any transaction; None without
    one. Raises :class:`Refused` (field ``picture``)."""
    given = form.picture.data
    if given is None or not given.filename:
        return None
    db.session.rollback()
    suffix, data = clean_picture(given.read())
    return keep_file(settings().uploads, f"capture{suffix}", data)


@blueprint.get("/signalements/<uuid:report_id>/capture")
@signed_in
def picture(report_id: UUID) -> Response:
    """The screenshot of a report, for whoever sent it and for the team."""
    found = find_pictured(db.session(), report_id, current_person())
    if found is None or found.picture is None:
        raise NotYours
    return send_upload(settings().uploads, found.picture)


@blueprint.post("/signalements/<uuid:report_id>/capture/retirer")
@signed_in
def remove_picture(report_id: UUID) -> BaseResponse:
    """Take a screenshot away: one's own, or one that shows somebody."""
    person = current_person()
    is_team = person.holds(FACILITATOR)
    rules.remove_picture(db.session(), report_id, person)
    db.session.commit()
    flash(_("La capture est retirée."), "success")
    own = not is_team or request.form.get("de") == "mine"
    return redirect(url_for(".mine") if own else url_for(".answer", report_id=report_id))


@blueprint.get("/mes-signalements")
@signed_in
def mine() -> str:
    """One's own reports, where one said «moi aussi», and what became of them."""
    session, person_id = db.session(), current_person().id
    return render_template(
        "feedback/mine.html",
        reports=list_reports_of(session, [person_id]),
        too=list_me_too_of(session, person_id),
        words=words,
        path_words=path_words,
    )


def _address_of(wanted: Filter) -> dict[str, str]:
    values = {
        "parcours": wanted.path,
        "genre": wanted.kind.value if wanted.kind else None,
        "etat": wanted.state.value if wanted.state else None,
    }
    return {name: value for name, value in values.items() if value}


def _list_page(form: WordForm | None = None) -> str:
    session, wanted, number = db.session(), asked_filter(), asked_page()
    found = list_reports(session, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "feedback/reports.html",
        page=Page(found, number, count_reports(session, wanted), PER_PAGE),
        by_step=count_by_step(session, wanted),
        wanted=wanted,
        address=_address_of(wanted),
        paths=list_paths(session),
        form=form or WordForm(formdata=None),
        words=words,
        path_words=path_words,
    )


@blueprint.get("/retours")
@roles(FACILITATOR)
def reports() -> str:
    """All reports, by path, kind and state, and where they gather."""
    return _list_page()


@blueprint.post("/retours")
@roles(FACILITATOR)
def send_many() -> BaseResponse | tuple[str, int]:
    """Note the ticked reports as sent, together."""
    session, form = db.session(), WordForm()
    ids = [UUID(text) for text in request.form.getlist("retour") if _is_id(text)]
    if form.validate():
        try:
            sent, left = rules.send_many(
                session,
                ids,
                actor_id=current_person().id,
                now=clock.now(),
                word=form.word.data or "",
                upstream_url=form.url.data or "",
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(words.sent_words(sent, left), "success" if sent else "info")
            address: dict[str, Any] = _address_of(asked_filter())
            return redirect(url_for(".reports", **address))
    return _list_page(form), 422


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@blueprint.route("/retours/<uuid:report_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def answer(report_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """One report with its history; bring it a step further, with a word."""
    session, form = db.session(), AnswerForm()
    if not form.is_submitted():
        form.shown.data = _is_shown(report_id)
    to_state = state_of(request.form.get("etat", ""))
    if to_state and form.validate_on_submit():
        try:
            rules.change_state(
                session,
                report_id,
                to_state,
                actor_id=current_person().id,
                now=clock.now(),
                word=form.word.data or "",
                seen=state_of(form.seen.data or ""),
                shown=bool(form.shown.data),
                upstream_url=form.url.data or "",
            )
        except Refused as refused:
            session.rollback()
            if refused.field is None:
                raise
            form.refuse(refused)
        else:
            session.commit()
            flash(_("C’est noté, et la personne qui a signalé l’apprend par mail."), "success")
            return redirect(url_for(".answer", report_id=report_id))
    found = find_report(session, report_id)
    if found is None:
        raise NotYours
    actors = [event.actor_id for event in found.events if event.actor_id]
    page = render_template(
        "feedback/answer.html",
        report=found,
        moves=rules.MOVES[found.state],
        names=name_people(session, actors),
        neighbours=list_neighbours(session, found),
        following=find_oldest_new(session, but=found.id),
        can_merge=found.merged_into_id is None and found.state in OPEN,
        form=form,
        words=words,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page


def _is_shown(report_id: UUID) -> bool:
    """What the box says first: for a new report yes, then what was chosen."""
    found = find_report(db.session(), report_id)
    return found is not None and (found.is_shown or found.state is FeedbackState.NEW)
