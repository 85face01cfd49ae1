"""Which keys sign, replacing one, withdrawing one that leaked; the keys of programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from badges.awards import rotation
from badges.awards.desk import wake
from badges.awards.jobs import SIGNED_AGAIN
from badges.awards.keys import find_trouble, is_web, issuer_did, key_file, public_key
from badges.awards.models import SigningKey
from badges.awards.queries import count_to_sign_again, find_identity, list_keys
from tierslieu import clock
from tierslieu.admin.desk import blueprint
from tierslieu.admin.keys.forms import WithdrawalForm
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.stepping_up import step_up, step_up_to_send
from tierslieu.settings import Settings
from tierslieu.tokens.queries import count_all_standing, list_all_standing
from tierslieu.tokens.rules import revoke_any_token
from tierslieu.tokens.words import SCOPE_LABELS
from tierslieu.web.access import roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page

ROOM = "/administration/cles"


def _settings() -> Settings:
    found: Settings = current_app.config["TIERSLIEU"]
    return found


@blueprint.get(ROOM)
@roles(ADMINISTRATOR)
def keys() -> str:
    """Every key that signs or ever signed, and the keys of programs that still open something."""
    session, settings, now, number = db.session(), _settings(), clock.now(), asked_page()
    identity = find_identity(session)
    rows = list_keys(session) if identity is not None else []
    tokens = list_all_standing(session, now, (number - 1) * PER_PAGE, PER_PAGE)
    return render_template(
        "admin/keys/list.html",
        keys=[(row, public_key(row).name, _is_here(settings, row)) for row in rows],
        did=identity.did if identity is not None else "",
        may_withdraw=identity is not None and is_web(identity.did),
        trouble=find_trouble(session, settings) if identity is not None else None,
        waiting=count_to_sign_again(session),
        page=Page(tokens, number, count_all_standing(session, now)),
        scopes=SCOPE_LABELS,
    )


def _is_here(settings: Settings, row: SigningKey) -> bool:
    return settings.keys.has(key_file(public_key(row).name))


@blueprint.post(f"{ROOM}/<string:name>/remplacer")
@roles(ADMINISTRATOR)
@step_up
def rotate_key(name: str) -> BaseResponse:
    """Another key of its kind signs from now on."""
    rotation.replace_key(db.session(), _settings(), name, now=clock.now())
    db.session.commit()
    flash(_("Une nouvelle clé signe maintenant. Ce que l’autre a signé reste valable."), "success")
    return redirect(url_for("admin.keys"))


@blueprint.route(f"{ROOM}/<string:name>/retirer", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
@step_up_to_send
def withdraw_key(name: str) -> BaseResponse | str | tuple[str, int]:
    """A key that leaked: since when, why. Its badges are signed anew by the worker."""
    session, now, form = db.session(), clock.now(), WithdrawalForm()
    row = next((one for one in list_keys(session) if public_key(one).name == name), None)
    if row is None or row.revoked_at is not None:
        raise NotYours()
    if request.method == "GET":
        return _ask(row, form)
    if not form.validate():
        return _ask(row, form), 422
    try:
        since = _instant(form.since.data) or now
        done = rotation.withdraw_key(
            session, _settings(), name, since=since, reason=form.reason.data or "", now=now
        )
    except Refused as refused:
        session.rollback()
        form.since.errors = [*form.since.errors, refused.message]
        return _ask(row, form), 422
    session.commit()
    if done.awards:
        wake(SIGNED_AGAIN)
    flash(_("La clé est retirée : plus rien de ce qu’elle a signé n’est cru."), "success")
    return redirect(url_for("admin.keys"))


def _instant(local: datetime | None) -> datetime | None:
    """The instant of an hour of the place; raises :class:`Refused` for one that there is not."""
    try:
        return clock.to_utc(local) if local is not None else None
    except clock.NoSuchLocalTime as error:
        raise Refused(
            _(
                "Cette heure n’existe pas, ou existe deux fois, ce jour-là : choisissez-en une "
                "autre."
            ),
            code="no_such_hour",
        ) from error


def _ask(row: SigningKey, form: WithdrawalForm) -> str:
    identity = find_identity(db.session())
    shown: dict[str, Any] = {"row": row, "name": public_key(row).name, "form": form}
    did = issuer_did(identity, public_key(row)) if identity is not None else ""
    return render_template("admin/keys/withdraw.html", did=did, **shown)


@blueprint.post(f"{ROOM}/programmes/<uuid:token_id>/retirer")
@roles(ADMINISTRATOR)
def revoke_token(token_id: UUID) -> BaseResponse:
    """End the key of somebody's program."""
    revoke_any_token(db.session(), token_id, now=clock.now())
    db.session.commit()
    flash(_("Cette clé n’ouvre plus rien."), "success")
    return redirect(url_for("admin.keys"))
