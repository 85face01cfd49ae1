"""The inbox of a demonstration: the mails that would have left, for everybody to read."""

from __future__ import annotations

import base64
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template

from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.queries import count_all, find_message, list_latest
from tierslieu.mail.rendering import RenderedMail, render_mail, with_addresses
from tierslieu.settings import Settings
from tierslieu.web.access import View, public
from tierslieu.web.headers import POLICY
from tierslieu.web.paging import PER_PAGE, Page, asked_page

blueprint = Blueprint("mail", __name__)

# A mail is somebody else's page: it runs nothing, fetches nothing, and stands in our frame only.
MAIL_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-top-navigation-by-user-activation",
    )
)


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def in_demonstration(view: View) -> View:
    """Outside a demonstration this page does not exist: mails are for their recipients."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not _settings().demo:
            raise NotYours()
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def _found(message_id: UUID) -> tuple[OutboxMessage, RenderedMail]:
    message = find_message(db.session(), message_id)
    if message is None:
        raise NotYours()
    return message, render_mail(message, _settings())


@blueprint.get("/boite-aux-lettres")
@public
@in_demonstration
def inbox() -> str:
    """The newest mails first."""
    number = asked_page()
    messages = list_latest(db.session(), (number - 1) * PER_PAGE, PER_PAGE)
    mails = [(message, render_mail(message, _settings())) for message in messages]
    return render_template("mail/inbox.html", page=Page(mails, number, count_all(db.session())))


@blueprint.get("/boite-aux-lettres/<uuid:message_id>")
@public
@in_demonstration
def message(message_id: UUID) -> Response:
    """One mail: its HTML in a closed frame, and its plain text with links that work."""
    found, mail = _found(message_id)
    response = Response(render_template("mail/message.html", message=found, mail=mail))
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


@blueprint.get("/boite-aux-lettres/<uuid:message_id>/html")
@public
@in_demonstration
def message_html(message_id: UUID) -> Response:
    """The HTML of a mail, as it would arrive, under a policy of its own."""
    _, mail = _found(message_id)
    # Its links open in the whole window: our pages refuse to stand in a frame.
    response = Response(mail.page.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/boite-aux-lettres/<uuid:message_id>/pieces/<int:number>")
@public
@in_demonstration
def attachment(message_id: UUID, number: int) -> Response:
    """A file that travels with a mail."""
    found, _ = _found(message_id)
    if number >= len(found.attachments):
        raise NotYours()
    part = found.attachments[number]
    content = base64.b64decode(part["content"])
    if part["media_type"] == "text/calendar":
        content = with_addresses(content, _settings())
    response = Response(content, content_type=part["media_type"])
    response.headers.set("Content-Disposition", "attachment", filename=part["filename"])
    return response
