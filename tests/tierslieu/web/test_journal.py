"""The log: one line a request, nothing personal in it, and a mark by which a failure is found."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.tokens import bearing, make_secret
from tierslieu import logs
from tierslieu.home import views as home_views
from tierslieu.people.models import ROLES
from tierslieu.tokens.scopes import SCOPES
from tierslieu.web.slow import watch_statements


class Written:
    """What the log would say of all that happens."""

    def __init__(self, kind: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logs.formatter(kind))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, **wanted: Any) -> list[dict[str, Any]]:
        """The lines that say these things, read as JSON."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if wanted.items() <= line.items()]


@pytest.fixture
def log(request: pytest.FixtureRequest) -> Iterator[Written]:
    written = Written(getattr(request, "param", "json"))
    root, own = logging.getLogger(), logging.getLogger("tierslieu")
    before = own.level
    root.addHandler(written.handler)
    own.setLevel(logging.INFO)
    yield written
    root.removeHandler(written.handler)
    own.setLevel(before)


def test_a_request_is_one_line_that_names_its_endpoint(client: LookingClient, log: Written) -> None:
    answer = client.get("/agenda?q=jeanne")
    (line,) = log.lines(message="request")
    assert {"time", "ms", "level", "logger"} <= line.keys()
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "bookings.agenda", 200)
    assert line["bytes"] == len(answer.data)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "jeanne" not in log.text


def test_a_mark_is_taken_over_only_if_it_is_well_formed(
    client: LookingClient, log: Written
) -> None:
    good = uuid.uuid4().hex
    marks = [good, "jeanne.martin@example.org", "a" * 15, "a" * 65, 'a" onload="'.ljust(20), ""]
    given = [
        client.get("/verifier", headers={"X-Request-ID": mark}).headers["X-Request-ID"]
        for mark in marks
    ]
    assert given[0] == good
    assert not set(given[1:]) & set(marks)
    assert len(set(given)) == len(given)
    assert [line["request_id"] for line in log.lines()] == given


def _addresses(app: Flask, name: str, number: uuid.UUID) -> list[str]:
    """Every page there is, with this name or number wherever an address holds one."""

    def build(rule: Rule) -> str:
        values: dict[str, object] = {}
        for argument in rule.arguments:
            kind = type(rule._converters[argument]).__name__
            values[argument] = {"UUIDConverter": number, "IntegerConverter": 999_999}.get(kind)
            either = sorted(getattr(rule._converters[argument], "items", ()))
            values[argument] = either[0] if either else values[argument] or name
        built = rule.build(values)
        assert built is not None
        return built[1]

    return [build(r) for r in app.url_map.iter_rules() if "GET" in (r.methods or set())]


