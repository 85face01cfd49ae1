"""How long each page takes in both places, and how many statements it sends, beside a bare page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.bare import app as bare_app
from benchmarks.large.places import Pair
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.walking import PEOPLE, walk
from tierslieu.db import db
from tierslieu.people.models import User

ANEW = {"Cache-Control": "no-cache"}  # drawn, not what is kept for visitors
START = "http://localhost/"
PATIENCE = 2.0  # seconds: a page that takes longer is asked for three times only


class Browser(LookingClient):
    """Signs in as the tests' client does, and looks at nothing: what is measured is the page."""

    open = FlaskClient.open  # type: ignore[assignment]


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.append(target)


@dataclass
class Row:
    """One page as one person: milliseconds of each turn, in both places and of the bare page."""

    person: str
    kind: str
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    queries: tuple[int, int] = (0, 0)

    @property
    def ratio(self) -> float:
        """How many times as long it takes in the grown place, by the medians."""
        return statistics.median(self.large) / statistics.median(self.small)


def p95(times: list[float]) -> float:
    """What 95 of a hundred stay under."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def browser(app: Flask, person: str) -> Browser:
    """A browser of this person of the demonstration; of a visitor for ''."""
    app.test_client_class = Browser
    client = app.test_client()
    assert isinstance(client, Browser)
    if person:
        with app.app_context():
            user = db.session.scalars(
                select(User).where(User.email == f"{person}@example.org")
            ).one()
            client.sign_in(user)
            db.session.remove()
    return client


def addresses(client: FlaskClient) -> dict[str, str]:
    """One address of each kind of page that can be walked to."""

    def look(kind: str, url: str) -> list[str]:
        answer = client.get(url, follow_redirects=True)
        assert answer.status_code < 400, (url, answer.status_code)
        if answer.mimetype != "text/html":
            return []
        links = Links()
        links.feed(answer.get_data(as_text=True))
        answer.close()
        return links.found

    return walk(START, look)


def find_addresses(client: FlaskClient, pages: Sequence[str]) -> dict[str, str]:
    """One address of each kind of page that is like one of ``pages`` (``/etudes/*``); of every kind
    where there are none. What has no star is an address itself: nobody need walk to it."""
    if pages and not any("*" in page for page in pages):
        return {page: page for page in pages if client.get(page, headers=ANEW).status_code < 400}
    found = addresses(client)
    return {
        kind: url
        for kind, url in found.items()
        if not pages or any(fnmatchcase(kind, page) for page in pages)
    }


def timed(client: FlaskClient, url: str) -> tuple[float, int]:
    """Milliseconds until the whole answer is there, and its status."""
    began = time.perf_counter()
    answer = client.get(url, headers=ANEW)
    answer.get_data()
    took = 1000 * (time.perf_counter() - began)
    answer.close()
    return took, answer.status_code


def count(app: Flask, client: FlaskClient, url: str) -> int:
    """How many statements a page sends."""
    with app.app_context(), counted_queries() as sent:
        client.get(url, headers=ANEW).close()
    return len(sent)


def measure(
    pair: Pair,
    times: int,
    *,
    people: Sequence[str] | None = None,
    pages: Sequence[str] = (),
    say: Callable[[str], object] = lambda words: None,
) -> list[Row]:
    """One row for each kind of page that nobody before could walk to; of ``people`` and ``pages``
    (as ``find_addresses`` takes them) alone, where they are given."""
    seen: set[str] = set()
    rows = []
    bare = bare_app.test_client()
    for person in people if people is not None else PEOPLE:
        small, large = browser(pair.demonstration, person), browser(pair.grown, person)
        for kind, url in find_addresses(small, pages).items():
            if kind in seen and kind != "/":
                continue
            seen.add(kind)
            row = _measure_page(pair, (small, large, bare), Row(person, kind), url, times)
            say(f"{person or 'visitor':12} {kind:50} {row.ratio:6.2f} {row.queries}")
            rows.append(row)
    return rows


def _measure_page(
    pair: Pair,
    clients: tuple[FlaskClient, FlaskClient, FlaskClient],
    row: Row,
    url: str,
    times: int,
) -> Row:
    small, large, bare = clients
    _took, status = timed(small, url)
    took, other = timed(large, url)  # the first finds caches cold
    assert status == other, (url, status, other)
    if took > 1000 * PATIENCE:
        times = min(times, 3)
    for _turn in range(times):
        row.small.append(timed(small, url)[0])
        row.large.append(timed(large, url)[0])
        row.bare.append(timed(bare, "/")[0])
    row.queries = count(pair.demonstration, small, url), count(pair.grown, large, url)
    return row
