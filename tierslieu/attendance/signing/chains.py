"""What is hashed of a signature. No database here; ``tierslieu/chaining.py`` says how it is hashed
and whether a chain is whole, and ``static/js/signing/chain.js`` does the same.

- A link: ``at chain day half manner nonce number previous seal``. ``previous`` is the hash of the
  record before, or of ``{"chain", "session"}`` for the first.
- ``seal`` is the hash of ``name salt who written``: what is said of a person is committed to, and
  can be forgotten without breaking the chain. The salt keeps anybody from guessing it back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from tierslieu.chaining import digest_of


def begin(chain_id: UUID, session_id: UUID) -> str:
    """What the first record of a chain comes after."""
    return digest_of({"chain": str(chain_id), "session": str(session_id)})


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
