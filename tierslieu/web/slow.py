"""Statements of the database that take long: told in the log with their placeholders, never with
what was filled in."""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import Engine, event

from tierslieu import logs

_log = logging.getLogger("tierslieu.slow")
LONGEST = 2000  # characters of a statement


def watch_statements(engine: Engine, least_ms: int) -> None:
    """Log the statements of ``engine`` that take ``least_ms`` milliseconds or more."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        connection.info["tierslieu_begun"] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        took = (time.perf_counter() - connection.info["tierslieu_begun"]) * 1000
        if took >= least_ms:
            told = " ".join(statement.split())[:LONGEST]
            _log.warning("slow statement", extra=logs.fields(ms=round(took, 1), statement=told))
