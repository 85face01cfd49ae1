"""Records that each hold the hash of the one before: what is hashed, and whether a chain is whole.

A record is a flat object of texts and whole numbers. It is written as JSON with its members in
alphabetical order, no space, nothing escaped that need not be, in UTF-8 (the form of RFC 8785 for
such objects), and hashed with SHA-256. What a record says of a person is not in it, only a seal:
the hash of that and of a salt. So it can be forgotten without breaking the chain, and nobody
guesses it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def digest_of(members: Mapping[str, str | int]) -> str:
    """SHA-256 (hex) of a flat object in its one written form."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_instant(at: datetime) -> str:
    """An instant as records say it: UTC, whole seconds."""
    # Not by strftime, which writes the year 1 as «1».
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read_instant(text: str) -> datetime:
    """The instant a record says. Raises ValueError for another shape."""
    return datetime.strptime(text, INSTANT).replace(tzinfo=UTC)


class Linked(Protocol):
    """What is hashed of a record."""

    @property
    def number(self) -> int:
        """Its place in the chain."""

    @property
    def previous(self) -> str:
        """The hash of the record before."""

    @property
    def digest(self) -> str:
        """Its hash, which the next one holds."""


def find_break(links: Iterable[tuple[Linked, str]], *, after: str, number: int = 1) -> int | None:
    """The number of the first link (with the hash it claims) that does not follow; None: whole.

    ``after``: the hash before the first of them, whose number is ``number``.
    """
    for link, claimed in links:
        if (link.number, link.previous, link.digest) != (number, after, claimed):
            return number
        after, number = claimed, number + 1
    return None
