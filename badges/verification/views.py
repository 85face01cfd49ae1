"""The public check: for people at ``/verifier``, for machines at ``/verify``. Nothing is kept:
uploads stay in memory, answers in no cache, and what is checked in no log and no table."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO, Any

from flask import Blueprint, Response, current_app, g, json, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from badges.awards import checks
from badges.awards.publishing import own_documents
from badges.awards.queries import find_identity
from badges.engine.baking import MAX_FILE_BYTES
from badges.engine.documents import decode_json
from badges.engine.errors import MalformedError
from badges.engine.presentations import PresentationReport
from badges.engine.report import Report
from badges.verification import presentations, reading
from badges.verification.fetching import Fetcher
from badges.verification.forms import VerifyForm
from badges.verification.reading import Reading, refuse
from badges.verification.summary import summarise
from badges.verification.turns import AFTER, Turn
from tierslieu import clock
from tierslieu.db import db
from tierslieu.house import House, PublishedDocument
from tierslieu.limits.guard import limited
from tierslieu.limits.kinds import VERIFY_CLIENT
from tierslieu.settings import Settings
from tierslieu.web.access import public
from tierslieu.web.errors import wants_json
from tierslieu.web.markdown import render_markdown

blueprint = Blueprint("verification", __name__)

NO_TOKEN = {"csrf": False}
MAX_JSON = 9 * 1024 * 1024  # bytes; the engine's own limits are lower and say so themselves
MAX_SHOWN = 200  # characters of one text in the credential as shown; pictures are long
UNTOLD = {"empty", "two_given", "address_malformed", "recipient_malformed"}  # asked wrongly: 400


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # Verifying changes nothing: scripts and other sites' forms may post without a token.
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.before_request
def _keep_off_the_disk() -> None:
    # Werkzeug writes uploads above 500 kB to a temporary file; the house takes 12 MB at most.
    request._get_file_stream = _in_memory  # type: ignore[method-assign]


def _in_memory(*args: Any, **more: Any) -> IO[bytes]:
    return io.BytesIO()


@blueprint.after_request
def _leave_no_trace(answered: Response) -> Response:
    """The camera may be asked for here; no browser keeps the answer, nor says where one was."""
    answered.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    answered.headers["Referrer-Policy"] = "no-referrer"
    if request.method == "POST":
        answered.headers["Cache-Control"] = "no-store"
    return answered


@blueprint.get("/verifier")
@blueprint.get("/verify", endpoint="ask_machine")
@public
def ask() -> str:
    """The form. ``?address=`` fills it in; a link of ours says ``#address=``, which no log sees."""
    form = VerifyForm(formdata=None, meta=NO_TOKEN)
    form.address.data = request.args.get("address", "")[: reading.MAX_ADDRESS]
    return _form_page(form)


@blueprint.post("/verifier")
@blueprint.post("/verify", endpoint="answer_machine")
@public
@limited(VERIFY_CLIENT)
def answer() -> Response:
    """The answer: a page in plain words first, or JSON when asked for; 503 and when to come back
    when other checks are out at other sites already."""
    g.turn = Turn()
    try:
        answered = _answer()
    finally:
        g.turn.end()
    return _busy() if g.turn.is_refused else answered


def _busy() -> Response:
    # Nothing was found wrong: it was not looked at.
    report = refuse("busy")
    first = replace(report.checks[0], outcome="unknown")
    report = replace(report, outcome="incomplete", checks=(first, *report.checks[1:]))
    if wants_json() or request.mimetype == "application/json":
        answered = _as_json(report, 503)
    else:
        form = VerifyForm(meta=NO_TOKEN)
        form.validate()
        field = getattr(form, _filled(form)[0])
        field.errors = [*field.errors, checks.say(report.checks[0])]
        answered = make_response(_form_page(form), 503)
    answered.headers["Retry-After"] = str(AFTER)
    return answered


def _answer() -> Response:
    if request.mimetype == "application/json":
        return _answer_json()
    form = VerifyForm(meta=NO_TOKEN)
    is_whole = form.validate()
    if wants_json():
        return _found_as_json(_read_form(form))
    if not is_whole:
        return make_response(_form_page(form), 422)
    found = _read_form(form)
    if found.several is not None:
        return make_response(_presentation_page(found.several))
    first = found.report.checks[0]
    if first.outcome == "failed" or found.report.credential is None:
        field = getattr(form, _filled(form)[0])
        field.errors = [*field.errors, checks.say(first)]
        return make_response(_form_page(form), 422)
    return make_response(_answer_page(found, form.recipient.data or ""))


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Response:
    """Beyond what the house takes at all: the same answer as for any badge that is too big."""
    report = refuse("too_large")
    if wants_json() or request.mimetype == "application/json":
        return _as_json(report, 413)
    form = VerifyForm(formdata=None, meta=NO_TOKEN)
    form.file.errors = [checks.say(report.checks[0])]
    return make_response(_form_page(form), 413)


