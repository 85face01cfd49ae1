"""The clients of the booking measurement: each its own process, each with its own connection."""

from __future__ import annotations

import http.client
import re
import sqlite3
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Way:
    """One way to book, as each client process is told of it."""

    name: str
    url: str
    session_id: UUID
    seconds: float
    port: int = 0


def client(way: Way, people: list[tuple[UUID, str]], barrier: Any, queue: Any) -> None:
    """One client process: books for its people, one after the other, until the time is up."""
    act, close = BY[way.name](way)
    barrier.wait(timeout=120)
    until = time.perf_counter() + way.seconds
    latencies, errors = [], []
    for user_id, cookie in people:
        began = time.perf_counter()
        if began > until:
            break
        try:
            act(user_id, cookie)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}"[:120])
        else:
            latencies.append(time.perf_counter() - began)
    close()
    queue.put((latencies, errors))


def by_bare_sql(way: Way) -> tuple[Any, Any]:
    """The least a seat can cost: one statement that decides, one row, one commit."""
    mark, begin, connection = "?", "BEGIN IMMEDIATE", None
    if way.url.startswith("sqlite"):
        connection = sqlite3.connect(way.url.removeprefix("sqlite:///"), timeout=30)
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
    else:
        connection = psycopg.connect(way.url.replace("+psycopg", ""), autocommit=True)
        mark, begin = "%s", "BEGIN"

    def act(user_id: UUID, cookie: str) -> None:
        connection.execute(begin)
        decided = connection.execute(
            "UPDATE bare_pool SET taken = taken + 1 WHERE taken < capacity"
        )
        connection.execute(
            f"INSERT INTO bare_seat VALUES ({mark}, {mark})", (str(user_id), decided.rowcount)
        )
        connection.execute("COMMIT")

    return act, connection.close


def by_rule(way: Way) -> tuple[Any, Any]:
    """``claim()`` as the pages call it."""
    engine = create_engine(way.url)
    session = Session(engine)
    session.execute(text("SELECT 1"))
    session.rollback()

    def act(user_id: UUID, cookie: str) -> None:
        claim(session, way.session_id, user_id, SeatMode.ONSITE, now=clock.now())
        session.commit()
        session.expunge_all()

    return act, engine.dispose


def by_form(way: Way) -> tuple[Any, Any]:
    """As a signed-in browser: open the session's page, send the form it holds."""
    connection = http.client.HTTPConnection("127.0.0.1", way.port, timeout=60)
    page = f"/agenda/{way.session_id}"

    def ask(method: str, path: str, cookie: str, body: str | None = None) -> Any:
        headers = {"Cookie": f"session={cookie}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def act(user_id: UUID, cookie: str) -> None:
        answer, html = ask("GET", page, cookie)
        found = TOKEN.search(html)
        if answer.status != 200 or found is None:
            raise RuntimeError(f"page: {answer.status}")
        renewed = re.search(r"session=([^;]+)", answer.headers.get("Set-Cookie", ""))
        cookie = renewed.group(1) if renewed else cookie
        body = f"mode=onsite&csrf_token={found.group(1)}"
        answer, _html = ask("POST", f"{page}/reserver", cookie, body)
        if answer.status != 302:
            raise RuntimeError(f"form: {answer.status}")

    return act, connection.close


ACTS = ("bare SQL", "claim()", "web form")
BY = dict(zip(ACTS, (by_bare_sql, by_rule, by_form), strict=True))
