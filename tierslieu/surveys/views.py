"""Answering a questionnaire: signed in, or from the mailed address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.settings import Settings
from tierslieu.surveys import rules
from tierslieu.surveys.forms import NOT_ITEMS, page_form, show_faults
from tierslieu.surveys.instruments import BadAnswers, Questionnaire, read_questionnaire
from tierslieu.surveys.models import Invitation, ResponseSheet
from tierslieu.surveys.pseudonyms import read_key, sheet_key
from tierslieu.surveys.queries import find_invitation_for, find_sheet
from tierslieu.web.access import current_person_or_none, public

blueprint = Blueprint("surveys", __name__)


def _invitation(code: str) -> Invitation:
    person = current_person_or_none()
    found = find_invitation_for(db.session(), person.id if person else None, code)
    if found is None:
        raise NotYours()
    return found


def _key(invitation: Invitation) -> bytes:
    settings: Settings = current_app.config["TIERSLIEU"]
    return read_key(settings.keys_folder, invitation.wave.study.slug)


def _begun(invitation: Invitation) -> ResponseSheet | None:
    return find_sheet(db.session(), sheet_key(_key(invitation), invitation.id))


def _frame(invitation: Invitation) -> dict[str, Any]:
    """What every page of a questionnaire shows; never the person."""
    questionnaire = read_questionnaire(invitation.wave.instrument.content)
    return {
        "code": invitation.code,
        "about": invitation.label,
        "occurred_at": invitation.occurred_at,
        "is_session": invitation.wave.occasion == "after_session",
        "closes_at": invitation.closes_at,
        "questionnaire": questionnaire,
    }


@blueprint.get("/questionnaire/<code>")
@public
def questionnaire(code: str) -> str | tuple[str, int]:
    """The threshold: what is asked, what becomes of it; or thanks, or that it is closed."""
    invitation = _invitation(code)
    frame = _frame(invitation)
    if invitation.answered_at is not None:
        return render_template("surveys/thanks.html", **frame)
    if rules.is_closed(invitation, clock.now()):
        return render_template("surveys/closed.html", **frame), 410
    sheet = _begun(invitation)
    return render_template(
        "surveys/threshold.html",
        resume_at=sheet.page + 1 if sheet else None,
        is_declined=invitation.declined_at is not None,
        **frame,
    )


@blueprint.get("/questionnaire/<code>/page/<int:number>")
@public
def page(code: str, number: int) -> str | Response:
    """One page of items, as it was left."""
    invitation = _invitation(code)
    threshold = redirect(url_for(".questionnaire", code=code))
    if invitation.answered_at is not None or rules.is_closed(invitation, clock.now()):
        return threshold
    sheet = _begun(invitation)
    reached = sheet.page + 1 if sheet else 1
    if number > reached:
        return redirect(url_for(".page", code=code, number=reached))
    frame = _frame(invitation)
    asked: Questionnaire = frame["questionnaire"]
    if not 1 <= number <= len(asked.pages):
        raise NotYours()
    answers = {answer.item: answer.value for answer in sheet.answers} if sheet else {}
    form = page_form(asked.pages[number - 1].items, answers)
    return _show_page(frame, number, form)


def _show_page(frame: dict[str, Any], number: int, form: Any) -> str:
    sheet = frame["questionnaire"].pages[number - 1]
    return render_template("surveys/page.html", number=number, page=sheet, form=form, **frame)


@blueprint.post("/questionnaire/<code>/page/<int:number>")
@public
def save_page(code: str, number: int) -> Response | tuple[str, int]:
    """Keep this page's answers, then go on, back, or leave for later."""
    invitation = _invitation(code)
    go = request.form.get("go", "next")
    values = {name: text for name, text in request.form.items() if name not in NOT_ITEMS}
    frame = _frame(invitation)
    try:
        rules.save_page(
            db.session(),
            invitation.id,
            _key(invitation),
            number - 1,
            values,
            now=clock.now(),
            partial=go in ("back", "later"),
        )
    except BadAnswers as bad:
        db.session.rollback()
        form = page_form(frame["questionnaire"].pages[number - 1].items, {})
        show_faults(form, bad)
        return _show_page(frame, number, form), 422
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error" if refusal.code == "incomplete" else "info")
        return redirect(url_for(".questionnaire", code=code))
    db.session.commit()
    pages = len(frame["questionnaire"].pages)
    if go == "back" and number > 1:
        return redirect(url_for(".page", code=code, number=number - 1))
    if go == "next" and number < pages:
        return redirect(url_for(".page", code=code, number=number + 1))
    if go == "later":
        flash(
            _("Vos réponses sont gardées. Revenez quand vous voulez, ici ou ailleurs."), "success"
        )
    return redirect(url_for(".questionnaire", code=code))


@blueprint.post("/questionnaire/<code>/pas-cette-fois")
@public
def decline(code: str) -> Response:
    """Say no, once, without a reason."""
    invitation = _invitation(code)
    try:
        rules.decline(db.session(), invitation.id, _key(invitation), now=clock.now())
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "info")
        return redirect(url_for(".questionnaire", code=code))
    db.session.commit()
    if current_person_or_none() is not None:
        flash(_("C’est noté : ce questionnaire ne vous sera plus proposé."), "success")
        return redirect("/")
    return redirect(url_for(".questionnaire", code=code))
