"""What is written to the log, and how: lines for people, or JSON for machines, on stderr.

No line carries personal data. Ours say what they know by name (:func:`fields`); of an error they
say the class and where in our own code it came from, never its values. What the code of others
logs keeps its words and loses what was filled in: a library may put an address there.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

FIELDS = "tierslieu_fields"
_OURS = ("tierslieu", "courses", "badges")
_HOME = Path(__file__).resolve().parents[1]
# A UUID, or the hexadecimal of nginx: nothing that could be a word, a name or an address.
_WELL_FORMED = re.compile(r"[0-9A-Fa-f-]{16,64}")
# Of these libraries, whole sentences are kept: they speak of processes.
_KNOWN = ("gunicorn", "huey", "alembic")

_request_id: ContextVar[str] = ContextVar("tierslieu_request_id", default="")


def fields(**values: Any) -> dict[str, Any]:
    """``extra=`` of a log call: facts by name beside the message, none of them personal."""
    return {FIELDS: values}


def request_id() -> str:
    """The mark of the request (or of the job) at hand; empty outside of one."""
    return _request_id.get()


def take_request_id(given: str) -> str:
    """Begin a request: its mark is the one given if it is well-formed, else made; returned."""
    mark = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
    _request_id.set(mark)
    return mark


def forget_request_id() -> None:
    """The request is over; what its thread logs later is not of it."""
    _request_id.set("")


@contextmanager
def marked() -> Iterator[str]:
    """Within the block, every line carries one mark: what belongs to one job is found by it."""
    token = _request_id.set(secrets.token_hex(8))
    try:
        yield _request_id.get()
    finally:
        _request_id.reset(token)


def describe_error(error: BaseException) -> dict[str, Any]:
    """Of an error: its class, that of its cause, and the lines of our code it passed, the last
    first. Never its message, which may hold what a person wrote."""
    found: dict[str, Any] = {"error": type(error).__name__, "at": _own_lines(error.__traceback__)}
    cause = error.__cause__ or error.__context__
    if cause is not None:
        found["cause"] = type(cause).__name__
        if not found["at"]:
            found["at"] = _own_lines(cause.__traceback__)
    return found


def _own_lines(trace: TracebackType | None) -> list[str]:
    lines = []
    for frame, number in traceback.walk_tb(trace):
        place = _own_place(frame.f_code.co_filename)
        if place:
            lines.append(f"{place}:{number}")
    return lines[::-1][:8]


def _own_place(filename: str) -> str:
    """A file of ours, told from the top of the house; empty for the code of others."""
    try:
        place = Path(filename).resolve().relative_to(_HOME)
    except (OSError, ValueError):
        return ""
    return str(place) if place.parts[0] in _OURS else ""


def _words(record: logging.LogRecord) -> str:
    if _own_place(record.pathname):
        return record.getMessage()
    if record.args or record.name.partition(".")[0] in _KNOWN:
        return str(record.msg)
    return f"a message of {record.name}"


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """All that is said of a record, by name: ``time``, ``level``, ``logger``, ``message``, the
    request's mark, its own :func:`fields`, and of an error :func:`describe_error`."""
    found: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _words(record),
    }
    if request_id():
        found["request_id"] = request_id()
    found |= getattr(record, FIELDS, {})
    if record.exc_info and record.exc_info[1] is not None:
        found |= describe_error(record.exc_info[1])
    return found


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of this record."""
        return json.dumps(facts(record), ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """``time level message name=value …``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of this record; no value can begin another line."""
        told = facts(record)
        begin = [str(told.pop(name)) for name in ("time", "level", "message")]
        del told["logger"]
        rest = [f"{name}={_told(value)}" for name, value in told.items()]
        return " ".join([*begin, *rest]).replace("\n", " ")


def _told(value: Any) -> str:
    return "<".join(value) if isinstance(value, list) else str(value)


def formatter(kind: str) -> logging.Formatter:
    """``plain`` or ``json``."""
    return JsonLines() if kind == "json" else PlainLines()


class _Errors(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def set_up(kind: str) -> None:
    """Have this process write its log so. For processes that serve; commands print."""
    # A line that cannot be written (its disk is full) is lost: telling of it would print what was
    # to be filled in.
    logging.raiseExceptions = False
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Errors):
            root.removeHandler(handler)
    handler = _Errors()
    handler.setFormatter(formatter(kind))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
