"""What passkeys offer: a person's data, and a way in that a leaked password closes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house_accounts import WayIn
from tierslieu.house_kept import PersonalData
from tierslieu.people.passkeys.forgetting import erase_passkeys
from tierslieu.people.passkeys.queries import list_passkeys
from tierslieu.people.passkeys.rules import close_weak, count_weak, describe_weak
from tierslieu.register import Basis


def _export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "added_at": row.added_at.isoformat(),
            "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        }
        for row in list_passkeys(db, user_id)
    ]


OFFERS = (
    PersonalData(
        name="passkeys",
        what=_(
            "Vos clés d’identification : leur nom, leur moitié publique, leurs dates. Jamais "
            "votre empreinte ni votre visage, qui restent dans l’appareil."
        ),
        why=_("Vous laisser entrer sans mot de passe, et reconnaître une clé copiée."),
        basis=_("Exécution du service que vous demandez ; sécurité de votre compte."),
        how_long=_("Jusqu’à ce que vous les retiriez, ou que votre compte soit fermé."),
        export=_export,
        erase=erase_passkeys,
        treatment="security",
        grounds=(Basis.CONTRACT, Basis.LEGITIMATE),
    ),
    WayIn("passkeys", count=count_weak, describe=describe_weak, close=close_weak),
)
