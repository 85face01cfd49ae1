"""From a row of the outbox to a mail that programs and people can read."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _

from tierslieu.db import db
from tierslieu.house import House
from tierslieu.house_accounts import Reader
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rules import PLACE_ADDRESS, PLACE_URL, TRIAL
from tierslieu.mail.wording.filling import Own, fill
from tierslieu.mail.wording.queries import find_current
from tierslieu.mail.words import each_said, mark_theirs, take_language
from tierslieu.place.queries import read_place
from tierslieu.place.showing import MailedLogo, mailed_logo, the_place
from tierslieu.settings import Settings
from tierslieu.web.languages import speaking


class LinkHeader(UnstructuredHeader):
    """An address, whole on one line (up to 998 characters, RFC 5322): folded as words are, a long
    one would be encoded, and no mail program reads it as an address then."""

    def fold(self, *, policy: Policy) -> str:
        """The line of the header."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", LinkHeader)  # type: ignore[arg-type]  # a mixin to typeshed
_POLICY = EmailPolicy(header_factory=_headers)


@dataclass(frozen=True)
class RenderedMail:
    """Subject, plain text, and its HTML twin."""

    subject: str
    text: str
    html: str
    language: str
    logo: MailedLogo | None = None

    @property
    def page(self) -> str:
        """Its HTML for a page that shows it, where no part travels with it."""
        if self.logo is None:
            return self.html
        return self.html.replace(f"cid:{self.logo.part}", self.logo.address)


def render_mail(message: OutboxMessage, settings: Settings) -> RenderedMail:
    """The words of one mail, with what administrators wrote into it by now. Needs an application
    context; the context's paths become addresses."""
    written = find_current(db.session(), message.template)
    return render_words(
        message.template,
        message.context,
        language=_language_of(message),
        settings=settings,
        recipient=message.recipient,
        written=written.texts if written is not None else {},
    )


def render_words(
    template: str,
    values: Mapping[str, Any],
    *,
    language: str,
    settings: Settings,
    recipient: str,
    written: Mapping[str, str],
) -> RenderedMail:
    """The same of a mail that need not stand in the outbox. ``written``: an administrator's texts
    by their columns (``subject_fr``…); a text that cannot be filled in is left out."""
    kind = KINDS.get(template)
    marked = mark_theirs(values, kind.sample) if kind is not None else values
    known = take_language(marked, language)
    place = the_place()
    name = place.name_in(language)
    own = _own(template, {**known, "place_name": name}, language, written)
    logo = mailed_logo(place.logo)
    context: dict[str, Any] = {
        **known,
        "logo": logo,
        "absolute": lambda path: settings.base_url + path,
        "recipient": recipient,
        "own_opening": own.opening,
        "own_closing": own.closing,
        "theirs": tuple(each_said(known)),
        # What both forms say is escaped, and marked, in the one that is HTML.
        "in_html": False,
    }
    with speaking(language):
        text = render_template(f"mail/{template}.txt", **context)
        made, _cut, body = text.lstrip().partition("\n")
        # The subject may hold what nothing else says (a day, a title): it stays, as the heading.
        context |= {"subject": (made := made.strip()), "in_html": True}
        subject = own.subject or made
        html = render_template(f"mail/{template}.html", **context)
        if values.get(TRIAL):
            subject = _("[Essai] %(subject)s", subject=subject)
    body = f"{made}\n\n{body.strip()}" if own.subject else body.strip()
    return RenderedMail(subject, body + "\n", html, language, logo)


def _own(
    template: str, context: Mapping[str, Any], language: str, written: Mapping[str, str]
) -> Own:
    kind = KINDS.get(template)
    if kind is None or not any(written.values()):
        return Own()
    texts = {
        part: fill(written.get(f"{part}_{language}", ""), kind, context)
        for part in ("subject", "opening", "closing")
    }
    if kind.subject_varies:
        texts["subject"] = ""
    return Own(**texts)


def _language_of(message: OutboxMessage) -> str:
    """Of whoever reads it, if they have an account here; else the one it was written in. A trial
    is read in the language that was asked for."""
    if message.context.get(TRIAL):
        return message.language
    house: House = current_app.extensions["tierslieu.house"]
    asked = (reader.ask(db.session(), message.recipient) for reader in house.all(Reader))
    return next((language for language in asked if language), message.language)


def with_addresses(calendar: bytes, settings: Settings) -> bytes:
    """A calendar of the outbox with the place's own addresses in it."""
    text = calendar.replace(PLACE_URL.encode(), settings.base_url.encode())
    return text.replace(PLACE_ADDRESS.encode(), settings.mail_from.encode())


def make_email(message: OutboxMessage, settings: Settings) -> EmailMessage:
    """The RFC 5322 message: text, HTML, and a calendar part in the alternative if there is one."""
    mail, place = render_mail(message, settings), read_place(db.session(), settings)
    email = EmailMessage(policy=_POLICY)
    email["Subject"] = mail.subject
    # An object, not a text: a name may hold quotes or commas.
    email["From"] = Address(place.name_in(_language_of(message)), addr_spec=settings.mail_from)
    email["To"] = message.recipient
    if place.contact:
        email["Reply-To"] = place.contact
    email["Date"] = format_datetime(message.created_at)
    # Stable, on every host: a mail sent twice after a crash is one mail for most programs.
    email["Message-ID"] = f"<{message.id}@{settings.mail_from.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    if leave := message.context.get("leave_path"):
        # RFC 2369 and 8058: a mail program offers to unsubscribe; in one click only where nobody on
        # the way can change what it says.
        email["List-Unsubscribe"] = f"<{settings.base_url}{leave}>"
        if settings.is_https:
            email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email.set_content(mail.text)
    email.add_alternative(mail.html, subtype="html")
    if mail.logo is not None:
        [*_others, page] = email.iter_parts()
        page.add_related(mail.logo.data, "image", "png", cid=f"<{mail.logo.part}>")
    for part in message.attachments:
        maintype, _slash, subtype = part["media_type"].partition("/")
        content = base64.b64decode(part["content"])
        if part["media_type"] == "text/calendar":
            content = with_addresses(content, settings)
            email.add_alternative(
                content.decode("utf-8"), subtype="calendar", params=dict(part["params"])
            )
        email.add_attachment(
            content,
            maintype=maintype,
            subtype=subtype,
            filename=part["filename"],
            params=dict(part["params"]),
        )
    return email
