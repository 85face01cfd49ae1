"""One's passkeys: to see, add and remove; and the door that one of them opens."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import login_user
from flask_security.utils import validate_redirect_url
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.desk import blueprint
from tierslieu.people.devices.keeping import current_session
from tierslieu.people.devices.words import describe_device, name_device
from tierslieu.people.passkeys import asking
from tierslieu.people.passkeys.forms import AddForm, EnterForm
from tierslieu.people.passkeys.queries import count_passkeys, list_passkeys
from tierslieu.people.passkeys.rules import Copied, add_passkey, enter, remove_passkey
from tierslieu.people.second.guard import make_codes_for_rainy_days
from tierslieu.people.second.rules import has_second_factor
from tierslieu.people.stepping_up import step_up
from tierslieu.settings import Settings
from tierslieu.web.access import current_person, public, signed_in


@blueprint.get("/compte/cles-identification")
@signed_in
def passkeys() -> str:
    """One's passkeys, and how to add one."""
    person = current_person()
    return render_template(
        "people/passkeys.html",
        rows=list_passkeys(db.session(), person.id),
        is_possible=asking.here() is not None,
        has_codes=bool(person.mf_recovery_codes) or person.needs_second_factor,
    )


@blueprint.route("/compte/cles-identification/ajouter", methods=["GET", "POST"])
@signed_in
@step_up
def add_passkey_here() -> str | BaseResponse | tuple[str, int]:
    """Name a new passkey and have the device make it."""
    person, party, form = current_person(), asking.here(), AddForm()
    if party is None:
        flash(_("Ce lieu n’a pas d’adresse où une clé d’identification puisse servir."), "error")
        return redirect(url_for("people.passkeys"))
    if form.validate_on_submit():
        answer = form.answer.data or ""
        is_first = not has_second_factor(person) and not count_passkeys(db.session(), person.id)
        try:
            add_passkey(
                db.session(),
                person,
                answer,
                name=form.name.data,
                asked=asking.take(asking.adding(person), answer),
                party=party,
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            row = current_session()
            if is_first and row is not None:
                row.is_strong = True  # as with codes: this session has just set it up
            has_codes = make_codes_for_rainy_days(person)
            db.session.commit()
            flash(
                _("C’est fait : cette clé ouvre maintenant votre compte, sans mot de passe."),
                "success",
            )
            if has_codes:
                return redirect(url_for("security.mf_recovery_codes", show_codes=1))
            return redirect(url_for("people.passkeys"))
    elif request.method == "GET":
        form.name.data = describe_device(name_device(request.user_agent.string))
    page = render_template(
        "people/passkey_add.html", form=form, options=asking.ask_to_add(current_person())
    )
    return (page, 422) if form.errors else page


@blueprint.post("/compte/cles-identification/<uuid:passkey_id>/retirer")
@signed_in
@step_up
def remove_passkey_here(passkey_id: UUID) -> BaseResponse:
    """It opens nothing any more."""
    settings: Settings = current_app.config["TIERSLIEU"]
    try:
        remove_passkey(
            db.session(), current_person(), passkey_id, now=clock.now(), is_free=settings.demo
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(_("C’est fait : cette clé n’ouvre plus votre compte."), "success")
    return redirect(url_for("people.passkeys"))


def _wanted() -> str:
    """Where to go once signed in: the page of ours that was asked for, or the first one."""
    wanted = request.values.get("next", "")
    return wanted if wanted.startswith("/") and validate_redirect_url(wanted) else "/"


@blueprint.route("/connexion/cle-identification", methods=["GET", "POST"])
@public
def enter_by_passkey() -> str | BaseResponse | tuple[str, int]:
    """Sign in with a passkey, alone or after the password: the device asked who holds it, so that
    no second factor is asked for."""
    if current_user.is_authenticated:
        return redirect(_wanted())
    party, form = asking.here(), EnterForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        form.second.data = "1" if asking.awaits_one() else ""
    is_second = bool(form.second.data)
    if party is not None and form.validate_on_submit():
        answer = form.answer.data or ""
        user = asking.pending() if is_second else None
        asked = asking.take(asking.SECOND if is_second else asking.ENTER, answer)
        try:
            user = enter(
                db.session(),
                answer,
                asked=asked if user is not None or not is_second else None,
                party=party,
                now=clock.now(),
                only=user.id if user is not None else None,
            )
        except Copied as copied:
            db.session.commit()  # what was written of it stays
            form.refuse(copied)
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            kept = session.get("tf_remember_login") if is_second else form.remember.data
            login_user(user, remember=bool(kept), authn_via=["webauthn"])
            db.session.commit()
            return redirect(_wanted())
    form.second.data = "1" if is_second and asking.awaits_one() else ""
    options = asking.ask_for_second() if form.second.data else asking.ask_to_enter()
    page = render_template("people/passkey_enter.html", form=form, options=options)
    return (page, 422) if form.errors else page
