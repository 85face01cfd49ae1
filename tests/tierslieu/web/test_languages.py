"""French first, English complete: pages, mails and papers in the language of who reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email
from tierslieu.mail.rules import write_mail
from tierslieu.mail.words import in_each, take_language
from tierslieu.people.models import User
from tierslieu.web import formats

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,fr;q=0.5"}


def language_of(client: LookingClient, path: str = "/", **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert f'<html lang="{answer.headers["Content-Language"]}">' in answer.text
    return str(answer.headers["Content-Language"])


def test_a_visitor_reads_the_language_their_browser_asks_for_and_french_otherwise(
    client: LookingClient,
) -> None:
    assert language_of(client) == "fr"
    assert language_of(client, **ENGLISH) == "en"
    assert language_of(client, **{"Accept-Language": "de,it;q=0.5"}) == "fr"
    answer = client.get("/", headers=ENGLISH)
    assert "Sign in" in answer.text
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_a_language_once_chosen_stays_in_this_browser(client: LookingClient) -> None:
    answer = client.post("/langue", data={"langue": "en", "ou": "/agenda?page=2"})
    assert (answer.status_code, answer.location) == (302, "/agenda?page=2")
    assert language_of(client, "/agenda") == "en"
    assert 'value="fr">Français' in client.get("/agenda").text
    client.post("/langue", data={"langue": "fr", "ou": "/agenda"})
    assert language_of(client, "/agenda", **ENGLISH) == "fr"


@pytest.mark.both_databases
def test_a_person_takes_their_language_along_and_gets_their_mails_in_it(
    app: Flask, client: LookingClient, db: Session, make: Factory
) -> None:
    person = make.user()
    client.sign_in(person)
    client.post("/langue", data={"langue": "en", "ou": "/compte"})
    client.delete_cookie("langue")
    assert language_of(client, "/compte") == "en", "the account knows, not this browser alone"
    db.expire_all()
    assert db.get_one(User, person.id).language == "en"
    write_mail(db, person.email, "people_left", {}, now=NOW)
    other = make.user()
    write_mail(db, other.email, "people_left", {}, now=NOW)
    db.commit()
    with app.app_context():
        mails = db.scalars(select(OutboxMessage).where(OutboxMessage.template == "people_left"))
        said = {m.recipient: make_email(m, app.config["TIERSLIEU"]) for m in mails}
    english, french = said[person.email], said[other.email]
    assert english["Subject"] != french["Subject"]
    html = english.get_body(("html",))
    assert html is not None
    assert '<html lang="en">' in html.get_content()


@pytest.mark.parametrize("where", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_choosing_a_language_leads_nowhere_but_here(client: LookingClient, where: str) -> None:
    answer = client.post("/langue", data={"langue": "en", "ou": where})
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("{page}?page=2", "{page}?page=2"),
        ("http://evil.example{page}", "/"),
        ("{page}/suspendre", "/"),  # opens by no link
        ("/nulle-part", "/"),
        ("", "/"),
    ],
)
def test_from_a_form_that_was_refused_another_language_leads_to_its_page(
    make: Factory, client: LookingClient, came_from: str, back: str
) -> None:
    client.sign_in(make.user("administrator"))
    page = f"/administration/personnes/{make.user().id}"
    came = came_from.format(page=page)
    referrer = f"http://localhost{came}" if came.startswith("/") else came
    refused = client.post(f"{page}/suspendre", data={}, headers={"Referer": referrer})
    assert refused.status_code == 422
    assert f'name="ou" value="{back.format(page=page)}"' in refused.text


def test_there_is_no_third_language(client: LookingClient) -> None:
    assert client.post("/langue", data={"langue": "de", "ou": "/"}).status_code == 404


def test_a_page_framed_elsewhere_says_its_language_in_its_address(client: LookingClient) -> None:
    assert language_of(client, "/agenda/liste", **ENGLISH) == "fr"
    answer = client.get("/agenda/liste?langue=en")
    assert answer.headers["Content-Language"] == "en"
    assert not answer.vary
    assert "langue=en" in client.get("/agenda/integrer", headers=ENGLISH).text


def test_words_made_when_a_mail_is_written_are_read_in_either_language(app: Flask) -> None:
    with app.app_context():
        context = {
            "lines": [{"day": in_each(lambda: formats.day(NOW, year=True)), "title": "Python"}],
            "room": in_each(lambda: "salle Ada"),
        }
    assert context["room"] == "salle Ada"
    english = take_language(context, "en")
    assert english["lines"][0]["day"].replace("\u00a0", " ") == "Thursday 26 November 2026"
    french = take_language(context, "fr")
    assert french["lines"][0]["day"].replace("\u00a0", " ") == "jeudi 26 novembre 2026"


def test_dates_hours_and_numbers_are_written_as_the_language_does(app: Flask) -> None:
    first = datetime(2026, 3, 1, 13, 5, tzinfo=UTC)
    with app.test_request_context(), force_locale("en_GB"):
        assert formats.long_day(first) == "1\u00a0March\u00a02026"
        assert formats.hour(first) == "14:05"
        assert formats.number(12_000.5) == "12,000.5"
        assert formats.hours(2.5) == "2\u00a0h\u00a030\u00a0min"
        ranks = [formats.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
        assert ranks == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]
        assert formats.long_day(first, "fr") == "1er\u00a0mars\u00a02026", "a paper has its own"
    assert formats.hour(first) == "14\u00a0h\u00a005"
