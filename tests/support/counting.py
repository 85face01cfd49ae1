"""How many statements the database is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.client import LookingClient
from tierslieu.db import db as database


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """The statements sent within the block, transactions' own words left out."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(None, 1)[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


STEP = 10  # instructions between two ticks


@contextmanager
def counted_work() -> Iterator[list[int]]:
    """How much SQLite had to do within the block, in tens of its instructions, as one number: what
    it reads shows here, though a page be given few rows of it. The same place gives the same."""
    work, heard = [0], set()

    def tick() -> int:
        work[0] += 1
        return 0

    def listen(conn: Any, *_rest: Any) -> None:
        raw = conn.connection.driver_connection
        raw.set_progress_handler(tick, STEP)
        heard.add(raw)

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield work
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
        for raw in heard:
            raw.set_progress_handler(None, 0)


def cost_of(client: LookingClient, url: str) -> tuple[int, int]:
    """Statements and work of a page that is shown; looked at once before, so that what is kept is
    kept."""
    client.get(url)
    with counted_queries() as sent, counted_work() as work:
        assert client.get(url).status_code == 200
    return len(sent), work[0]
