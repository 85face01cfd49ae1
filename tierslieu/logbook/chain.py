"""What is hashed of a row of the logbook. No database here; see ``tierslieu/chaining.py``.

A link: ``about act actor at number previous subject via via_ref``, where ``actor`` and ``subject``
are seals: the hash of ``salt who words``, or nothing where nobody is meant. The row before the
first has the hash «» (nothing).
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from tierslieu.chaining import digest_of


@dataclass(frozen=True)
class Sealed:
    """Who is meant, and what is said of them."""

    who: str
    words: str
    salt: str

    @property
    def seal(self) -> str:
        """The hash that stands in the link; nothing for nobody."""
        return digest_of(asdict(self)) if self.salt else ""


def seal_of(who: str, words: str = "") -> Sealed:
    """``who`` under a new salt of 128 bits, so that nobody tries every account of the place."""
    return Sealed(who, words, secrets.token_hex(16) if who or words else "")


@dataclass(frozen=True)
class Link:
    """What is hashed of a row; every member as text, but its number."""

    number: int
    previous: str
    at: str
    act: str
    via: str
    via_ref: str
    about: str
    actor: str
    subject: str

    @property
    def digest(self) -> str:
        """Its hash, which the next one holds."""
        return digest_of(asdict(self))
