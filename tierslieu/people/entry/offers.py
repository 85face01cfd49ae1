"""What invitations offer: what is held of an invited address, and when it is erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house_kept import PersonalData, Retention
from tierslieu.people.entry.queries import list_of_address
from tierslieu.people.entry.rules import erase_invitations, forget_over
from tierslieu.people.models import User
from tierslieu.register import Basis


def _export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "email": one.email,
            "invited_at": one.made_at.isoformat(),
            "ends_at": one.ends_at.isoformat(),
            "accepted_at": one.used_at.isoformat() if one.used_at else None,
        }
        for one in list_of_address(db, db.get_one(User, user_id).email)
    ]


def _erase(db: Session, user_id: UUID) -> None:
    erase_invitations(db, db.get_one(User, user_id).email)


OFFERS = (
    Retention(
        "entry_invitations",
        label=_("Invitations à ouvrir un compte"),
        term=_("quinze jours après leur fin, ou leur retrait"),
        sweep=forget_over,
    ),
    PersonalData(
        name="entry_invitations",
        what=_("Les invitations à ouvrir un compte envoyées à votre adresse."),
        why=_("N’ouvrir des comptes qu’aux personnes invitées, le temps d’un pilote."),
        basis=_("Intérêt légitime : essayer le lieu avec peu de monde, avant de l’ouvrir."),
        how_long=_("Quinze jours après la fin de l’invitation, ou son retrait."),
        export=_export,
        erase=_erase,
        treatment="accounts",
        grounds=(Basis.LEGITIMATE,),
        swept_by=("retention",),
    ),
)
