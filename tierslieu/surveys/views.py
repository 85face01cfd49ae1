"""Answering a questionnaire: signed in, or from the mailed address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.surveys import rules
from tierslieu.surveys.desk import blueprint, settings
from tierslieu.surveys.editing import views as _editing  # noqa: F401 - same blueprint
from tierslieu.surveys.forms import page_form, sent_answers, show_faults
from tierslieu.surveys.instruments.checking import BadAnswers
from tierslieu.surveys.instruments.flow import (
    answers_before,
    asked_pages,
    first_gap,
    page_to_resume,
)
from tierslieu.surveys.instruments.items import Item, Questionnaire
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Invitation, ResponseSheet
from tierslieu.surveys.pseudonyms import read_key, sheet_key
from tierslieu.surveys.queries import find_invitation_for, find_sheet
from tierslieu.surveys.studies import views as _studies  # noqa: F401 - same blueprint
from tierslieu.surveys.xlsform import views as _xlsform  # noqa: F401 - same blueprint
from tierslieu.web.access import current_person_or_none, public


def _invitation(code: str) -> Invitation:
    person = current_person_or_none()
    found = find_invitation_for(db.session(), person.id if person else None, code)
    if found is None:
        raise NotYours()
    return found


def _key(invitation: Invitation) -> bytes:
    return read_key(settings().keys, invitation.wave.study.slug)


def _begun(invitation: Invitation) -> ResponseSheet | None:
    return find_sheet(db.session(), sheet_key(_key(invitation), invitation.id))


def _language(invitation: Invitation, sheet: ResponseSheet | None) -> str:
    """Chosen on the page, else the one begun in, else the browser's."""
    languages = read_questionnaire(invitation.wave.instrument.content).languages
    for one in (request.args.get("langue"), sheet.language if sheet else None):
        if one in languages:
            return one
    return request.accept_languages.best_match(languages) or languages[0]


def _frame(invitation: Invitation, sheet: ResponseSheet | None) -> dict[str, Any]:
    """What every page of a questionnaire shows; never the person."""
    language = _language(invitation, sheet)
    questionnaire = read_questionnaire(invitation.wave.instrument.content, language)
    answers = _answers(sheet)
    return {
        "code": invitation.code,
        "about": invitation.label,
        "occurred_at": invitation.occurred_at,
        "is_session": invitation.wave.occasion == "after_session",
        "closes_at": invitation.closes_at,
        "questionnaire": questionnaire,
        "pages": [number + 1 for number in asked_pages(questionnaire, answers)],
        # In the addresses only where it was chosen.
        "chosen": language if "langue" in request.args else None,
    }


def _answers(sheet: ResponseSheet | None) -> dict[str, str]:
    return {answer.item: answer.value for answer in sheet.answers} if sheet else {}


@blueprint.get("/questionnaire/<code>")
@public
def questionnaire(code: str) -> str | tuple[str, int]:
    """The threshold: what is asked, what becomes of it; or thanks, or that it is closed."""
    invitation = _invitation(code)
    is_open = invitation.answered_at is None and rules.takes_answers(
        db.session(), invitation, clock.now()
    )
    sheet = _begun(invitation) if is_open else None
    frame = _frame(invitation, sheet)
    if invitation.answered_at is not None:
        return render_template("surveys/thanks.html", **frame)
    if not is_open:
        return render_template("surveys/closed.html", **frame), 410
    resume_at = None
    if sheet is not None:
        resume_at = page_to_resume(frame["questionnaire"], _answers(sheet), sheet.page) + 1
    return render_template(
        "surveys/threshold.html",
        resume_at=resume_at,
        is_declined=invitation.declined_at is not None,
        **frame,
    )


