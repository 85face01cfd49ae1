"""The public check: for people at ``/verifier``, for machines at ``/verify``. Nothing is kept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, json, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from badges.awards import checks
from badges.awards.publishing import own_documents
from badges.designs.markdown import render_markdown
from badges.engine.errors import EngineError
from badges.engine.presentations import (
    PresentationReport,
    is_presentation,
    verify_presentation,
)
from badges.engine.report import STEPS, Check, Report
from badges.engine.verify import verify
from badges.verification.fetching import Fetcher
from badges.verification.forms import VerifyForm
from badges.verification.presentations import describe_member, to_json, verdict
from badges.verification.summary import summarise
from tierslieu import clock
from tierslieu.db import db
from tierslieu.settings import Settings
from tierslieu.web.access import public
from tierslieu.web.errors import wants_json

blueprint = Blueprint("verification", __name__)

NO_TOKEN = {"csrf": False}
MAX_JSON = 9 * 1024 * 1024  # bytes; the engine's own limits are lower and say so themselves


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # Verifying changes nothing: scripts and other sites' forms may post without a token.
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.get("/verifier")
@blueprint.get("/verify", endpoint="ask_machine")
@public
def ask() -> str:
    """The form."""
    form = VerifyForm(formdata=None, meta=NO_TOKEN)
    form.address.data = request.args.get("address", "")
    return render_template("verification/ask.html", form=form)


@blueprint.post("/verifier")
@blueprint.post("/verify", endpoint="answer_machine")
@public
def answer() -> Response | str | tuple[str, int]:
    """The answer, step by step: a page, or JSON when asked for."""
    if request.mimetype == "application/json":
        return _answer_json()
    form = VerifyForm(meta=NO_TOKEN)
    if not form.validate():
        if wants_json():
            return _as_json(_unreadable("not_json"), 400)
        return render_template("verification/ask.html", form=form), 422
    report = _verify_form(form)
    if isinstance(report, PresentationReport):
        return _answer_presentation(report)
    if wants_json():
        return _as_json(report, 400 if report.check("read").code == "empty" else 200)
    if report.check("read").outcome == "failed":
        field = _given(form)
        field.errors = [*field.errors, checks.say(report.check("read"))]
        return render_template("verification/ask.html", form=form), 422
    about = summarise(report.credential or {}, report, _settings().base_url)
    return render_template(
        "verification/answer.html",
        report=report,
        lines=checks.describe(report),
        sentence=checks.verdict(report),
        about=about,
        criteria=render_markdown(about.criteria),
        form=form,
    )


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Response | tuple[str, int]:
    """Beyond what the house takes at all: the same answer as for any badge that is too big."""
    report = _unreadable("too_large")
    if wants_json() or request.mimetype == "application/json":
        return _as_json(report, 413)
    form = VerifyForm(formdata=None, meta=NO_TOKEN)
    form.file.errors = [checks.say(report.check("read"))]
    return render_template("verification/ask.html", form=form), 413


def _answer_json() -> Response:
    """``{"credential": …}`` (an object, or a text), optionally ``recipient``."""
    raw = request.get_data()
    if len(raw) > MAX_JSON:
        return _as_json(_unreadable("too_large"), 413)
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError):
        return _as_json(_unreadable("not_json"), 400)
    source = asked.get("credential") if isinstance(asked, dict) else None
    if not isinstance(source, dict | str) or not source:
        return _as_json(_unreadable("empty"), 400)
    recipient = asked.get("recipient")
    return _as_json(_run(source, recipient if isinstance(recipient, str) and recipient else None))


def _answer_presentation(report: PresentationReport) -> Response | str:
    """Several badges at once: each with its own verdict."""
    if wants_json():
        return _as_json(report)
    return render_template(
        "verification/presentation.html",
        report=report,
        sentence=verdict(report),
        lines=[checks.line(check) for check in report.checks],
        members=[describe_member(found, _settings().base_url) for found in report.members],
    )


def _as_json(report: Report | PresentationReport, status: int = 200) -> Response:
    found = checks.to_json(report) if isinstance(report, Report) else to_json(report)
    text = json.dumps(found, ensure_ascii=False)
    answered = Response(text, status, content_type="application/json")
    answered.headers["Cache-Control"] = "no-store"
    return answered


def _unreadable(code: str) -> Report:
    """A report on something that never reached the engine."""
    found = tuple(
        Check(step, "failed", code, code)
        if step == "read"
        else Check(step, "unknown", "not_reached", "not reached")
        for step in STEPS
    )
    return Report("invalid", found, None)


def _given(form: VerifyForm) -> Any:
    """The field the person filled in."""
    if form.file.data:
        return form.file
    return form.address if not form.text.data and form.address.data else form.text


def _verify_form(form: VerifyForm) -> Report | PresentationReport:
    recipient = form.recipient.data or None
    field = _given(form)
    if field is form.file:
        with form.file.data.stream as file:
            return _run(file.read(), recipient)
    if field is form.text:
        return _run(form.text.data or "", recipient)
    fetch = _fetcher()
    try:
        found = fetch(form.address.data)
    except EngineError as error:
        return _unreachable(error)
    return _run(found, recipient, fetch)


def _unreachable(error: EngineError) -> Report:
    report = _unreadable(error.code)
    first = Check("read", "failed", error.code, error.message, error.params)
    return Report("invalid", (first, *report.checks[1:]), None)


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def _fetcher() -> Fetcher:
    session = db.session()
    return Fetcher(own_documents(session, _settings()), before_leaving=session.rollback)


def _run(
    source: bytes | str | dict[str, Any], recipient: str | None, fetch: Fetcher | None = None
) -> Report | PresentationReport:
    fetch = fetch or _fetcher()
    work = verify_presentation if is_presentation(source) else verify
    return work(source, fetch=fetch, now=clock.now(), recipient=recipient)
