"""What the catalogue offers: itself, before the place opens."""

from __future__ import annotations

from sqlalchemy.orm import Session

from courses.paths.queries import list_paths
from courses.paths.rules import load_catalogue
from tierslieu import clock
from tierslieu.house import Scene, Setup, Stage
from tierslieu.settings import Settings


def set_up(db: Session, settings: Settings) -> None:
    """Load the catalogue shipped with the house."""
    load_catalogue(db, now=clock.now())


def play(db: Session, stage: Stage) -> None:
    """The demonstration stands on the real catalogue."""
    load_catalogue(db, now=stage.today - clock.days(120))
    stage.props["paths"] = {path.slug: path.id for path in list_paths(db)}


OFFERS = (Setup("catalogue", set_up), Scene("paths", play))