@blueprint.get("/questionnaire/<code>/page/<int:number>")
@public
def page(code: str, number: int) -> str | Response:
    """One page of items, as it was left."""
    invitation = _invitation(code)
    threshold = redirect(url_for(".questionnaire", code=code))
    if invitation.answered_at is not None or not rules.takes_answers(
        db.session(), invitation, clock.now()
    ):
        return threshold
    sheet = _begun(invitation)
    frame = _frame(invitation, sheet)
    if not 1 <= number <= len(frame["questionnaire"].pages):
        raise NotYours()
    reached = sheet.page + 1 if sheet else frame["pages"][0]
    if number > reached or number not in frame["pages"]:
        here = max((one for one in frame["pages"] if one <= reached), default=frame["pages"][0])
        return redirect(url_for(".page", code=code, number=here, langue=frame["chosen"]))
    answers = _answers(sheet)
    return _show_page(frame, number, page_form(_items(frame, number, answers), answers), answers)


def _items(frame: dict[str, Any], number: int, answers: Mapping[str, str]) -> tuple[Item, ...]:
    """Those of the page that are asked, or will be by what is answered on the page itself."""
    questionnaire: Questionnaire = frame["questionnaire"]
    before = answers_before(questionnaire, number - 1, answers)
    own: set[str] = set()
    found = []
    for item in questionnaire.pages[number - 1].items:
        hangs_here = item.when is not None and own & set(item.when.names())
        if item.when is None or hangs_here or item.when.holds(before):
            found.append(item)
            own |= {one.name for one in item.variables}
    return tuple(found)


def _show_page(frame: dict[str, Any], number: int, form: Any, answers: Mapping[str, str]) -> str:
    questionnaire: Questionnaire = frame["questionnaire"]
    return render_template(
        "surveys/page.html",
        number=number,
        page=questionnaire.pages[number - 1],
        items=_items(frame, number, answers),
        before=answers_before(questionnaire, number - 1, answers),
        form=form,
        **frame,
    )


@blueprint.post("/questionnaire/<code>/page/<int:number>")
@public
def save_page(code: str, number: int) -> Response | tuple[str, int]:
    """Keep this page's answers, then go on, back, or leave for later."""
    invitation = _invitation(code)
    go = request.form.get("go", "next")
    values = sent_answers(request.form.items())
    language = _language(invitation, _begun(invitation))
    try:
        sheet = rules.save_page(
            db.session(),
            invitation.id,
            _key(invitation),
            number - 1,
            values,
            now=clock.now(),
            partial=go in ("back", "later"),
            language=language,
        )
    except BadAnswers as bad:
        db.session.rollback()
        begun = _begun(invitation)
        frame, answers = _frame(invitation, begun), _answers(begun)
        form = page_form(_items(frame, number, answers), {})
        show_faults(form, bad)
        return _show_page(frame, number, form, answers), 422
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "info")
        return redirect(url_for(".questionnaire", code=code))
    db.session.commit()
    return redirect(_after(invitation, sheet, number, go))


def _after(invitation: Invitation, sheet: ResponseSheet, number: int, go: str) -> str:
    """Where one goes from page ``number``."""
    frame = _frame(invitation, sheet)
    pages: list[int] = frame["pages"]
    if go == "later":
        flash(
            _("Vos réponses sont gardées. Revenez quand vous voulez, ici ou ailleurs."), "success"
        )
    beside = [one for one in reversed(pages) if one < number] if go == "back" else []
    beside = [one for one in pages if one > number] if go == "next" else beside
    if go == "next" and not beside and not sheet.is_submitted:
        beside = [_missing_page(frame, _answers(sheet))]
    if beside:
        return url_for(".page", code=invitation.code, number=beside[0], langue=frame["chosen"])
    return url_for(".questionnaire", code=invitation.code, langue=frame["chosen"])


def _missing_page(frame: dict[str, Any], answers: Mapping[str, str]) -> int:
    """The page that keeps the questionnaire from being sent; says so."""
    questionnaire: Questionnaire = frame["questionnaire"]
    number = (first_gap(questionnaire, answers) or 0) + 1
    flash(
        _(
            "Il manque une réponse page %(number)d, « %(title)s » : donnez-la, puis envoyez. Vos "
            "autres réponses sont gardées.",
            number=frame["pages"].index(number) + 1,
            title=questionnaire.pages[number - 1].title,
        ),
        "error",
    )
    return number


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
