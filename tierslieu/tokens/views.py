"""One's access keys: what stands, a new one, taking one back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.stepping_up import step_up
from tierslieu.tokens.forms import TokenForm
from tierslieu.tokens.queries import list_standing
from tierslieu.tokens.rules import make_token, revoke_token
from tierslieu.tokens.scopes import may_hold, open_to
from tierslieu.tokens.words import SCOPE_LABELS
from tierslieu.web.access import current_person, signed_in

blueprint = Blueprint("tokens", __name__)


def _form() -> TokenForm:
    form = TokenForm()
    form.scopes.choices = [
        SelectChoice(scope, SCOPE_LABELS[scope]) for scope in open_to(current_person())
    ]
    return form


def _page(form: TokenForm, status: int = 200) -> tuple[str, int]:
    person = current_person()
    tokens = [
        (token, [(SCOPE_LABELS[s], may_hold(person, s)) for s in token.scopes])
        for token in list_standing(db.session(), person.id, clock.now())
    ]
    return render_template("tokens/list.html", tokens=tokens, form=form), status


@blueprint.get("/compte/cles")
@signed_in
def own() -> tuple[str, int]:
    """One's keys that stand, and the form for another."""
    return _page(_form())


@blueprint.post("/compte/cles")
@signed_in
@step_up
def make() -> Response | tuple[str, int]:
    """Make a key and show its secret, this once: the answer is kept nowhere."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        token, secret = make_token(
            db.session(),
            current_person().id,
            name=form.name.data or "",
            scopes=form.scopes.data or (),
            days=int(form.days.data),
            now=clock.now(),
        )
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(form, refusal.status)
    labels = [SCOPE_LABELS[scope] for scope in token.scopes]
    page = render_template("tokens/made.html", token=token, secret=secret, labels=labels)
    response = make_response(page, 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/compte/cles/<uuid:token_id>/retirer")
@signed_in
def revoke(token_id: UUID) -> BaseResponse:
    """End a key at once."""
    name = revoke_token(db.session(), current_person().id, token_id, now=clock.now()).name
    db.session.commit()
    flash(_("La clé « %(name)s » n’ouvre plus rien.", name=name), "success")
    return redirect(url_for("tokens.own"))
