"""The clients of the booking measurement: each its own connection, and its own process where the
way in is Python of ours (else they would wait for each other's interpreter)."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.bookings.series.rules import claim_series

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TRIES = 20  # how often a program asks again when the line goes dead
Act = Callable[[Any], bool]
Statement = tuple[str, Any]  # as the driver had it: words and parameters; "COMMIT" ends a part


@dataclass(frozen=True)
class Way:
    """One way to book, as each client is told of it. ``session_ids``: one, or the dates of
    ``series_id``."""

    name: str
    url: str
    session_ids: Sequence[UUID]
    seconds: float
    series_id: UUID | None = None
    port: int = 0
    recorded: dict[UUID, list[Statement]] = field(default_factory=dict)


@dataclass
class Told:
    """What one client saw: how long each answer took, who was told «confirmed», what failed."""

    latencies: list[float] = field(default_factory=list)
    confirmed: list[UUID] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def clients(way: Way, shares: Sequence[Sequence[Any]], barrier: Any, queue: Any) -> None:
    """One process: a thread for each share of the people."""
    made = [BY[way.name](way) for _share in shares]
    told = [Told() for _share in shares]
    barrier.wait(timeout=180)
    until = time.perf_counter() + way.seconds
    threads = [
        threading.Thread(target=_book, args=(act, share, until, one))
        for (act, _close), share, one in zip(made, shares, told, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _act, close in made:
        close()
    queue.put(told)


def _book(act: Act, people: Sequence[Any], until: float, told: Told) -> None:
    for person in people:
        began = time.perf_counter()
        if began > until:
            break
        try:
            is_seated = act(person)
        except Exception as error:
            told.errors.append(f"{type(error).__name__}: {error}"[:160])
            continue
        told.latencies.append(time.perf_counter() - began)
        if is_seated:
            told.confirmed.append(person.user_id)


def _connect(url: str, *, is_recorded: bool = False) -> Any:
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, timeout=60, check_same_thread=False)
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=not is_recorded)


def by_bare_sql(way: Way) -> tuple[Act, Callable[[], object]]:
    """The least a seat can cost: one statement that decides, one row, one commit."""
    connection = _connect(way.url)
    mark, begin = ("?", "BEGIN IMMEDIATE") if way.url.startswith("sqlite") else ("%s", "BEGIN")

    def act(person: Any, dates: int = len(way.session_ids)) -> bool:
        connection.execute(begin)
        for pool in range(dates):
            decided = connection.execute(
                f"UPDATE bare_pool SET taken = taken + 1 WHERE id = {pool} AND taken < capacity"
            )
            connection.execute(
                f"INSERT INTO bare_seat VALUES ({mark}, {mark}, {mark})",
                (str(person.user_id), pool, decided.rowcount),
            )
        connection.execute("COMMIT")
        return True

    return act, connection.close


def by_same_sql(way: Way) -> tuple[Act, Callable[[], object]]:
    """What a booking through the API asks of the database, word for word, and nothing around it."""
    connection = _connect(way.url, is_recorded=True)

    def act(person: Any) -> bool:
        for words, parameters in way.recorded[person.user_id]:
            if words == "COMMIT":
                connection.commit()
                continue
            found = connection.execute(words, parameters)
            if words.startswith("UPDATE seat_pool") and not found.rowcount:
                connection.rollback()
                return False
            if words.startswith("SELECT"):
                found.fetchall()
        return True

    return act, connection.close


def by_bare_server(way: Way) -> tuple[Act, Callable[[], object]]:
    """The same behind the same web server: what is left of it when HTTP and Flask are paid for."""
    line = _Line(way.port)

    def act(person: Any) -> bool:
        path = f"/seats/{len(way.session_ids)}/{person.user_id}"
        status, _body, _cookie = line.ask("POST", path, {})
        if status != 200:
            raise RuntimeError(f"bare: {status}")
        return True

    return act, line.close


def by_rule(way: Way) -> tuple[Act, Callable[[], object]]:
    """``claim()``, or ``claim_series()``, as the pages call it."""
    engine = create_engine(way.url)
    session = Session(engine)
    session.execute(text("SELECT 1"))
    session.rollback()

    def act(person: Any) -> bool:
        now, one = clock.now(), SeatMode.ONSITE
        if way.series_id is None:
            made = [claim(session, way.session_ids[0], person.user_id, one, now=now)]
        else:
            made = list(claim_series(session, way.series_id, person.user_id, one, now=now).made)
        is_seated = all(booking.status is BookingStatus.CONFIRMED for booking in made)
        session.commit()
        session.expunge_all()
        return is_seated

    return act, engine.dispose


class _Line:
    """A connection that is kept, and made anew when the other end dies."""

    def __init__(self, port: int) -> None:
        self.port, self.connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[int, str, str]:
        """Status, body and new cookie; asked again when a worker was killed under it."""
        for turn in range(TRIES):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read().decode(), answer.headers.get("Set-Cookie", "")
            except (http.client.HTTPException, OSError):
                self.connection.close()
                time.sleep(0.05 * turn)
        raise RuntimeError("nobody answers any more")

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


def by_api(way: Way) -> tuple[Act, Callable[[], object]]:
    """As a program: one call; one for each date of a series. What is held already is held."""
    line = _Line(way.port)

    def act(person: Any) -> bool:
        headers = {"Authorization": f"Bearer {person.key}", "Content-Type": "application/json"}
        is_seated = True
        for session_id in way.session_ids:
            path = f"/api/v1/sessions/{session_id}/bookings"
            status, body, _cookie = line.ask("POST", path, headers, '{"mode": "onsite"}')
            said = json.loads(body)
            if status == 409 and said["code"] == "already_booked":
                path = f"/api/v1/bookings/{said['booking_id']}"
                status, body, _cookie = line.ask("GET", path, headers)
                said = json.loads(body)
            if status not in (200, 201):
                raise RuntimeError(f"api: {status} {said.get('code')}")
            is_seated = is_seated and said["status"] == "confirmed"
        return is_seated

    return act, line.close


def by_form(way: Way) -> tuple[Act, Callable[[], object]]:
    """As a signed-in browser: open the session's page, send the form it holds."""
    line, page = _Line(way.port), f"/agenda/{way.session_ids[0]}"
    more = "&toutes=1" if way.series_id is not None else ""

    def act(person: Any) -> bool:
        cookie = person.cookie
        status, html, renewed = line.ask("GET", page, {"Cookie": f"session={cookie}"})
        found = TOKEN.search(html)
        if status != 200 or found is None:
            raise RuntimeError(f"page: {status}")
        again = re.search(r"session=([^;]+)", renewed)
        headers = {
            "Cookie": f"session={again.group(1) if again else cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = f"mode=onsite&csrf_token={found.group(1)}{more}"
        status, _html, _cookie = line.ask("POST", f"{page}/reserver", headers, body)
        if status != 302:
            raise RuntimeError(f"form: {status}")
        return False  # the page that follows would say so: who is seated is read in the database

    return act, line.close


WAYS = ("bare SQL", "bare, served", "same SQL", "rule", "API", "form", "API, workers killed")
BY: dict[str, Callable[[Way], tuple[Act, Callable[[], object]]]] = {
    "bare SQL": by_bare_sql,
    "bare, served": by_bare_server,
    "same SQL": by_same_sql,
    "rule": by_rule,
    "API": by_api,
    "form": by_form,
    "API, workers killed": by_api,
}
