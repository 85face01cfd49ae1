"""The pages of reports: saying it, and for the team looking at it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.aid.asks.queries import find_message
from tierslieu.community.aid.asks.words import ask_title, author_name, pieces
from tierslieu.community.aid.desk import aid_reader
from tierslieu.community.aid.groups.queries import Group, Reader, names_of
from tierslieu.community.aid.groups.words import group_name
from tierslieu.community.aid.models import AidMessage
from tierslieu.community.aid.moderation import rules, words
from tierslieu.community.aid.moderation.forms import ModerateForm, ReportForm, SuspendForm
from tierslieu.community.aid.moderation.queries import (
    count_decisions,
    count_queue,
    count_reports,
    list_decisions,
    list_queue,
    list_reports,
    people_names,
    suspended_until,
)
from tierslieu.community.desk import PER_PAGE, blueprint, settings
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import roles, signed_in
from tierslieu.web.paging import Page, asked_page

Answer = str | Response | tuple[str, int]


def _message(reader: Reader, message_id: UUID) -> AidMessage:
    message = find_message(db.session(), reader, message_id)
    if message is None:
        raise NotYours
    return message


def _told(message: AidMessage) -> dict[str, object]:
    names = names_of(db.session(), [message.author_id])
    return {
        "message": message,
        "author": author_name(names, message),
        "title": ask_title(message.ask),
        "pieces": pieces,
        "group_name": group_name(Group(message.ask.path, message.ask.cohort)),
    }


@blueprint.route("/entraide/messages/<uuid:message_id>/signaler", methods=["GET", "POST"])
@signed_in
def aid_report(message_id: UUID) -> Answer:
    """Say that a message is not to stay."""
    session, reader, form = db.session(), aid_reader(), ReportForm()
    if form.validate_on_submit():
        reason = form.asked()
        try:
            if reason is None:
                message_ = _("Choisissez ce qui ne va pas.")
                raise Refused(message_, code="reason_missing", field="reason", status=422)
            rules.report(
                session,
                reader,
                message_id,
                reason=reason,
                words=form.words.data or "",
                now=clock.now(),
                hides_at=settings().aid_hides_at,
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            flash(
                _("Merci. L’équipe va lire ce message ; votre nom n’est dit qu’à elle."), "success"
            )
            return redirect(url_for(".aid"))
    page = render_template(
        "community/aid/report.html", form=form, **_told(_message(aid_reader(), message_id))
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/entraide/moderation")
@roles(FACILITATOR)
def aid_queue() -> str:
    """Messages that were reported, and what was decided so far."""
    session, number = db.session(), asked_page()
    found = list_queue(session, limit=PER_PAGE, offset=0)
    decisions = list_decisions(session, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    people = [*(one.author_id for one in found), *(one.person_id for one in decisions)]
    return render_template(
        "community/aid/queue.html",
        queue=found,
        total=count_queue(session),
        reports=count_reports(session, [message.id for message in found]),
        names=people_names(session, [*people, *(one.actor_id for one in decisions)]),
        page=Page(decisions, number, count_decisions(session), PER_PAGE),
        ask_title=ask_title,
        group_name=group_name,
        Group=Group,
        act_words=words.act_words,
    )


@blueprint.route("/entraide/messages/<uuid:message_id>/moderer", methods=["GET", "POST"])
@roles(FACILITATOR)
def aid_moderate(message_id: UUID) -> Answer:
    """Look at a message: leave, hide, restore or remove it, with a word."""
    session, reader, form = db.session(), aid_reader(), ModerateForm()
    message = _message(reader, message_id)
    waiting = list_reports(session, message_id, is_open=True)
    form.offer(is_hidden=message.hidden_at is not None, by_reports=bool(waiting))
    if form.validate_on_submit():
        act = form.asked()
        try:
            if act is None:
                said = _("Choisissez ce qu’il faut faire.")
                raise Refused(said, code="act_missing", field="act", status=422)
            rules.moderate(
                session, reader, message_id, act, word=form.word.data or "", now=clock.now()
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            flash(_("C’est fait, et c’est noté."), "success")
            return redirect(url_for(".aid_queue"))
    page = _show(reader, message_id, form, SuspendForm(formdata=None, data={"days": 7}))
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/entraide/messages/<uuid:message_id>/suspendre")
@roles(FACILITATOR)
def aid_suspend(message_id: UUID) -> Answer:
    """Whoever wrote this message does not write for some days."""
    session, reader, form = db.session(), aid_reader(), SuspendForm()
    if form.validate():
        try:
            rules.suspend(
                session,
                reader,
                message_id,
                count=form.days.data or 0,
                word=form.why.data or "",
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            flash(_("Cette personne lit encore, et n’écrit plus jusque-là."), "success")
            return redirect(url_for(".aid_moderate", message_id=message_id))
    return _show(aid_reader(), message_id, ModerateForm(formdata=None), form), 422


@blueprint.post("/entraide/messages/<uuid:message_id>/lever")
@roles(FACILITATOR)
def aid_lift(message_id: UUID) -> Response:
    """End a suspension."""
    rules.lift(db.session(), aid_reader(), message_id, now=clock.now())
    db.session.commit()
    flash(_("Cette personne peut de nouveau écrire."), "success")
    return redirect(url_for(".aid_moderate", message_id=message_id))


def _show(reader: Reader, message_id: UUID, form: ModerateForm, suspend_form: SuspendForm) -> str:
    session, message = db.session(), _message(reader, message_id)
    reports = list_reports(session, message_id)
    waiting = [one for one in reports if one.settled_at is None]
    form.offer(is_hidden=message.hidden_at is not None, by_reports=bool(waiting))
    history = list_decisions(session, message_id=message_id, person_id=message.author_id)
    author_id = message.author_id
    is_own = author_id == reader.user_id
    # Whoever wrote it learns neither who reported it nor what was said, nor who decided.
    people = [] if is_own else [one.reporter_id for one in reports]
    people += [] if is_own else [one.actor_id for one in history]
    return render_template(
        "community/aid/moderate.html",
        **_told(message),
        form=form,
        suspend_form=suspend_form,
        reports=[] if is_own else reports,
        report_count=len(reports),
        history=history,
        names=people_names(session, [*people, author_id]),
        is_own=is_own,
        until=suspended_until(session, author_id, clock.now()) if author_id else None,
        reasons=words.reason_words(),
        act_words=words.act_words,
    )
