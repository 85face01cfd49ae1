"""What was made at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from tierslieu.evaluation.nightly.models import NightlyFigures


@dataclass(frozen=True)
class Kept:
    """Figures as they were made; ``asked_at``: since when somebody wants them anew."""

    name: str
    made_at: datetime
    asked_at: datetime | None
    content: Mapping[str, Any]


def find_figures(db: Session, name: str) -> Kept | None:
    """What is kept under this name, None where nothing was made."""
    found = db.get(NightlyFigures, name)
    if found is None or found.made_at is None or found.content is None:
        return None
    return Kept(name, found.made_at, found.asked_at, found.content)


def list_rows(db: Session) -> Sequence[NightlyFigures]:
    """All that is kept or under way, without the figures themselves."""
    query = select(NightlyFigures).options(defer(NightlyFigures.content))
    return db.scalars(query.order_by(NightlyFigures.name)).all()
