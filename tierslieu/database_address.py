"""What the address of a database may be: refused at the door, for the drivers would answer with a
trace, and repeat the password in it."""

from __future__ import annotations

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVER = "postgresql+psycopg://"
SHAPE = (
    "it is like postgresql://user:password@host:5432/name, where the port goes to 65535, and a "
    "password bears @ as %40, / as %2F, : as %3A, % as %25 and a space as %20"
)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadDatabaseAddress(ValueError):
    """It leads to no database; the message says the mend, and repeats nothing of it."""


def read_database_address(text: str) -> str:
    """The address as the engine takes it, with its driver. Raises :class:`BadDatabaseAddress`."""
    if text.startswith(("postgres://", "postgresql://")):
        text = DRIVER + text.split("://", 1)[1]
    if not text.startswith(("sqlite://", DRIVER)):
        raise BadDatabaseAddress(
            "must begin with sqlite:// or postgresql://, without the name of another driver"
        )
    if text.startswith("sqlite://"):
        if not text.startswith("sqlite:////"):
            raise BadDatabaseAddress("must name a file from its root: sqlite:////path/file")
    elif re.search(r"\s", text) or not text.isprintable():
        raise BadDatabaseAddress(f"has a space or a line break in it: {SHAPE}")
    elif _LONE_PERCENT.search(text) or "%00" in text:
        raise BadDatabaseAddress(f"has a % that stands for nothing: {SHAPE}")
    try:
        url = make_url(text)
        url.get_dialect()().create_connect_args(url)
        is_read_alike = text.startswith("sqlite://") or _is_read_alike(url, text)
    except (ArgumentError, ValueError, psycopg.ProgrammingError):
        is_read_alike = False
    if not is_read_alike:
        shape = "it is like sqlite:////path/file" if text.startswith("sqlite:") else SHAPE
        raise BadDatabaseAddress(f"cannot be read: {shape}")
    return text


def as_libpq_reads(address: str) -> str:
    """The same address without the name of the driver, for what speaks to PostgreSQL by itself."""
    return address.replace(DRIVER, "postgresql://", 1)


def _is_read_alike(url: URL, text: str) -> bool:
    """Whether the driver, which the queue asks by itself, reads what the engine reads: an @ or a
    slash within a password makes them look for different hosts, and tell its rest as a name."""
    theirs = conninfo_to_dict(as_libpq_reads(text))
    ours = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
    wait = str(theirs.get("connect_timeout") or "0")
    return (
        all(str(theirs.get(k) or "") == str(v or "") for k, v in ours.items() if k not in url.query)
        and "@" not in (url.host or "")
        and (url.port is None or 0 < url.port < 65_536)
        and wait.isascii()
        and wait.isdigit()
    )
