"""Sign-up: the setting, the list of invitations, inviting many, codes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.admin.desk import blueprint
from tierslieu.admin.entry.forms import (
    EVERYBODY,
    INVITED,
    OPENS,
    STAYS_CLOSED,
    AddressesForm,
    CodeForm,
    EntryForm,
    day_of,
    end_of,
)
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.entry import inviting
from tierslieu.people.entry.inviting import Fate
from tierslieu.people.entry.models import EntrySetting
from tierslieu.people.entry.queries import (
    count_invitations,
    find_invitation,
    list_invitations,
    read_setting,
)
from tierslieu.people.entry.rules import Door, State, door_of, last_day, set_entry, state_of
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.settings import Settings
from tierslieu.web import shown_once
from tierslieu.web.access import current_person, roles
from tierslieu.web.headers import answer_secretly
from tierslieu.web.paging import PER_PAGE, Page, asked_page

PAGE = "/administration/inscriptions"
ONE = f"{PAGE}/<uuid:invitation_id>"
MADE = "invitation_code"  # as it is handed to the page that shows it
CODE = "code-"  # before the names of its fields: two forms stand on the page
USUAL = timedelta(days=30)  # how long an invitation is offered to last
STATES = {
    State.MADE: (_l("envoyée"), "mer"),
    State.OPENED: (_l("ouverte"), "sun"),
    State.USED: (_l("acceptée"), "ok"),
    State.ENDED: (_l("terminée"), "plain"),
    State.REVOKED: (_l("retirée"), "terra"),
}
FATES = {
    Fate.INVITED: (_l("sera invitée"), "ok"),
    Fate.KNOWN: (_l("a déjà un compte : rien ne part"), "plain"),
    Fate.ALREADY: (_l("déjà invitée : rien ne part"), "plain"),
    Fate.TWICE: (_l("deux fois dans la liste"), "plain"),
    Fate.NO_ADDRESS: (_l("n’est pas une adresse mail"), "terra"),
}


def _filled(setting: EntrySetting | None) -> EntryForm:
    if setting is None:
        return EntryForm(formdata=None, data={"who": EVERYBODY, "seen": "0"})
    data = {
        "who": INVITED if setting.is_closed else EVERYBODY,
        "last": day_of(setting.ends_at) if setting.ends_at is not None else None,
        "after": OPENS if setting.opens_after else STAYS_CLOSED,
    }
    return EntryForm(formdata=None, data=data)


def _usual_end(setting: EntrySetting | None) -> Any:
    now = clock.now()
    usual = day_of(now + USUAL)
    if setting is None or not setting.is_closed or setting.ends_at is None:
        return usual
    return min(usual, day_of(setting.ends_at)) if setting.ends_at > now else usual


def _page(status: int = 200, form: Any = None, code: Any = None) -> tuple[str, int]:
    session, now, number = db.session(), clock.now(), asked_page()
    setting = read_setting(session)
    shown = form or _filled(setting)
    shown.seen.data = str(setting.version if setting is not None else 0)
    found = list_invitations(session, (number - 1) * PER_PAGE, PER_PAGE)
    page = render_template(
        "admin/entry/overview.html",
        form=shown,
        code=code
        or CodeForm(
            formdata=None, prefix=CODE, data={"most_uses": 20, "last": _usual_end(setting)}
        ),
        setting=setting,
        door=door_of(setting, now),
        doors=Door,
        last_day=last_day,
        page=Page([(one, state_of(one, now)) for one in found], number, count_invitations(session)),
        words=STATES,
        states=State,
    )
    return page, status


def _back(message: str) -> BaseResponse:
    db.session.commit()
    flash(message, "success")
    return redirect(url_for("admin.entry"))


@blueprint.get(PAGE)
@roles(ADMINISTRATOR)
def entry() -> tuple[str, int]:
    """Who may make an account; who was invited."""
    return _page()


@blueprint.post(PAGE)
@roles(ADMINISTRATOR)
def set_sign_up() -> BaseResponse | tuple[str, int]:
    """Close sign-up, or open it."""
    form = EntryForm()
    if not form.validate_on_submit():
        return _page(422, form)
    seen = form.seen.data or ""
    try:
        set_entry(
            db.session(),
            is_closed=form.who.data == INVITED,
            ends_at=end_of(form.last.data) if form.last.data else None,
            opens_after=form.after.data == OPENS,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else -1,
            by_id=current_person().id,
            now=clock.now(),
        )
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return _page(refused.status, form)
    if form.who.data == INVITED:
        return _back(_("C’est fait : on n’ouvre plus de compte que sur invitation."))
    return _back(_("C’est fait : tout le monde peut ouvrir un compte."))


@blueprint.route(f"{PAGE}/adresses", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
def invite_many() -> str | BaseResponse | tuple[str, int]:
    """Invite a list of addresses: first what would happen to each line, then it does."""
    session, now = db.session(), clock.now()
    form = AddressesForm()
    if not form.is_submitted():
        form.last.data = _usual_end(read_setting(session))
    lines: list[inviting.Line] = []
    if form.validate_on_submit():
        text, ends_at = form.text.data or "", end_of(form.last.data)
        try:
            if request.form.get("sure") == "yes":
                done = inviting.invite_addresses(
                    session, text, ends_at=ends_at, by_id=current_person().id, now=now
                )
                count = inviting.counted(done)[Fate.INVITED]
                return _back(
                    ngettext(
                        "%(num)d invitation part dans la minute.",
                        "%(num)d invitations partent dans la minute.",
                        count,
                    )
                    if count
                    else _("Personne n’a été invité : aucune de ces lignes ne pouvait l’être.")
                )
            inviting.check_end(session, ends_at, now)
            lines = inviting.read_lines(session, text, now)
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
    page = render_template(
        "admin/entry/addresses.html",
        form=form,
        lines=lines,
        counts=inviting.counted(lines),
        fates=Fate,
        words=FATES,
        door=door_of(read_setting(session), now),
        doors=Door,
    )
    return (page, 422) if form.errors else page


@blueprint.post(f"{PAGE}/code")
@roles(ADMINISTRATOR)
def make_code() -> BaseResponse | tuple[str, int]:
    """A code for several people; the page it leads to shows it, once."""
    form = CodeForm(prefix=CODE)
    if not form.validate_on_submit():
        return _page(422, code=form)
    try:
        made, code = inviting.make_code(
            db.session(),
            form.label.data or "",
            most_uses=form.most_uses.data or 0,
            ends_at=end_of(form.last.data),
            by_id=current_person().id,
            now=clock.now(),
        )
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return _page(refused.status, code=form)
    shown_once.hand_over(MADE, code=code, id=str(made.id))
    db.session.commit()
    return redirect(url_for("admin.show_code"))


@blueprint.get(f"{PAGE}/code")
@roles(ADMINISTRATOR)
def show_code() -> Response | BaseResponse:
    """The code just made; loaded anew, it makes no other and shows none."""
    words = shown_once.take(MADE)
    made = find_invitation(db.session(), UUID(words["id"])) if words is not None else None
    if words is None or made is None:
        flash(
            _("Un code n’est montré qu’une fois. Perdu ? Retirez-le, et faites-en un autre."),
            "info",
        )
        return redirect(url_for("admin.entry"))
    settings: Settings = current_app.config["TIERSLIEU"]
    code = words["code"]
    link = settings.base_url + url_for("people.invitation", secret=code)
    page = render_template(
        "admin/entry/code.html", made=made, code=code, link=link, day=last_day(made.ends_at)
    )
    return answer_secretly(page)


@blueprint.post(f"{ONE}/renvoyer")
@roles(ADMINISTRATOR)
def send_invitation(invitation_id: UUID) -> BaseResponse:
    """Another mail to the same address."""
    inviting.send_again(db.session(), invitation_id, now=clock.now())
    return _back(_("L’invitation repart dans la minute, avec un nouveau lien."))


@blueprint.post(f"{ONE}/retirer")
@roles(ADMINISTRATOR)
def revoke_invitation(invitation_id: UUID) -> BaseResponse:
    """It opens nothing any more."""
    inviting.revoke_invitation(db.session(), invitation_id, now=clock.now())
    return _back(_("L’invitation est retirée. « Rétablir » la rouvre, avec le même lien."))


@blueprint.post(f"{ONE}/retablir")
@roles(ADMINISTRATOR)
def restore_invitation(invitation_id: UUID) -> BaseResponse:
    """Undo it."""
    inviting.restore_invitation(db.session(), invitation_id, now=clock.now())
    return _back(_("L’invitation est rétablie : son lien ouvre de nouveau."))
