"""What a feature offers to whoever writes to people: the language they read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Reader:
    """What language whoever reads at an address chose: ``ask(db, address)`` gives ``fr``, ``en``,
    or nothing where nobody is known there."""

    ask: Callable[[Session, str], str]
