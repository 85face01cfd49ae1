"""The list of mails; one of them: read it, change it, try it, go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.admin.desk import blueprint
from tierslieu.admin.wording import rules
from tierslieu.admin.wording.drawing import draw_sample, frame_draft, frame_refusal, framed
from tierslieu.admin.wording.forms import WordingForm
from tierslieu.admin.wording.queries import name_writers
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.limits import guard
from tierslieu.limits.kinds import TRIAL_MAIL
from tierslieu.mail.letters.every import ROOMS
from tierslieu.mail.wording.queries import find_current, list_changed, list_versions
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.headers import POLICY
from tierslieu.web.languages import LOCALES, MAIN

PAGE = "/administration/textes/<string:template>"


def _language(asked: str | None) -> str:
    return asked if asked in LOCALES else MAIN


def _in_use(template: str) -> Mapping[str, str]:
    current = find_current(db.session(), template)
    return current.texts if current is not None else rules.ORIGINAL


@blueprint.get("/administration/textes")
@roles(ADMINISTRATOR)
def wordings() -> str:
    """Every mail the place can send."""
    changed = list_changed(db.session())
    return render_template("admin/wording/list.html", groups=ROOMS, changed=changed)


def _page(template: str, status: int = 200, form: Any = None) -> tuple[Response, int]:
    session, kind = db.session(), rules.kind_of(template)
    versions = list_versions(session, template)
    number = versions[0].number if versions else 0
    shown = form or WordingForm(formdata=None, data={**_in_use(template), "seen": str(number)})
    shown.seen.data = str(number)
    language = _language(request.args.get("langue"))
    page = render_template(
        "admin/wording/mail.html",
        kind=kind,
        form=shown,
        versions=versions,
        number=number,
        names=name_writers(session, versions),
        language=language,
        mail=draw_sample(kind, language, _in_use(template), current_person().email),
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response, status


@blueprint.get(PAGE)
@roles(ADMINISTRATOR)
def wording(template: str) -> tuple[Response, int]:
    """One mail."""
    return _page(template)


@blueprint.post(PAGE)
@roles(ADMINISTRATOR)
def save_wording(template: str) -> BaseResponse | tuple[Response, int]:
    """Change what it says."""
    rules.kind_of(template)
    form = WordingForm()
    if not form.validate_on_submit():
        return _page(template, 422, form)
    try:
        made = rules.save_wording(
            db.session(),
            template,
            form.texts,
            seen=form.version,
            by_id=current_person().id,
            now=clock.now(),
        )
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return _page(template, refused.status, form)
    return _back(
        template, _("C’est enregistré : les mails partent ainsi à partir de maintenant."), made
    )


def _back(template: str, message: str, made: object) -> BaseResponse:
    db.session.commit()
    flash(message if made else _("Rien n’a changé : ce mail disait déjà cela."), "success")
    return redirect(url_for("admin.wording", template=template))


@blueprint.get(f"{PAGE}/html/<string:language>")
@roles(ADMINISTRATOR)
def wording_html(template: str, language: str) -> Response:
    """The mail as it is laid out, with its sample, for the frame."""
    if language not in LOCALES:
        raise NotYours()
    kind = rules.kind_of(template)
    return framed(draw_sample(kind, language, _in_use(template), current_person().email).page)


@blueprint.post(f"{PAGE}/apercu")
@roles(ADMINISTRATOR)
def wording_draft(template: str) -> Response:
    """What is in the form, as it would arrive, in the frame; nothing is kept."""
    kind, form = rules.kind_of(template), WordingForm()
    if not form.validate_on_submit():
        return frame_refusal(next(str(said[0]) for said in form.errors.values()), 422)
    try:
        rules.check_texts(kind, form.texts)
    except Refused as refused:
        return frame_refusal(refused.message, refused.status)
    language = _language(request.form.get("langue"))
    return frame_draft(draw_sample(kind, language, form.texts, current_person().email))


@blueprint.post(f"{PAGE}/essai")
@roles(ADMINISTRATOR)
def wording_trial(template: str) -> BaseResponse:
    """Send it to oneself."""
    person, language = current_person(), _language(request.form.get("langue"))
    rules.kind_of(template)
    guard.check([(TRIAL_MAIL, guard.names().of_account(person.email))])
    rules.send_trial(db.session(), template, person, language=language, now=clock.now())
    return _back(template, _("Un essai part dans la minute à %(email)s.", email=person.email), True)


@blueprint.post(f"{PAGE}/versions/<int:number>")
@roles(ADMINISTRATOR)
def restore_wording(template: str, number: int) -> BaseResponse:
    """Say again what an earlier version said; 0 is the original."""
    seen = request.form.get("seen", "")
    try:
        made = rules.restore_wording(
            db.session(),
            template,
            number,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else -1,
            by_id=current_person().id,
            now=clock.now(),
        )
    except Refused as refused:
        if refused.code != "changed_meanwhile":
            raise
        raise Refused(
            _("Ce mail a changé entre-temps : regardez l’historique, puis choisissez de nouveau."),
            code=refused.code,
        ) from None
    message = (
        _("Le mail dit de nouveau ce que disait la version %(number)s.", number=number)
        if number
        else _("Le mail est revenu à son texte d’origine.")
    )
    return _back(template, message, made)
