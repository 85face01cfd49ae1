"""What a person's own pages offer: the phases of their timeline are their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu.home.timeline import models as _models  # noqa: F401 - its table
from tierslieu.home.timeline.queries import find_borders
from tierslieu.home.timeline.rules import forget_borders, set_borders
from tierslieu.house import PersonalData, Scene, Stage
from tierslieu.house_joining import Joining
from tierslieu.register import Basis


def _export(db: Session, user_id: UUID) -> Any:
    said = find_borders(db, user_id)
    if said is None:
        return None
    return {
        "studies_from": said.studies_from.isoformat() if said.studies_from else None,
        "job_from": said.job_from.isoformat() if said.job_from else None,
        "set_at": said.set_at.isoformat(),
    }


def _play(db: Session, stage: Stage) -> None:
    """One of the demonstration's learners has said where their studies begin."""
    learner: UUID = stage.props["people"]["learner2@example.org"]
    day = stage.today.date()
    set_borders(db, learner, studies_from=day, job_from=None, now=stage.today)


OFFERS = (
    Joining("timeline", frozenset({"timeline_borders"})),
    PersonalData(
        name="timeline",
        what=_l("Sur votre frise, les jours où vous dites que commencent vos phases."),
        why=_l("Pour dessiner votre frise comme vous l’entendez."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l("Jusqu’à ce que vous les effaciez, ou jusqu’à la fermeture de votre compte."),
        export=_export,
        erase=forget_borders,
        treatment="accounts",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("timeline", _play),
)
