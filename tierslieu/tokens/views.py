"""One's access keys: what stands, a new one, taking one back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.stepping_up import step_up
from tierslieu.tokens.forms import TokenForm
from tierslieu.tokens.queries import find_own_token, list_standing
from tierslieu.tokens.rules import make_token, revoke_token
from tierslieu.tokens.scopes import may_hold, open_to
from tierslieu.tokens.words import SCOPE_LABELS
from tierslieu.web import shown_once
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.headers import answer_secretly

blueprint = Blueprint("tokens", __name__)
MADE = "access_key"  # as it is handed to the page that shows it


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
def make() -> BaseResponse | tuple[str, int]:
    """Make a key; the page it leads to shows its secret, once."""
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
        shown_once.hand_over(MADE, secret=secret, id=str(token.id))
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(form, refusal.status)
    return redirect(url_for("tokens.made"))


@blueprint.get("/compte/cles/nouvelle")
@signed_in
def made() -> BaseResponse:
    """The key just made, this once: the answer is kept nowhere."""
    words, session, person = shown_once.take(MADE), db.session(), current_person()
    token = find_own_token(session, person.id, UUID(words["id"])) if words is not None else None
    if words is None or token is None:
        flash(
            _("Une clé n’est montrée qu’une fois. Perdue ? Retirez-la, et créez-en une autre."),
            "info",
        )
        return redirect(url_for("tokens.own"))
    labels = [SCOPE_LABELS[scope] for scope in token.scopes]
    page = render_template("tokens/made.html", token=token, secret=words["secret"], labels=labels)
    return answer_secretly(page)


@blueprint.post("/compte/cles/<uuid:token_id>/retirer")
@signed_in
def revoke(token_id: UUID) -> BaseResponse:
    """End a key at once."""
    name = revoke_token(db.session(), current_person().id, token_id, now=clock.now()).name
    db.session.commit()
    flash(_("La clé « %(name)s » n’ouvre plus rien.", name=name), "success")
    return redirect(url_for("tokens.own"))
