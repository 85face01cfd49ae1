"""One account: suspend, reopen, end its sessions, send the confirmation again, join; invite."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security.confirmable import send_confirmation_instructions
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.admin.accounts.forms import InvitationForm, OtherAccountForm, SuspensionForm
from tierslieu.admin.accounts.showing import last_seen
from tierslieu.admin.desk import blueprint, house
from tierslieu.admin.words import ROLE_LABELS
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.forms import AUDIENCE_LABELS
from tierslieu.people.joining.rules import join_accounts, list_blocks
from tierslieu.people.models import ADMINISTRATOR, User
from tierslieu.people.queries import find_person, find_user
from tierslieu.people.stepping_up import step_up
from tierslieu.people.suspending import (
    end_sessions,
    find_suspension,
    invite_person,
    reopen_account,
    suspend_account,
)
from tierslieu.web.access import current_person, roles

PAGE = "/administration/personnes/<uuid:user_id>"


def _found(user_id: UUID) -> User:
    found = find_person(db.session(), user_id)
    if found is None:
        raise NotYours()
    return found


def _page(user_id: UUID, status: int = 200, **forms: Any) -> tuple[str, int]:
    session, found = db.session(), _found(user_id)
    page = render_template(
        "admin/person.html",
        person=found,
        labels=ROLE_LABELS,
        audiences=AUDIENCE_LABELS,
        suspension=find_suspension(session, user_id),
        last=last_seen(session, house(), user_id, clock.now()),
        is_own=user_id == current_person().id,
        form=forms.get("form") or SuspensionForm(formdata=None),
        joining=forms.get("joining") or OtherAccountForm(formdata=None),
    )
    return page, status


def _back(user_id: UUID, message: str) -> BaseResponse:
    db.session.commit()
    flash(message, "success")
    return redirect(url_for("admin.person", user_id=user_id))


@blueprint.get(PAGE)
@roles(ADMINISTRATOR)
def person(user_id: UUID) -> tuple[str, int]:
    """One person: what account, which roles; nothing of what they do here."""
    return _page(user_id)


@blueprint.post(f"{PAGE}/suspendre")
@roles(ADMINISTRATOR)
@step_up
def suspend(user_id: UUID) -> BaseResponse | tuple[str, int]:
    """Close an account for a while."""
    form = SuspensionForm()
    _found(user_id)
    if not form.validate_on_submit():
        return _page(user_id, 422, form=form)
    try:
        suspended = suspend_account(
            db.session(),
            user_id,
            form.reason.data or "",
            actor_id=current_person().id,
            now=clock.now(),
        )
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return _page(user_id, refused.status, form=form)
    return _back(
        user_id,
        _("Le compte de %(name)s est suspendu. Il se rouvre sur cette page.", name=suspended.name),
    )


@blueprint.post(f"{PAGE}/rouvrir")
@roles(ADMINISTRATOR)
@step_up
def reopen(user_id: UUID) -> BaseResponse:
    """Undo it."""
    opened = reopen_account(db.session(), user_id, now=clock.now())
    return _back(user_id, _("Le compte de %(name)s est ouvert de nouveau.", name=opened.name))


@blueprint.post(f"{PAGE}/deconnecter")
@roles(ADMINISTRATOR)
def sign_out(user_id: UUID) -> BaseResponse:
    """End every session of an account."""
    found = end_sessions(db.session(), user_id, now=clock.now())
    return _back(user_id, _("%(name)s n’est plus connecté nulle part.", name=found.name))


@blueprint.post(f"{PAGE}/confirmation")
@roles(ADMINISTRATOR)
def confirm_again(user_id: UUID) -> BaseResponse:
    """Send the mail that confirms an address once more."""
    found = _found(user_id)
    if not found.active or found.confirmed_at is not None:
        raise Refused(_("Cette adresse n’attend pas de confirmation."), code="not_waiting")
    send_confirmation_instructions(found)  # type: ignore[no-untyped-call]
    note(db.session(), Act.CONFIRMATION_SENT, subject_id=user_id)
    return _back(user_id, _("Le mail de confirmation est reparti."))


@blueprint.post(f"{PAGE}/reunir")
@roles(ADMINISTRATOR)
@step_up
def join(user_id: UUID) -> BaseResponse | tuple[str, int]:
    """Make one account of two: first the two are shown, then, once sure, they are joined."""
    session, kept, form = db.session(), _found(user_id), OtherAccountForm()
    if not form.validate_on_submit():
        return _page(user_id, 422, joining=form)
    gone = find_user(session, form.email.data or "")
    if gone is None or gone.id == kept.id or not (gone.active and kept.active):
        refusal = _("Aucun autre compte ouvert n’a cette adresse.")
        form.refuse(Refused(refusal, code="unknown", field="email"))
        return _page(user_id, 422, joining=form)
    if gone.id == current_person().id:
        refusal = _("C’est votre compte : ouvrez sa page, et faites-y venir l’autre.")
        form.refuse(Refused(refusal, code="own_account", field="email"))
        return _page(user_id, 409, joining=form)
    blocks = list_blocks(session, house(), gone, kept, by_team=True)
    if blocks or request.form.get("sure") != str(gone.id):
        page = render_template(
            "admin/join.html", person=kept, other=gone, blocks=blocks, form=form, labels=ROLE_LABELS
        )
        return page, 409 if blocks else 200
    joined = join_accounts(session, house(), gone.id, kept.id, now=clock.now(), by_team=True)
    return _back(
        user_id, _("Les deux comptes n’en font plus qu’un, celui de %(name)s.", name=joined.name)
    )


@blueprint.route("/administration/personnes/inviter", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
@step_up
def invite() -> str | BaseResponse | tuple[str, int]:
    """An account for somebody, who is told by mail."""
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            made = invite_person(
                db.session(),
                email=form.email.data or "",
                name=form.name.data or "",
                roles=form.roles.data or (),
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            return _back(made.id, _("Le compte est ouvert, et un mail est parti."))
    page = render_template("admin/invite.html", form=form)
    return (page, 422) if form.errors else page
