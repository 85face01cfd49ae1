"""Between a request and everything else: whose place it is in, and that it changes nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Flask, Response, abort, g, has_request_context, request, session
from flask_babel import gettext as _
from flask_login import user_logged_out
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from tierslieu import clock
from tierslieu.admin.seeing.rules import end_seeing, find_seeing, list_seen_by
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.people.models import ADMINISTRATOR, User
from tierslieu.people.queries import find_person
from tierslieu.web.access import current_person_or_none
from tierslieu.web.seeing import END, LEAVE, OPEN, SAFE, Seeing, seeing

KEY = "seeing_as"  # in the session


def closed() -> Refused:
    """Nothing is done, and nothing private read, in somebody's place."""
    return Refused(
        _(
            "Vous voyez le lieu à la place de quelqu’un : rien ne s’y fait en son nom, et ce qui "
            "est à cette personne seule ne s’ouvre pas. Revenez d’abord à votre compte."
        ),
        code="seen_only",
        status=403,
    )


def install(app: Flask) -> None:
    """Let administrators of ``app`` see it as somebody does."""

    def stand_in() -> None:
        if KEY not in session or request.endpoint == "static":
            return
        found = _find()
        if found is None:
            session.pop(KEY)
            return
        if request.endpoint == LEAVE and request.method not in SAFE:
            return  # who signs out is the administrator
        person = find_person(db.session(), found.person_id)
        g.tierslieu_seeing = found
        g._login_user = person  # who the page is for; the session stays the administrator's
        if request.method not in SAFE and request.endpoint != END:
            raise closed()
        if request.endpoint is not None and request.endpoint not in OPEN:
            raise closed()

    user_logged_out.connect(_end_with_session, app)
    # Before everything else that looks at a request: what nobody thought of is closed as well.
    app.before_request_funcs.setdefault(None, []).insert(0, stand_in)

    @app.after_request
    def nothing_leaves(response: Response) -> Response:
        if seeing() is not None and "attachment" in response.headers.get("Content-Disposition", ""):
            response.close()
            abort(403)
        return response

    @app.context_processor
    def banner() -> dict[str, Any]:
        return {"seeing": seeing()}


def _find() -> Seeing | None:
    admin, now = current_person_or_none(), clock.now()
    if admin is None or not admin.holds(ADMINISTRATOR):
        return None
    one = find_seeing(db.session(), UUID(session[KEY]), admin.id, now)
    person = find_person(db.session(), one.person_id) if one else None
    if one is None or person is None or not person.active or person.holds(ADMINISTRATOR):
        return None
    return Seeing(one.id, admin.id, person.id, person.name, one.until)


def _end_with_session(app: Flask, user: User | None = None, **extra: Any) -> None:
    """Whoever signs out looks in nobody's place any more: written with the sign-out."""
    if session.pop(KEY, None) is not None and user is not None:
        for one in list_seen_by(db.session(), user.id):
            end_seeing(db.session(), one, now=clock.now())


def _refuse_writing() -> None:
    if has_request_context() and seeing() is not None and request.endpoint != END:
        raise closed()


@event.listens_for(Session, "before_flush")
def _no_flush(session: Session, context: Any, instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        _refuse_writing()


@event.listens_for(Session, "do_orm_execute")
def _no_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_writing()
