"""What statements offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from courses.statements.jobs import JOBS, RULES
from courses.statements.models import ActivityState, XapiStatement
from courses.statements.queries import count_activities, list_waiting_of
from courses.statements.scenes import play
from tierslieu.house import Card, HomeCard, PersonalData, Scene
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR
from tierslieu.register import Basis


def cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Activities of which nobody said yet what they are worth."""
    count = count_activities(db, state=ActivityState.NEW)
    if count:
        yield Card("statements/_card_new.html", {"count": count}, urgency=40)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """What other systems said of a person and is not used yet; the rest is in their progress."""
    return [
        {
            "statement": str(one.statement_id),
            "verb": one.verb,
            "activity": one.activity.iri if one.activity is not None else None,
            "happened_at": one.happened_at.isoformat() if one.happened_at is not None else None,
            "received_at": one.received_at.isoformat(),
        }
        for one in list_waiting_of(db, user_id)
    ]


def erase(db: Session, user_id: UUID) -> None:
    """Forget them."""
    db.execute(delete(XapiStatement).where(XapiStatement.user_id == user_id))


OFFERS = (
    HomeCard("new_activities", frozenset({FACILITATOR, ADMINISTRATOR}), cards),
    PersonalData(
        "xapi_statements",
        _l(
            "Ce qu’un autre site dit que vous avez réussi (traces xAPI), tant que cela ne valide "
            "pas encore d’étape : quelle activité, et quand."
        ),
        _l("Pour valider ici ce que vous avez réussi là-bas."),
        _l("Exécution du service que vous demandez."),
        _l(
            "Jusqu’à ce que l’étape soit validée, un an au plus. Ensuite seulement un identifiant "
            "qui ne dit rien de vous, pour reconnaître la même trace envoyée deux fois."
        ),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
        swept_by=("forget_statements",),
    ),
    *JOBS,
    *RULES,
    Scene("statements", play),
)
