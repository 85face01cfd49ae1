"""The logo of the place at the head of its mails: it travels with them, and nothing is fetched."""

from __future__ import annotations

import io
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.tierslieu.admin.test_logo import LOGO, SVG, picture, send
from tierslieu import clock
from tierslieu.mail.letters.kinds import NAME
from tierslieu.mail.rendering import make_email, render_mail
from tierslieu.mail.rules import Attachment, write_mail

pytestmark = pytest.mark.both_databases


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def sent(app: Flask, db: Session) -> EmailMessage:
    """A mail with a calendar and a file, as a mail program reads it."""
    files = [
        Attachment("seance.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n", {"method": "REQUEST"}),
        Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),
    ]
    message = write_mail(
        db, "ada@example.org", "people_reopened", {"name": NAME}, now=clock.now(), attachments=files
    )
    assert message is not None
    mail = make_email(message, app.config["TIERSLIEU"])
    db.rollback()
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[arg-type]
    assert isinstance(read, EmailMessage)
    return read


@pytest.mark.parametrize("drawn", [SVG, picture()], ids=["svg", "png"])
def test_the_logo_travels_beside_the_page_that_shows_it(
    app: Flask, db: Session, admin: LookingClient, drawn: bytes
) -> None:
    plain = sent(app, db)
    assert "cid:" not in plain.as_string()
    assert send(admin, 0, light=drawn) == 302
    mail = sent(app, db)
    related = [part for part in mail.walk() if part.get_content_type() == "multipart/related"]
    (page, logo) = related[0].iter_parts()
    assert (page.get_content_type(), logo.get_content_type()) == ("text/html", "image/png")
    assert logo.get_content_disposition() == "inline"
    html = page.get_content()
    (address,) = re.findall(r'<img src="cid:([^"]+)"', html)
    assert logo["Content-ID"] == f"<{address}>"
    assert not re.search(r'(src|background)="https?:', html), "a mail fetches nothing"
    with Image.open(io.BytesIO(logo.get_content())) as pixels:
        assert pixels.size == (216, 72)  # twice as fine as it is shown
    assert 'width="108" height="36" alt=""' in html  # the name stands beside it
    # The rest is where it was: what a mail program calls an attachment is no logo.
    assert [one.get_filename() for one in mail.iter_attachments()] == ["seance.ics", "plan.pdf"]
    kinds = [part.get_content_type() for part in mail.walk()]
    before = [part.get_content_type() for part in plain.walk()]
    assert [kind for kind in kinds if kind not in ("multipart/related", "image/png")] == before


def test_a_logo_that_says_the_name_stands_alone_and_is_read_as_the_name(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    send(admin, 0, light=SVG)
    data = {"seen": 1, "alone": "y"}
    assert admin.post(LOGO, data=data, content_type="multipart/form-data").status_code == 302
    body = sent(app, db).get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert 'alt="Tiers-lieu d’essai"' in html
    head = html[html.index('class="place"') : html.index('class="sheet"')]
    assert head.count("Tiers-lieu d’essai") == 1


def test_a_page_that_shows_a_mail_shows_its_logo_without_fetching_it(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    send(admin, 0, light=picture(size=(3000, 100)))
    message = write_mail(db, "a@example.org", "people_reopened", {"name": NAME}, now=clock.now())
    assert message is not None
    mail = render_mail(message, app.config["TIERSLIEU"])
    assert mail.logo is not None
    assert (mail.logo.width, mail.logo.height) == (210, 7)  # no wider than a telephone shows
    assert "cid:" not in mail.page
    assert 'src="data:image/png;base64,' in mail.page
    db.commit()
    # Not through the client that looks at pages: a mail has styles of its own.
    shown = FlaskClient.open(admin, "/administration/textes/people_reopened/html/fr")
    assert shown.status_code == 200
    assert 'src="data:image/png;base64,' in shown.text
