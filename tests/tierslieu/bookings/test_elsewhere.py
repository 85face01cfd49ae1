"""The next sessions on other people's sites: framed there and nowhere else, and the same JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.house.test_access import address
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim
from tierslieu.people.models import Audience

LIST, DATA = "/agenda/liste", "/agenda/prochaines.json"
SHARED = {"bookings.embedded"}
# Their own policies: a mail shown in the mailbox's own frame.
OWN_FRAMES = {"mail.letter"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def make_sessions(db: Session, count: int) -> None:
    for number in range(count):
        starts = NOW.replace(tzinfo=None) + timedelta(days=1, hours=number)
        make_session(db, title=f"Atelier {number}.", starts=starts, onsite=None, online=2)


def titles(client: LookingClient, query: str = "") -> list[str]:
    """What the page and the JSON show alike."""
    data = client.get(f"{DATA}?{query}").get_json()
    page = client.get(f"{LIST}?{query}").get_data(as_text=True)
    shown = [str(item["title"]) for item in data["items"]]
    assert [html.unescape(t) for t in re.findall(r'noopener">([^<]+)<', page)][:-1] == shown
    return shown


def test_the_next_five_are_shown_soonest_first(db: Session, client: LookingClient) -> None:
    make_sessions(db, 7)
    make_session(db, title="Hier", starts=NOW.replace(tzinfo=None) - timedelta(days=1))
    assert titles(client) == [f"Atelier {n}." for n in range(5)]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("1", 1), ("20", 20), ("0", 1), ("21", 20), ("999999", 20), ("-3", 5), ("", 5), ("trois", 5),
     ("٣", 5), ("1e9", 5), ("99999999999", 5)],
)  # fmt: skip
def test_one_may_ask_for_one_to_twenty(
    db: Session, client: LookingClient, asked: str, shown: int
) -> None:
    make_sessions(db, 22)
    assert len(titles(client, f"nombre={asked}")) == shown


@pytest.mark.both_databases
def test_it_is_narrowed_by_path_and_mode(db: Session, client: LookingClient) -> None:
    path = make_path(db, "snt")
    make_session(db, title="Du parcours", step=steps_of(db, path)[0])
    make_session(db, title="À distance", onsite=None, online=3)
    assert titles(client, "parcours=snt") == ["Du parcours"]
    assert titles(client, "mode=en-ligne") == ["À distance"]
    assert titles(client, "parcours=snt&mode=en-ligne") == []
    assert len(titles(client, "parcours=rien&mode=rien")) == 2


def test_a_cancelled_session_is_not_proposed_to_other_sites(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Annulée", cancelled_at=NOW, cancel_reason="Grève.")
    make_session(db, title="Tenue")
    assert titles(client) == ["Tenue"]


def test_links_open_in_a_new_window_say_so_and_lead_to_the_place(
    db: Session, client: LookingClient
) -> None:
    session = make_session(db)
    page = client.get(LIST).get_data(as_text=True)
    links = re.findall(r"<a [^>]+>.*?</a>", page)
    assert len(links) == 2
    for link in links:
        assert 'target="_blank" rel="noopener"' in link
        assert "(nouvelle fenêtre)" in link
        assert 'href="http://localhost/agenda' in link
    assert f'href="http://localhost/agenda/{session.id}"' in page
    assert "<nav" not in page
    assert "<form" not in page
    assert "<script" not in page


def test_the_list_may_be_framed_by_any_site_and_holds_no_form_nor_script(
    client: LookingClient,
) -> None:
    policy = client.get(LIST).headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in client.get(LIST).headers


@pytest.mark.parametrize("role", ["", "learner", "facilitator", "administrator"])
def test_every_other_page_refuses_to_be_framed(
    app: Flask, make: Factory, client: LookingClient, role: str
) -> None:
    if role:
        client.sign_in(make.user(role))
    framed = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in SHARED:
            continue
        if rule.endpoint.endswith("logout"):
            continue
        answer = client.get(address(rule))
        policy = answer.headers.get("Content-Security-Policy", "")
        allowed = ["frame-ancestors 'none'", "frame-ancestors 'self'", "sandbox"]
        if not any(word in policy for word in allowed[: 3 if rule.endpoint in OWN_FRAMES else 1]):
            framed.append((rule.endpoint, policy))
        answer.close()
    assert not framed
    for page in ("/agenda", "/agenda/integrer", DATA, "/agenda/mois/2026-11", "/nulle-part"):
        assert "frame-ancestors 'none'" in client.get(page).headers["Content-Security-Policy"]


@pytest.mark.parametrize("where", [LIST, DATA])
def test_no_cookie_is_set_and_everybody_sees_the_same(
    db: Session, make: Factory, client: LookingClient, where: str
) -> None:
    session, person = make_session(db, onsite=2), make.user("facilitator")
    claim(db, session.id, person.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    visitor = client.get(where)
    client.sign_in(person)
    client.set_cookie("remember_token", "anything")
    mine = client.get(where)
    assert visitor.data == mine.data
    for answer in (visitor, mine):
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert person.name not in mine.get_data(as_text=True)
    assert "1 place" in text_of(client.get(LIST))
    # The other pages keep the word that keeps persons apart.
    assert "Cookie" in client.get("/agenda").headers["Vary"]


def test_any_site_s_program_may_read_the_json_and_nothing_else_of_ours(
    client: LookingClient,
) -> None:
    cross = {"Origin": "https://ailleurs.example"}
    assert client.get(DATA, headers=cross).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in client.get(DATA, headers=cross).headers
    for page in ("/agenda", LIST, "/agenda/integrer", "/agenda.ics"):
        assert "Access-Control-Allow-Origin" not in client.get(page, headers=cross).headers


def test_the_json_says_hours_with_their_zone_seats_and_never_the_meeting_s_link(
    db: Session, client: LookingClient
) -> None:
    session = make_session(
        db,
        title="Nuit",
        starts=datetime(2027, 3, 27, 22),  # noqa: DTZ001 - wall time
        hours=8,
        onsite=3,
        online=1,
    )
    answer = client.get(DATA)
    (item,) = answer.get_json()["items"]
    assert (item["starts_at"], item["ends_at"]) == (
        "2027-03-27T22:00:00+01:00",
        "2027-03-28T06:00:00+02:00",
    )
    assert item["url"] == f"http://localhost/agenda/{session.id}"
    assert [(s["mode"], s["free"], s["words"]) for s in item["seats"]] == [
        ("onsite", 3, "3 places"),
        ("online", 1, "1 place"),
    ]
    assert session.online_link
    assert session.online_link not in answer.get_data(as_text=True)


def test_other_sites_read_who_may_book_and_whether_it_is_time(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Fermée", bookable_until=NOW - timedelta(hours=1))
    make_session(db, title="Ouverte", audience=Audience.TEACHER)
    items = {item["title"]: item for item in client.get(DATA).get_json()["items"]}
    assert [items[t]["is_bookable"] for t in ("Fermée", "Ouverte")] == [False, True]
    assert [items[t]["audience"] for t in ("Fermée", "Ouverte")] == [None, "teacher"]
    assert items["Ouverte"]["admission"] == "open"
    assert "Réservations fermées" in text_of(client.get(LIST))


def test_the_page_that_explains_gives_the_code_for_what_one_chooses(
    db: Session, client: LookingClient
) -> None:
    make_path(db, "snt")
    page = client.get("/agenda/integrer?nombre=3&parcours=snt&mode=en-ligne").get_data(as_text=True)
    code = html.unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)[0])
    source = html.unescape(re.findall(r'src="([^"]+)"', code)[0])
    assert source == "http://localhost/agenda/liste?mode=en-ligne&parcours=snt&nombre=3"
    assert 'title="Prochaines séances, Tiers-lieu d’essai"' in code
    assert client.get(source).status_code == 200
    assert 'href="/agenda/integrer"' in client.get("/agenda").get_data(as_text=True)


@pytest.mark.both_databases
@pytest.mark.parametrize("where", [LIST, DATA])
def test_what_others_show_costs_us_the_same_for_few_sessions_and_for_many(
    db: Session, client: LookingClient, where: str
) -> None:
    def queries(count: int) -> int:
        make_sessions(db, count)
        with counted_queries() as sent:
            client.get(f"{where}?nombre=20")
        return len(sent)

    few = queries(1)
    assert queries(30) == few
