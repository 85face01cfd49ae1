"""Pages that are the same for every visitor: kept here and by caches between, never a person's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask.templating
import pytest
from flask import Flask
from sqlalchemy import text

from badges.awards.models import Award, Sharing
from tests.support.badges import make_award, open_badges
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.db import db
from tierslieu.web.visitors import SECONDS

SHARED = "public, max-age=0, s-maxage=30"


@pytest.fixture
def award(make: Factory) -> Award:
    """A badge whose holder shares it by its address."""
    found = make_award(make.db, make.user(), make.user("facilitator"), open_badges(make.db))
    found.sharing = Sharing.LINK
    make.db.commit()
    return found


@pytest.fixture
def places(make: Factory, award: Award) -> dict[str, str]:
    """One address of each kind that visitors come to in number."""
    session = make_session(make.db)
    return {
        "home": "/",
        "agenda": "/agenda",
        "week": "/agenda/semaine/2026-W48",
        "session": f"/agenda/{session.id}",
        "paths": "/parcours",
        "badges": "/badges",
        "badge": f"/badges/{award.badge.slug}",
        "credential": f"/credentials/{award.id}",
    }


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that are drawn from now on."""
    names: list[str] = []
    draw = flask.templating._render

    def note(app: Any, template: Any, context: dict[str, Any]) -> str:
        names.append(template.name)
        return draw(app, template, context)

    monkeypatch.setattr(flask.templating, "_render", note)
    return names


def test_a_visitors_page_says_that_caches_may_keep_it_and_sets_no_cookie(
    client: LookingClient, places: dict[str, str]
) -> None:
    for _turn in range(2):  # drawn, then kept
        for name, url in places.items():
            answer = client.get(url)
            assert answer.status_code == 200, name
            assert answer.headers["Cache-Control"] == SHARED, name
            assert {"accept", "accept-language", "cookie"} <= {*answer.vary.as_set()}, name
            assert answer.get_etag()[0], name
            assert "Set-Cookie" not in answer.headers, name
            assert "Content-Security-Policy" in answer.headers, name


def test_a_page_that_is_kept_is_answered_without_a_look_into_the_database_or_a_template(
    app: Flask, client: LookingClient, places: dict[str, str], drawn: list[str]
) -> None:
    tags = {url: client.get(url).headers["ETag"] for url in places.values()}
    drawn.clear()
    with counted_queries() as sent:
        for url, tag in tags.items():
            again = client.get(url, headers={"If-None-Match": tag})
            assert (again.status_code, again.get_data()) == (304, b""), url
            assert again.headers["Cache-Control"] == SHARED
            assert again.headers["ETag"] == tag
            assert client.get(url).status_code == 200
    assert not sent
    assert not drawn


def test_a_page_drawn_anew_and_unchanged_is_not_sent_again(
    client: LookingClient, places: dict[str, str]
) -> None:
    for url in places.values():
        tag = client.get(url).headers["ETag"]
        again = client.get(url, headers={"If-None-Match": tag, "Cache-Control": "no-cache"})
        assert (again.status_code, again.get_data()) == (304, b""), url


def test_what_changes_is_seen_at_the_next_visit(client: LookingClient, award: Award) -> None:
    address = f"/credentials/{award.id}"
    assert client.get(address).status_code == 200
    award.sharing = Sharing.PRIVATE
    db.session.commit()
    assert client.get(address).status_code == 404


def test_what_another_process_of_this_machine_changes_is_seen_at_once(
    app: Flask, client: LookingClient, award: Award
) -> None:
    address = f"/credentials/{award.id}"
    assert client.get(address).status_code == 200
    other = create_app(app.config["TIERSLIEU"], TESTING=True)
    with other.app_context():
        db.session.execute(text("UPDATE award SET sharing = 'private'"))
        db.session.commit()
        db.engine.dispose()
    db.session.rollback()  # what the test itself has read
    assert client.get(address).status_code == 404


