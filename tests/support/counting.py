"""How many statements the database is sent, and how much it does to answer them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.client import LookingClient
from tierslieu.db import db as database

EVERY = 5  # steps of SQLite's machine: it is asked so often whether to go on


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


@contextmanager
def counted_work() -> Iterator[list[int]]:
    """What SQLite does within the block to answer: one element for every :data:`EVERY` steps of its
    machine. The same rows read the same way are the same steps, on any computer."""
    steps: list[int] = []
    watched = set()

    def step() -> int:
        steps.append(EVERY)
        return 0

    def watch(connection: Any, _cursor: Any, _statement: str, *_rest: Any) -> None:
        raw = connection.connection.driver_connection
        if raw not in watched:
            watched.add(raw)
            raw.set_progress_handler(step, EVERY)

    event.listen(database.engine, "before_cursor_execute", watch)
    try:
        yield steps
    finally:
        event.remove(database.engine, "before_cursor_execute", watch)
        for raw in watched:
            raw.set_progress_handler(None, 0)


def cost_of(client: LookingClient, url: str) -> tuple[int, int]:
    """Statements and work of a page that is shown; looked at once before, so that what is kept is
    kept."""
    client.get(url)
    with counted_queries() as sent, counted_work() as work:
        assert client.get(url).status_code == 200
    return len(sent), sum(work)
