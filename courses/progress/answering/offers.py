"""What answering offers to the pages that gather."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from courses.progress.answering.models import AnswerHabits
from courses.progress.answering.queries import find_habits
from courses.progress.answering.scenes import play
from tierslieu.house import PersonalData, Scene
from tierslieu.register import Basis


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """One's usual words, and whether single keys act."""
    habits = find_habits(db, user_id)
    if habits is None:
        return {}
    return {"words": list(habits.words), "shortcuts": habits.has_shortcuts}


def erase(db: Session, user_id: UUID) -> None:
    """Remove them."""
    db.execute(delete(AnswerHabits).where(AnswerHabits.user_id == user_id))


OFFERS = (
    PersonalData(
        "answer_habits",
        _l("Pour qui anime : les mots avec lesquels vous retournez des étapes, vos raccourcis."),
        _l("Pour répondre vite et comme vous en avez l’habitude."),
        _l("Exécution du service que vous demandez."),
        _l("Tant que votre compte existe."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("answering", play),
)
