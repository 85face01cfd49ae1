"""What features offer so that two accounts become one: more of ``tierslieu/house.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Joining:
    """How this feature's rows of two accounts of one person become those of one account.

    Every column that names a person is turned from the account that goes to the one that is kept
    (``tierslieu.people.joining``). That fails where both have a row and only one may stand: such
    a table is named here once. In ``doubles`` the row of the account that goes is dropped, for the
    other says the same; those of ``tables`` are seen to by ``join(db, gone, kept, now)``, before.
    ``blocks(db, gone, kept)``: sentences saying what the person has to settle first;
    ``judged(db, judge, about)``: how much one of the accounts decided about the other.
    """

    name: str
    doubles: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    join: Callable[[Session, UUID, UUID, datetime], None] | None = None
    blocks: Callable[[Session, UUID, UUID], Iterable[str]] | None = None
    judged: Callable[[Session, UUID, UUID], int] | None = None