# Pages


def _form_page(form: VerifyForm) -> str:
    return render_template("verification/ask.html", form=form, limit=MAX_FILE_BYTES)


def _presentation_page(several: PresentationReport) -> str:
    """Several badges at once: each with its own verdict."""
    base, own_id = _settings().base_url, _own_id()
    return render_template(
        "verification/presentation.html",
        report=several,
        sentence=presentations.verdict(several),
        lines=[checks.line(check) for check in several.checks],
        members=[presentations.describe_member(found, base, own_id) for found in several.members],
    )


def _answer_page(found: Reading, recipient: str) -> str:
    report = found.report
    document = report.credential or {}
    about = summarise(document, report, _settings().base_url, _own_id())
    lines = checks.describe(report)
    return render_template(
        "verification/answer.html",
        report=report,
        lines=lines,
        asking=[line for line in lines if line.asks],
        sentence=checks.verdict(report),
        about=about,
        criteria=render_markdown(about.criteria),
        recipient=recipient,
        text=found.text,
        raw=json.dumps(_shortened(document), ensure_ascii=False, indent=2, sort_keys=False),
        form=VerifyForm(formdata=None, meta=NO_TOKEN),
    )


def _shortened(value: Any) -> Any:
    """The same document, a picture written into it cut short."""
    if isinstance(value, dict):
        return {name: _shortened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shortened(member) for member in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > MAX_SHOWN:
        return f"{value[:MAX_SHOWN]}… ({len(value)})"
    return value


# Machines


def _answer_json() -> Response:
    """``{"credential": …}`` (an object, or a text), optionally ``recipient``."""
    raw = request.get_data()
    if len(raw) > MAX_JSON:
        return _as_json(refuse("too_large"), 413)
    try:
        # As strict as with a badge given as text: a member said twice could be read either way.
        asked = decode_json(raw)
    except MalformedError as error:
        return _as_json(refuse(error.code, error.params), 400)
    source = asked.get("credential") if isinstance(asked, dict) else None
    if not isinstance(source, dict | str) or not source:
        return _as_json(refuse("empty"), 400)
    recipient = asked.get("recipient") or None
    if not isinstance(recipient, str | None):
        return _as_json(refuse("recipient_malformed"), 400)
    return _found_as_json(_read(source, recipient))


def _found_as_json(found: Reading) -> Response:
    if found.several is not None:
        return _json(presentations.to_json(found.several))
    return _as_json(found.report)


def _as_json(report: Report, status: int = 200) -> Response:
    if report.checks[0].code in UNTOLD:
        status = 400
    return _json(checks.to_json(report), status)


def _json(found: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(found, ensure_ascii=False)
    return Response(text, status, content_type="application/json")


# What was given, and reading it


def _filled(form: VerifyForm) -> list[str]:
    """The fields somebody filled in; the text's when none."""
    given = [
        name
        for name in ("file", "text", "address")
        if (data := form[name].data) and (name == "file" or data.strip())
    ]
    return given or ["text"]


def _read_form(form: VerifyForm) -> Reading:
    recipient = form.recipient.data or None
    name, *others = _filled(form)
    if others:
        return Reading(refuse("two_given"))
    if name == "file" and len(request.files.getlist("file")) > 1:
        return Reading(refuse("two_given"))
    if name == "file":
        with form.file.data.stream as file:
            return _read(file.read(), recipient)
    given: str = form[name].data or ""
    # A badge in the field of addresses, an address in that of texts: what was meant is plain.
    is_badge = given.lstrip().startswith("{") or (given.count(".") == 2 and given.startswith("eyJ"))
    if reading.find_address(given) or (name == "address" and not is_badge):
        return _read_address(given, recipient)
    return _read(given, recipient)


def _read_address(address: str, recipient: str | None) -> Reading:
    base = _settings().base_url
    here = (f"{base}/verifier", f"{base}/verify")
    return reading.read_address(
        address, here, fetch=_fetcher(), now=clock.now(), recipient=recipient
    )


def _read(source: bytes | str | dict[str, Any], recipient: str | None) -> Reading:
    return reading.read(source, fetch=_fetcher(), now=clock.now(), recipient=recipient)


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def _own_id() -> str:
    identity = find_identity(db.session())
    return identity.did if identity else ""


def _fetcher() -> Fetcher:
    session = db.session()

    def leave() -> None:
        session.rollback()
        g.turn.take()

    house: House = current_app.extensions["tierslieu.house"]
    return Fetcher(
        own_documents(session, _settings()),
        typed=own_documents(session, _settings(), house.all(PublishedDocument)),
        before_leaving=leave,
    )
