"""What tokens give to the pages that gather: a person's data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.house import PersonalData
from tierslieu.tokens.queries import list_tokens
from tierslieu.tokens.rules import erase_tokens


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """A person's keys; never what could open anything."""
    return [
        {
            "name": token.name,
            "scopes": token.scopes,
            "created_at": token.created_at.isoformat(),
            "last_used_on": token.last_used_on.isoformat() if token.last_used_on else None,
            "expires_at": token.expires_at.isoformat(),
            "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        }
        for token in list_tokens(db, user_id)
    ]


OFFERS = (
    PersonalData(
        "tokens",
        what=_(
            "Vos clés d’accès pour programmes : leur nom, ce qu’elles permettent, leurs dates et "
            "le dernier jour où elles ont servi. Jamais la clé elle-même."
        ),
        why=_("Reconnaître le programme qui agit en votre nom, et pouvoir l’arrêter."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Tant que votre compte existe."),
        export=export,
        erase=erase_tokens,
    ),
)
