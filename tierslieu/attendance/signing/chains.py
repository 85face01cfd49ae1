"""What is hashed of a record, and whether a chain of them is whole. No database here.

A record is a flat object of texts and whole numbers. It is written as JSON with its members in
alphabetical order, no space, nothing escaped that need not be, in UTF-8 (the form of RFC 8785 for
such objects), and hashed with SHA-256. ``static/js/signing/chain.js`` does the same.

- A link: ``at chain day half manner nonce number previous seal``. ``previous`` is the hash of the
  record before, or of ``{"chain", "session"}`` for the first.
- ``seal`` is the hash of ``name salt who written``: what is said of a person is committed to, and
  can be forgotten without breaking the chain. The salt keeps anybody from guessing it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def digest_of(members: Mapping[str, str | int]) -> str:
    """SHA-256 (hex) of a flat object in its one written form."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def begin(chain_id: UUID, session_id: UUID) -> str:
    """What the first record of a chain comes after."""
    return digest_of({"chain": str(chain_id), "session": str(session_id)})


def write_instant(at: datetime) -> str:
    """An instant as records say it: UTC, whole seconds."""
    # Not by strftime, which writes the year 1 as «1».
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read_instant(text: str) -> datetime:
    """The instant a record says. Raises ValueError for another shape."""
    return datetime.strptime(text, INSTANT).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Sealed:
    """What a record says of a person."""

    salt: str
    who: str
    name: str
    written: str

    @property
    def seal(self) -> str:
        """The hash that stands in the link."""
        return digest_of(asdict(self))


@dataclass(frozen=True)
class Link:
    """What is hashed of a record; every member as text, but its number."""

    chain: str
    number: int
    previous: str
    nonce: str
    manner: str
    day: str
    half: str
    at: str
    seal: str

    @property
    def digest(self) -> str:
        """Its hash, which the next one holds."""
        return digest_of(asdict(self))


def find_break(links: Iterable[tuple[Link, str]], *, after: str, number: int = 1) -> int | None:
    """The number of the first link (with the hash it claims) that does not follow; None: whole.

    ``after``: the hash before the first of them, whose number is ``number``.
    """
    for link, claimed in links:
        if (link.number, link.previous, link.digest) != (number, after, claimed):
            return number
        after, number = claimed, number + 1
    return None
