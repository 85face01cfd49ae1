"""What tokens give to the pages that gather: a person's data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu.house import PersonalData
from tierslieu.house_accounts import WayIn
from tierslieu.house_kept import Retention
from tierslieu.register import Basis
from tierslieu.tokens.queries import list_standing, list_tokens
from tierslieu.tokens.rules import erase_tokens, forget_ended, revoke_all


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


def count(db: Session, user_id: UUID, now: datetime) -> int:
    """How many of a person's keys stand."""
    return len(list_standing(db, user_id, now))


def describe(count: int) -> str:
    """What those keys are."""
    return str(
        ngettext(
            "%(num)s clé laisse un programme agir en votre nom, sans mot de passe.",
            "%(num)s clés laissent des programmes agir en votre nom, sans mot de passe.",
            count,
        )
    )


def close(db: Session, user_id: UUID, now: datetime) -> int:
    """End them all."""
    return revoke_all(db, user_id, now=now)


OFFERS = (
    PersonalData(
        "tokens",
        what=_(
            "Vos clés d’accès pour programmes : leur nom, ce qu’elles permettent, leurs dates et "
            "le dernier jour où elles ont servi. Jamais la clé elle-même."
        ),
        why=_("Reconnaître le programme qui agit en votre nom, et pouvoir l’arrêter."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Un an après leur fin, ou jusqu’à la fermeture de votre compte."),
        export=export,
        erase=erase_tokens,
        treatment="security",
        grounds=(Basis.CONTRACT,),
        swept_by=("retention",),
    ),
    WayIn("tokens", count=count, describe=describe, close=close),
    Retention(
        "tokens",
        label=_("Clés d’accès finies"),
        term=_("un an après leur fin"),
        sweep=forget_ended,
    ),
)
