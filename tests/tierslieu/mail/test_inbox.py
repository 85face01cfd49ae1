"""A demonstration's mails are on a page where their links work; elsewhere there is no such page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.people import last_mail, registration
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.base import new_id
from tierslieu.db import db as database
from tierslieu.mail.rules import Attachment, write_mail
from tierslieu.settings import Settings


@pytest.fixture(scope="module")
def _demonstration(make_settings: Callable[..., Settings]) -> Iterator[Flask]:
    settings = make_settings("sqlite", demo=True, base_url="http://localhost:8000")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = LookingClient
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def visitor(_demonstration: Flask, app: Flask) -> FlaskClient:
    """Anybody, at a demonstration over the suite's own database."""
    return _demonstration.test_client()


@pytest.fixture
def plain_visitor(_demonstration: Flask, app: Flask) -> FlaskClient:
    """The same, whose client does not look at pages: a mail has styles of its own."""
    return FlaskClient(_demonstration, _demonstration.response_class, use_cookies=True)


def _pages(db: Session) -> list[str]:
    there = f"/boite-aux-lettres/{last_mail(db).id}"
    return ["/boite-aux-lettres", there, f"{there}/html", f"{there}/pieces/0"]


def test_registering_can_be_tried_from_the_inbox_alone(db: Session, visitor: FlaskClient) -> None:
    visitor.post("/inscription", data=registration())
    inbox = visitor.get("/boite-aux-lettres").text
    assert "aida@example.org" in inbox
    path = re.search(r'href="(/boite-aux-lettres/[^"]+)"', inbox)
    assert path
    page = visitor.get(path[1]).text
    link = re.search(r'href="http://localhost:8000(/confirmation/[^"]+)"', page)
    assert link
    assert visitor.get(link[1]).location.startswith("/login")


def test_the_html_of_a_mail_stands_in_a_closed_frame_and_its_links_leave_it(
    db: Session, visitor: FlaskClient, plain_visitor: FlaskClient
) -> None:
    visitor.post("/inscription", data=registration(name="<script>alert(1)</script>"))
    _, page, html, _ = _pages(db)
    shown = visitor.get(page)
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert 'sandbox="allow-top-navigation-by-user-activation"' in shown.text
    framed = plain_visitor.get(html)
    rules = framed.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "frame-ancestors 'self'", "sandbox allow-top-navigation"):
        assert rule in rules
    assert "script-src" not in rules
    assert '<base target="_top">' in framed.text
    assert "<script>" not in framed.text + shown.text.replace("<script src=", "")


def test_files_that_travel_with_a_mail_can_be_read(db: Session, visitor: FlaskClient) -> None:
    write_mail(
        db,
        "ada@example.org",
        "security_reset_notice",
        {"name": "Ada"},
        now=clock.now(),
        attachments=[Attachment("séance.ics", "text/calendar", b"BEGIN:VCALENDAR")],
    )
    db.commit()
    # Under the subject: beside it, it leaves no room for words on a phone.
    assert re.search(
        r"<p[^>]*><time[^>]*>[^<]*</time><span[^>]*>avec un fichier</span></p></li>",
        visitor.get("/boite-aux-lettres").text,
    )
    *_, file = _pages(db)
    answer = visitor.get(file)
    assert answer.data == b"BEGIN:VCALENDAR"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert visitor.get(file[:-1] + "1").status_code == 404


def test_the_inbox_is_paged_and_begins_with_the_newest(db: Session, visitor: FlaskClient) -> None:
    now = clock.now()
    for number in range(30):
        at = now + clock.days(number)
        write_mail(db, f"n{number:02d}@example.org", "security_reset_notice", {"name": "A"}, now=at)
    db.commit()
    first = visitor.get("/boite-aux-lettres").text
    assert "n29@" in first
    assert "n00@" not in first
    assert "n00@" in visitor.get("/boite-aux-lettres?page=2").text


def test_an_empty_inbox_says_how_to_fill_it(visitor: FlaskClient) -> None:
    assert "Aucun mail pour l’instant" in visitor.get("/boite-aux-lettres").text


def test_a_mail_that_does_not_exist_is_404(visitor: FlaskClient) -> None:
    for tail in ("", "/html", "/pieces/0"):
        assert visitor.get(f"/boite-aux-lettres/{new_id()}{tail}").status_code == 404


def test_outside_a_demonstration_nobody_reads_mails(
    db: Session, client: LookingClient, make: object
) -> None:
    client.post("/inscription", data=registration())
    for page in _pages(db):
        assert client.get(page).status_code == 404
