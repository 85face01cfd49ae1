"""What was made at night."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from tierslieu.evaluation.nightly.models import NightlyFigures


def find_figures(db: Session, name: str) -> NightlyFigures | None:
    """What is kept under this name, None where nothing is."""
    return db.get(NightlyFigures, name)


def list_kept(db: Session) -> Sequence[NightlyFigures]:
    """All that is kept, without the figures themselves."""
    query = select(NightlyFigures).options(defer(NightlyFigures.content))
    return db.scalars(query.order_by(NightlyFigures.name)).all()
