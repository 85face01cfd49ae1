"""What is offered about accounts: the language of whoever reads there, what opens one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Reader:
    """What language whoever reads at an address chose: ``ask(db, address)`` gives ``fr``, ``en``,
    or nothing where nobody is known there."""

    ask: Callable[[Session, str], str]


@dataclass(frozen=True)
class WayIn:
    """What opens a person's account besides their password, and is closed with it when it leaked.

    ``count(db, user_id, now)``: how many there are; ``describe(count)``: that, in a sentence;
    ``close(db, user_id, now)`` ends them all and says how many they were.
    """

    name: str
    count: Callable[[Session, UUID, datetime], int]
    describe: Callable[[int], str]
    close: Callable[[Session, UUID, datetime], int]
