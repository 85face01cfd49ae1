"""One line of the log for each request, under a mark that the answer carries too.

The line names the endpoint, never the address: addresses hold secrets and identifiers.
"""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request

from tierslieu import logs
from tierslieu.web.visitors import Answered, listeners

_log = logging.getLogger("tierslieu.request")
HEADER = "X-Request-ID"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What a monitor asks every second is no news while all is well.
_QUIET = {"home.healthz", "home.metrics"}


def seconds_taken() -> float:
    """How long the request at hand has taken until now."""
    return time.perf_counter() - float(g.get("tierslieu_begun", time.perf_counter()))


def _write(told: Answered) -> None:
    _log.info(
        "request",
        extra=logs.fields(
            method=told.method,
            endpoint=told.endpoint,
            status=told.status,
            ms=round(told.seconds * 1000, 1),
            bytes=told.size,
        ),
    )


def install(app: Flask) -> None:
    """Mark every request of ``app``. The first to be installed: it begins first and ends last."""

    @app.before_request
    def begin() -> None:
        g.tierslieu_begun = time.perf_counter()
        logs.take_request_id(request.headers.get(HEADER, ""))

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = logs.request_id()
        if not (request.endpoint in _QUIET and response.status_code == 200):
            _write(
                Answered(
                    request.endpoint or "-",
                    request.method if request.method in _METHODS else "-",
                    response.status_code,
                    seconds_taken(),
                    response.calculate_content_length() or 0,
                )
            )
        return response

    listeners(app).append(_write)

    @app.teardown_request
    def forget(error: BaseException | None) -> None:
        logs.forget_request_id()

    def log_exception(
        exc_info: tuple[type, BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> None:
        """In place of Flask's, which writes the address."""
        app.logger.error("a page failed", exc_info=exc_info)

    app.log_exception = log_exception  # type: ignore[method-assign]

    @app.context_processor
    def mark() -> dict[str, Any]:
        return {"request_id": logs.request_id()}
