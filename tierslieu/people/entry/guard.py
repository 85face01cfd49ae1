"""The door of sign-up: in a closed pilot it opens to who holds an invitation."""

from __future__ import annotations

from flask import Response, g, has_request_context, make_response, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.entry.rules import (
    Door,
    check_invitation,
    door_now,
    find_invitation,
    is_for,
)
from tierslieu.web.errors import problem, wants_json

_DOOR = "sign_up_door"
HELD = "_invitation"  # in the session: the secret of the invitation somebody comes with


def held() -> str:
    """The secret of the invitation this visitor came with, if any."""
    return str(session.get(HELD, ""))


def closed_page(said: str = "", wrong: str = "", status: int = 403) -> Response:
    """Why one cannot make an account here now, and what one can do. ``said``: what is the matter
    with an invitation; ``wrong``: with a code that was typed."""
    is_over = door_now(db.session(), clock.now()) is Door.NOBODY
    page = render_template("people/entry/closed.html", said=said, wrong=wrong, is_over=is_over)
    return make_response(page, status)


def sign_up_door() -> str:
    """For whom sign-up is open now, a word of :class:`Door`, for pages and mails that lead there:
    asked once a request."""
    if not has_request_context():
        return door_now(db.session(), clock.now()).value
    if _DOOR not in g:
        setattr(g, _DOOR, door_now(db.session(), clock.now()).value)
    return str(getattr(g, _DOOR))


def turn_away() -> Response | None:
    """Before the library's page of sign-up: a page that explains, to whoever is not invited."""
    if request.endpoint != "security.register" or current_user.is_authenticated:
        return None
    now, found = clock.now(), db.session()
    if door_now(found, now) is Door.EVERYBODY:
        return None
    try:
        check_invitation(found, find_invitation(found, held()) if held() else None, now)
    except Refused as refused:
        if wants_json() or request.is_json:
            title = _("On ne s’inscrit ici que sur invitation.")
            return problem(403, "sign_up_closed", title)
        return closed_page(refused.message if held() else "")
    return None


def fits(address: str | None) -> bool:
    """Whether the invitation this visitor came with is for this address, where one is needed. The
    answer is the same whether or not the address has an account."""
    if door_now(db.session(), clock.now()) is Door.EVERYBODY:
        return True
    found = find_invitation(db.session(), held())
    try:
        return found is not None and is_for(found, normalise_email(address or ""))
    except BadAddress:
        return True  # said already, beside its field
