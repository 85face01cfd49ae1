"""What features offer of how far people come, and who could not: more of ``tierslieu/house.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

# The stages of following a path, in their order.
ENROLLED, STARTED, CAME, COMPLETED, AWARDED = "enrolled", "started", "came", "completed", "awarded"
STAGES = (ENROLLED, STARTED, CAME, COMPLETED, AWARDED)


@dataclass(frozen=True)
class FunnelStage:
    """Who reached a stage (one of ``STAGES``) of a path.

    ``people(db, since, until)``: each (person, path), for enrolments that began in [since, until),
    whenever the stage was reached. Several features may offer the same stage.
    """

    stage: str
    people: Callable[[Session, datetime, datetime], Iterable[tuple[UUID, UUID]]]


@dataclass(frozen=True)
class UnmetDemand:
    """Who wanted something of the place and did not get it.

    ``people(db, since, until)``: each (person, path it was about, None: about none), for what took
    place in [since, until) and has begun.
    """

    key: str
    label: str
    definition: str
    people: Callable[[Session, datetime, datetime], Iterable[tuple[UUID, UUID | None]]]
