"""Failures told to a Sentry of one's own choosing, and nothing else than the log says of them.

Off unless ``TIERSLIEU_SENTRY_DSN`` is set. None of the library's own watching is switched on (it
would take addresses, forms, accounts, statements and variables along): an event is made of the
facts of one line of the log (:mod:`tierslieu.logs`), which hold no personal data.
"""

from __future__ import annotations

import atexit
import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from tierslieu import logs

if TYPE_CHECKING:  # an extra: a place that tells nobody does without it
    from sentry_sdk import Client

ENDS_WITHIN = 2.0  # seconds a process that ends waits for what is still to be told
_SAID_APART = {"time", "level", "logger", "message", "error", "cause", "at"}


def to_event(facts: dict[str, Any]) -> dict[str, Any]:
    """The event of one line of the log, as Sentry reads it (its «event payloads»)."""
    event: dict[str, Any] = {
        "level": facts["level"],
        "logger": facts["logger"],
        "logentry": {"formatted": facts["message"]},
        "tags": {name: str(value) for name, value in facts.items() if name not in _SAID_APART},
    }
    if "error" in facts:
        lines = [place.rpartition(":") for place in facts["at"]]
        kind = {"type": facts["error"], "value": facts.get("cause", "")}
        if lines:
            frames = [
                {"filename": file, "lineno": int(line), "in_app": True}
                for file, _colon, line in reversed(lines)  # the last call stands last
            ]
            kind["stacktrace"] = {"frames": frames}
        event["exception"] = {"values": [kind]}
        # By the place in our code: the words beside it may name a page.
        event["fingerprint"] = [facts["error"], *facts["at"][:1]]
    return event


class Telling(logging.Handler):
    """Tells each line of level ERROR and above. What cannot be told is dropped without a word: the
    log has it."""

    def __init__(self, client: Client) -> None:
        super().__init__(logging.ERROR)
        self._client = client

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it to the thread that sends."""
        if record.name.startswith(("sentry_sdk", "urllib3")):  # of the telling itself
            return
        try:
            self._client.capture_event(to_event(logs.facts(record)))  # type: ignore[arg-type]
        except Exception:  # a failure of the telling is none of what is told
            self.handleError(record)

    def close(self) -> None:
        """Send what waits, for a moment."""
        self._client.close(timeout=ENDS_WITHIN)
        super().close()


def set_up(dsn: str) -> None:
    """Have this process tell its failures there; nothing without an address."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, Telling):
            root.removeHandler(handler)
            handler.close()
    if not dsn:
        return
    from sentry_sdk import Client

    client = Client(
        dsn=dsn,
        release=f"tierslieu@{version('tierslieu')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        spotlight=False,
    )
    handler = Telling(client)
    root.addHandler(handler)
    atexit.register(handler.close)
