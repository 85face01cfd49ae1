"""A collection of the demonstration's learner."""

from __future__ import annotations

from sqlalchemy.orm import Session

from badges.collections.queries import list_choosable
from badges.collections.rules import save_collection, share_collection
from tierslieu.clock import days
from tierslieu.house import Stage


def play(db: Session, stage: Stage) -> None:
    """Their badges of this place and the one from elsewhere, shared by an address."""
    user_id = stage.props["people"]["learner@example.org"]
    chosen = [award.id for award in list_choosable(db, user_id)]
    title = "Pour ma candidature au lycée"
    made = save_collection(
        db, user_id, None, title, [*chosen, stage.props["kept"]], now=stage.today - days(2)
    )
    share_collection(db, user_id, made.id, is_shared=True)
