"""What the register offers: its activities, and who of the team made what the place is made of."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house_kept import PersonalData
from tierslieu.people.register.queries import count_team_work
from tierslieu.people.register.treatments import TREATMENTS
from tierslieu.register import TEAM_WORK, Basis


def _keep(db: Session, user_id: UUID) -> None:
    """The account that these rows name is emptied: they say nothing of anybody any more."""


OFFERS = (
    *TREATMENTS,
    PersonalData(
        TEAM_WORK,
        what=_(
            "Si vous êtes de l’équipe : que vous avez créé ou décidé telle chose du lieu (séance, "
            "parcours, badge, liste)."
        ),
        why=_("Savoir à qui s’adresser, et répondre de ce que le lieu publie."),
        basis=_("L’intérêt légitime du lieu à savoir qui tient quoi (RGPD, article 6.1.f)."),
        how_long=_("Tant que cela sert au lieu ; sans votre nom dès que votre compte est fermé."),
        export=count_team_work,
        erase=_keep,
        treatment="security",
        grounds=(Basis.LEGITIMATE,),
    ),
)