def test_no_line_holds_a_name_an_address_a_secret_or_an_identifier(
    app: Flask, make: Factory, client: LookingClient, log: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make.user(*ROLES, name="Jeanne Zwicky")
    secret, number, token = "Zw1ckySecret", uuid.uuid4(), make_secret(make.db, person, *SCOPES)
    told = {
        person.email, person.name, str(person.id), person.fs_uniquifier, "Zwicky", "zwicky",
        secret, str(number), number.hex, token, "mot-de-passe-faux", "192.0.2.7",
    }  # fmt: skip
    client.post("/login", data={"email": person.email, "password": "mot-de-passe-faux"})
    client.post("/login", json={"email": person.email, "password": "mot-de-passe-faux"})
    client.post("/us-signin/send-code", data={"identity": person.email})
    client.post("/reset", data={"email": person.email})
    client.sign_in(person)
    visited = _addresses(app, secret, number)
    for address in [*visited, f"/administration/personnes/{person.id}", f"/{secret}"]:
        client.get(
            f"{address}?q=Zwicky",
            headers={**bearing(token), "X-Forwarded-For": "192.0.2.7", "User-Agent": "Zwicky"},
        ).close()
        if "logout" in address:
            client.sign_in(person)
    assert len(log.lines(message="request")) > len(visited) > 200
    assert not [word for word in told if word in log.text]


def test_a_failure_is_found_by_the_mark_on_the_page(
    app: Flask, client: LookingClient, log: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        try:
            raise KeyError("jeanne@example.org")
        except KeyError as error:
            raise ValueError("jeanne@example.org") from error

    monkeypatch.setattr(home_views, "current_person_or_none", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    answer = client.get("/")
    assert answer.status_code == 500
    mark = answer.headers["X-Request-ID"]
    assert f"<code>{mark}</code>" in answer.get_data(as_text=True)
    (line,) = log.lines(level="error")
    assert (line["error"], line["cause"], line["request_id"]) == ("ValueError", "KeyError", mark)
    assert line["at"][0].startswith("tierslieu/home/views.py:")
    assert log.lines(message="request", status=500, request_id=mark)
    assert "jeanne" not in log.text
    monkeypatch.setitem(app.config, "TESTING", False)
    problem = client.get("/", headers={"Accept": "application/json"})
    assert problem.json["request_id"] == problem.headers["X-Request-ID"]


@pytest.mark.parametrize("address", ["/Jeanne", "/"])
def test_a_page_that_fails_even_in_its_excuse_says_so_in_bare_words(
    app: Flask, client: LookingClient, log: Written, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise ValueError("jeanne@example.org")

    monkeypatch.setattr("tierslieu.web.errors.render_template", fail)
    monkeypatch.setattr("tierslieu.home.views.render_template", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    answer = client.get(address)
    assert answer.status_code == (500 if address == "/" else 404)
    assert answer.headers["X-Request-ID"] in answer.get_data(as_text=True)
    assert log.lines(message="an error page could not be drawn", error="ValueError")
    assert "eanne" not in log.text


def test_flask_itself_writes_no_address(app: Flask, log: Written) -> None:
    with app.test_request_context("/Jeanne"):
        app.log_exception((ValueError, ValueError("jeanne@example.org"), None))
    assert log.lines(message="a page failed", error="ValueError")
    assert "eanne" not in log.text


@pytest.mark.parametrize("log", ["plain", "json"], indirect=True)
def test_what_a_library_fills_into_its_words_is_left_out(log: Written) -> None:
    place = "/usr/lib/python3/site-packages/some/library.py"
    for name, words, filled in (
        ("some.library", "sent to %s", ("jeanne@example.org",)),
        ("some.library", "sent to jeanne@example.org", ()),
        ("gunicorn.error", "Error handling request %s", ("/agenda/jeanne.ics",)),
    ):
        record = logging.LogRecord(name, logging.ERROR, place, 1, words, filled, None)
        logging.getLogger(name).handle(record)
    assert "eanne" not in log.text
    assert "Error handling request" in log.text
    assert len(log.text.splitlines()) == 3


def test_a_plain_line_stays_one_line(log: Written) -> None:
    line = logging.LogRecord("tierslieu", 40, home_views.__file__, 1, "one\ntwo", (), None)
    assert "\n" not in logs.PlainLines().format(line)
    assert "\n" not in logs.JsonLines().format(line)


def test_a_slow_statement_is_told_without_what_was_filled_in(log: Written) -> None:
    engine = create_engine("sqlite://")
    watch_statements(engine, 0)
    with engine.connect() as connection:
        connection.execute(text("SELECT\n  :who AS name"), {"who": "jeanne@example.org"})
    line = log.lines(message="slow statement")[-1]
    assert line["statement"] == "SELECT ? AS name"
    assert line["ms"] >= 0
    assert "jeanne" not in log.text
    count = len(log.lines(message="slow statement"))
    quick = create_engine("sqlite://")
    watch_statements(quick, 600_000)
    with quick.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert len(log.lines(message="slow statement")) == count
    engine.dispose()
    quick.dispose()