def test_what_another_machine_changes_is_seen_some_seconds_later(
    client: LookingClient, award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, now = f"/credentials/{award.id}", clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert client.get(address).status_code == 200
    raw = db.engine.raw_connection()  # commits without this process hearing of it
    try:
        cursor = raw.cursor()
        cursor.execute("UPDATE award SET sharing = 'private'")
        raw.commit()
    finally:
        raw.close()
    db.session.rollback()  # what the test itself has read
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=SECONDS - 1))
    kept = client.get(address)
    assert (kept.status_code, kept.headers["Age"]) == (200, str(SECONDS - 1))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=SECONDS))
    assert client.get(address).status_code == 404


def test_a_person_is_never_answered_with_what_is_kept_nor_is_theirs_kept(
    client: LookingClient, app: Flask, make: Factory, places: dict[str, str]
) -> None:
    visitor = app.test_client()
    client.sign_in(make.user(name="Zoé Inconnue"))
    for name, url in places.items():
        visitor.get(url)
        own = client.get(url)
        assert own.headers["Cache-Control"] == "private, no-store", name
        assert "cookie" in own.vary.as_set(), name
        assert 'href="/compte"' in own.text, name
        assert 'href="/compte"' not in visitor.get(url).text, name


def test_each_language_is_kept_for_itself(client: LookingClient, places: dict[str, str]) -> None:
    for url in places.values():
        for _turn in range(2):
            french = client.get(url, headers={"Accept-Language": "fr"})
            english = client.get(url, headers={"Accept-Language": "en"})
            assert 'lang="fr"' in french.text.split("<body")[0]
            assert 'lang="en"' in english.text.split("<body")[0]
            assert french.headers["ETag"] != english.headers["ETag"]
            assert english.headers["Content-Language"] == "en"


def test_over_tls_the_language_a_visitor_chose_is_the_one_kept_for_them(app: Flask) -> None:
    url = "https://lieu.example"
    settings = replace(app.config["TIERSLIEU"], base_url=url)
    served = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    french, english = served.test_client(), served.test_client()
    english.post("/langue", data={"langue": "en"}, base_url=url)
    for _turn in range(2):
        for browser, language in ((french, "fr"), (english, "en")):
            page = browser.get("/agenda", base_url=url, headers={"Accept-Language": "fr"})
            assert page.headers["Content-Language"] == language


def test_a_page_and_its_document_are_kept_apart(client: LookingClient, award: Award) -> None:
    for url in (f"/badges/{award.badge.slug}", f"/credentials/{award.id}"):
        for _turn in range(2):
            assert client.get(url).mimetype == "text/html"
            machine = client.get(url, headers={"Accept": "application/json"})
            assert machine.mimetype == "application/json"
            assert "Set-Cookie" not in machine.headers


def test_a_status_list_is_kept_for_everybody_and_known_by_its_tag(
    client: LookingClient, make: Factory, award: Award
) -> None:
    url = f"/status/{award.status_list_id}"
    first = client.get(url)
    client.sign_in(make.user())  # whoever asks: it is the same
    client.get(url)
    with counted_queries() as sent:
        again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
        whole = client.get(url)
    assert (again.status_code, whole.get_data()) == (304, first.get_data())
    assert first.headers["Cache-Control"] == whole.headers["Cache-Control"] == "public, max-age=300"
    assert not {"cookie", "accept-language"} & {*whole.vary.as_set()}
    assert "Set-Cookie" not in whole.headers
    assert not sent


def test_an_error_and_a_private_badge_are_never_kept(client: LookingClient, award: Award) -> None:
    award.sharing = Sharing.PRIVATE
    db.session.commit()
    for url in (f"/credentials/{award.id}", "/badges/rien", "/status/999999"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "public" not in answer.headers["Cache-Control"]
    db.session.execute(text("UPDATE award SET sharing = 'link'"))
    db.session.commit()
    assert client.get(f"/credentials/{award.id}").status_code == 200


def test_a_page_with_a_message_for_one_visitor_is_theirs_alone(
    app: Flask, client: LookingClient
) -> None:
    with client.session_transaction() as session:
        session["_flashes"] = [("info", "Pour vous seulement.")]
    own = client.get("/agenda")
    assert "Pour vous seulement." in own.text
    assert "public" not in own.headers["Cache-Control"]
    assert "Pour vous seulement." not in app.test_client().get("/agenda").text
