"""What a feature holds on people, for how long, and what it forgets when that time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.register import Basis


@dataclass(frozen=True)
class Treatment:
    """An activity of the register (GDPR, article 30): it groups what features hold on people.

    ``recipients``: who sees it; ``measures``: what protects it besides what protects all.
    """

    key: str
    title: Any
    purpose: Any
    recipients: Any
    measures: Any


@dataclass(frozen=True)
class PersonalData:
    """What is held on a person, why, on what legal basis, for how long; export and erasure.

    ``is_identity``: finds the rest (the account, its addresses), and is therefore erased last.
    ``treatment``: its activity in the register; ``grounds``: the basis, as articles; ``swept_by``:
    names of the jobs that keep the promise of ``how_long`` before the account closes, which
    erases whatever is left.
    """

    name: str
    what: str
    why: str
    basis: str
    how_long: str
    export: Callable[[Session, UUID], Any]
    erase: Callable[[Session, UUID], None]
    is_identity: bool = False
    treatment: str = ""
    grounds: Sequence[Basis] = ()
    swept_by: Sequence[str] = ()


@dataclass(frozen=True)
class Retention:
    """Something that is forgotten when its time is over.

    ``sweep(db, now)`` forgets a slice and flushes; it gives how many, 0 when nothing is past its
    term. It writes to the database alone, so that a dry run may call it and roll back. ``job``:
    the periodic job that calls it; the nightly one unless a feature has its own.
    """

    name: str
    label: Any
    term: Any
    sweep: Callable[[Session, datetime], int]
    job: str = "retention"
