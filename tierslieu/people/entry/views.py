"""The page of an invitation, and the code one was told."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.limits import guard as limits
from tierslieu.limits.kinds import INVITATION_CLIENT
from tierslieu.limits.rules import give_back
from tierslieu.people.desk import blueprint
from tierslieu.people.entry.guard import HELD, closed_page
from tierslieu.people.entry.rules import (
    check_invitation,
    find_invitation,
    last_day,
    note_opened,
)
from tierslieu.web.access import public
from tierslieu.web.headers import answer_secretly


def _count() -> None:
    """One try: given back when it was right, so that a room full of invited people is not slowed
    and nobody finds a code by trying."""
    limits.check([(INVITATION_CLIENT, limits.client())])


def _was_right() -> None:
    if limits.factor():
        give_back(db.session(), (INVITATION_CLIENT, limits.client()), factor=limits.factor())
    db.session.commit()


@blueprint.get("/invitation/<string:secret>")
@public
def invitation(secret: str) -> Response:
    """What the link of an invitation leads to: one button, so that no program uses it up."""
    _count()
    try:
        found = check_invitation(db.session(), find_invitation(db.session(), secret), clock.now())
    except Refused as refused:
        page = render_template("people/entry/over.html", said=refused.message)
        return answer_secretly(page, refused.status)
    day = last_day(found.ends_at)
    one_address = bool(found.email)
    _was_right()
    page = render_template(
        "people/entry/invitation.html",
        secret=secret,
        day=day,
        one_address=one_address,
        has_account=current_user.is_authenticated,
    )
    return answer_secretly(page)


@blueprint.post("/invitation/<string:secret>")
@public
def use_invitation(secret: str) -> BaseResponse:
    """Go to sign-up with it."""
    _count()
    try:
        note_opened(db.session(), secret, now=clock.now())
    except Refused as refused:
        db.session.rollback()
        page = render_template("people/entry/over.html", said=refused.message)
        return answer_secretly(page, refused.status)
    _was_right()
    session[HELD] = secret[:100]
    return redirect(url_for("security.register"))


@blueprint.post("/invitation")
@public
def use_code() -> BaseResponse:
    """The same with a code that was typed."""
    _count()
    code = request.form.get("code", "").strip()[:100]
    if not code:
        return closed_page(wrong=_("Écrivez le code que l’on vous a donné."), status=422)
    try:
        note_opened(db.session(), code, now=clock.now())
    except Refused as refused:
        db.session.rollback()
        return closed_page(wrong=refused.message, status=422)
    _was_right()
    session[HELD] = code
    return redirect(url_for("security.register"))
