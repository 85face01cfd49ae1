"""Codes to sign with, made from the place's key; none of them is stored, none says a name.

The room's code changes every half-minute. It is still taken a minute and a half later, and half a
minute early: a slow hand or two servers whose clocks differ refuse nobody.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

STEP = 30  # seconds that a code of the room is new
BEFORE, AFTER = 3, 1  # how many steps late, or early, it is taken
TICKET = 15 * 60  # seconds to sign in with an account after the room's QR code was opened
DIGITS = 6
_TO_SAY = str.maketrans("OILU", "0118")  # letters that are read as digits


class Codes:
    """The codes of one place. ``key``: its secret; the codes are made under keys of their own."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def _mac(self, *parts: object) -> bytes:
        said = "\0".join(("signing", *map(str, parts)))
        return hmac.new(self._key, said.encode(), hashlib.sha256).digest()

    def show(self, session_id: UUID, now: datetime) -> str:
        """The digits on the room's screen."""
        return self._digits(session_id, _step(now))

    def _digits(self, session_id: UUID, step: int) -> str:
        number = int.from_bytes(self._mac("digits", session_id, step)[:8])
        return f"{number % 10**DIGITS:0{DIGITS}}"

    def takes(self, session_id: UUID, digits: str, now: datetime) -> bool:
        """Whether these digits stood on the screen lately, typed with or without spaces."""
        typed = "".join(digits.split())
        return _is_one(typed, (self._digits(session_id, step) for step in _window(now)))

    def show_key(self, session_id: UUID, now: datetime) -> str:
        """What the QR code on the screen carries: too long to guess."""
        return self._long("key", session_id, _step(now))

    def takes_key(self, session_id: UUID, key: str, now: datetime) -> bool:
        """Whether the screen showed this QR code lately."""
        return _is_one(key, (self._long("key", session_id, step) for step in _window(now)))

    def make_ticket(self, session_id: UUID, now: datetime) -> str:
        """Who opened the QR code in time may take a while to sign in with their account."""
        until = int(now.timestamp()) + TICKET
        return f"{until}.{self._long('ticket', session_id, until)}"

    def takes_ticket(self, session_id: UUID, ticket: str, now: datetime) -> bool:
        """Whether this ticket is ours and still good."""
        until, _dot, _mac = ticket.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        good = f"{until}.{self._long('ticket', session_id, until)}"
        return _is_one(ticket, (good,)) and now.timestamp() <= int(until)

    def own(self, session_id: UUID, user_id: UUID) -> str:
        """A person's own code at one session: ``K7QF-2MXP``, eight characters easily said."""
        letters = b32encode(self._mac("own", session_id, user_id))[:8].decode().translate(_TO_SAY)
        return f"{letters[:4]}-{letters[4:]}"

    def _long(self, *parts: object) -> str:
        return urlsafe_b64encode(self._mac(*parts)[:18]).decode()


def tidy_own(code: str) -> str:
    """A person's own code however it is typed."""
    letters = "".join(c for c in code.upper() if c.isalnum()).translate(_TO_SAY)
    return f"{letters[:4]}-{letters[4:]}" if len(letters) == 8 else ""


def own_digest(session_id: UUID, code: str) -> str:
    """What the facilitator's phone keeps of a code, to know it again without network."""
    return hashlib.sha256(f"{session_id}:{code}".encode()).hexdigest()


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def _window(now: datetime) -> range:
    return range(_step(now) - BEFORE, _step(now) + AFTER + 1)


def _is_one(given: str, good: Iterable[str]) -> bool:
    """Whether it is one of these; all are compared, so that time tells nothing."""
    said = given.encode()
    return sum(hmac.compare_digest(said, one.encode()) for one in good) > 0
