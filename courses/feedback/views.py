"""Reporting on a course; one's own reports; the list, the answers and the CSV of facilitators."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.feedback import rules, words
from courses.feedback.forms import AnswerForm, ReportForm
from courses.feedback.models import FeedbackKind, FeedbackState
from courses.feedback.queries import (
    Filter,
    count_by_step,
    count_reports,
    find_oldest_new,
    find_report,
    list_neighbours,
    list_reports,
    list_reports_of,
    name_people,
)
from courses.feedback.table import write_csv
from courses.paths import words as path_words
from courses.paths.models import Step
from courses.paths.queries import find_path, find_step, list_paths
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import Page, asked_page

blueprint = Blueprint("feedback", __name__)
PER_PAGE = 25


def _step(step_id: UUID) -> Step:
    step = find_step(db.session(), step_id)
    if step is None:
        raise NotYours
    return step


@blueprint.route("/etapes/<uuid:step_id>/signaler", methods=["GET", "POST"])
@signed_in
def report(step_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """Say what is wrong, unclear or missing in a step of a course; course and step are known."""
    step = _step(step_id)
    form = ReportForm(
        step,
        data={
            "unit": request.args.get("unite", ""),
            "location": step.url or step.version.path.url,
        },
    )
    if form.validate_on_submit():
        try:
            rules.report(
                db.session(),
                current_person().id,
                step_id,
                kind=FeedbackKind(form.kind.data),
                body=form.body.data or "",
                unit=form.unit.data or "",
                location=form.location.data or "",
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            if refused.code == "already_reported":
                flash(refused.message, "info")
                return redirect(url_for(".mine"))
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Merci : votre signalement est enregistré. Suivez-le ici."), "success")
            return redirect(url_for(".mine"))
    page = render_template(
        "feedback/report.html", step=_step(step_id), form=form, path_words=path_words
    )
    return (page, 422) if form.errors else page


@blueprint.get("/mes-signalements")
@signed_in
def mine() -> str:
    """One's own reports and what became of them."""
    reports = list_reports_of(db.session(), [current_person().id])
    return render_template(
        "feedback/mine.html", reports=reports, words=words, path_words=path_words
    )


def _state(text: str) -> FeedbackState | None:
    return FeedbackState(text) if text in {state.value for state in FeedbackState} else None


def _asked_filter() -> Filter:
    """The filter in the address; anything strange is no filter."""
    path, kind, state = (request.args.get(name, "") for name in ("parcours", "genre", "etat"))
    return Filter(
        path=path if path.isprintable() and find_path(db.session(), path) else None,
        kind=FeedbackKind(kind) if kind in {k.value for k in FeedbackKind} else None,
        state=_state(state),
    )


def _address_of(wanted: Filter) -> dict[str, str]:
    values = {
        "parcours": wanted.path,
        "genre": wanted.kind.value if wanted.kind else None,
        "etat": wanted.state.value if wanted.state else None,
    }
    return {name: value for name, value in values.items() if value}


@blueprint.get("/retours")
@roles(FACILITATOR)
def reports() -> str:
    """All reports, by path, kind and state, and where they gather."""
    session, wanted, number = db.session(), _asked_filter(), asked_page()
    found = list_reports(session, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "feedback/reports.html",
        page=Page(found, number, count_reports(session, wanted), PER_PAGE),
        by_step=count_by_step(session, wanted),
        wanted=wanted,
        address=_address_of(wanted),
        paths=list_paths(session),
        words=words,
        path_words=path_words,
    )


@blueprint.get("/retours.csv")
@roles(FACILITATOR)
def table() -> Response:
    """The same reports as the page with the same filters, for the course team."""
    lines = write_csv(list_reports(db.session(), _asked_filter()))
    day = clock.to_local(clock.now()).date().isoformat()
    return Response(
        "".join(lines).encode(),
        content_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="retours-{day}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


@blueprint.route("/retours/<uuid:report_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def answer(report_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """One report with its history; bring it a step further, with a word."""
    session, form = db.session(), AnswerForm()
    to_state = _state(request.form.get("etat", ""))
    if to_state and form.validate_on_submit():
        try:
            rules.change_state(
                session,
                report_id,
                to_state,
                actor_id=current_person().id,
                now=clock.now(),
                word=form.word.data or "",
                seen=_state(form.seen.data or ""),
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
        form=form,
        words=words,
        path_words=path_words,
    )
    return (page, 422) if form.errors else page
