"""A facilitator's usual words in the demonstration."""

from __future__ import annotations

from sqlalchemy.orm import Session

from courses.progress.answering.rules import keep_words
from tierslieu.house import Stage

WORDS = (
    "Ajoutez un exemple pris dans votre classe ou votre métier.",
    "Le lien demande un mot de passe : partagez-le, ou joignez une capture.",
)


def play(db: Session, stage: Stage) -> None:
    """Two words of one's own; the others are those of the house."""
    keep_words(db, stage.props["facilitators"][0], "\n".join(WORDS))
