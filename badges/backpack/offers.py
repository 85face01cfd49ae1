"""What the backpack gives to the pages that gather: badges from elsewhere, personal data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards.queries import find_holder_page
from badges.backpack import queries
from badges.backpack.rules import erase, join_kept
from badges.backpack.scenes import play
from tierslieu.house import BackpackPanel, Card, PersonalData, Scene
from tierslieu.house_joining import Joining
from tierslieu.register import Basis


def panel(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """Badges received elsewhere, and the way to bring one; the public page, if there is one."""
    page = find_holder_page(db, user_id)
    is_open = page is not None and queries.find_public_holder(db, page.id) is not None
    context = {"kept": queries.list_kept(db, user_id), "page": page if is_open else None}
    yield Card("backpack/_panel.html", context, urgency=20)


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """The badges kept from elsewhere, as they came, and the public page's address."""
    page = find_holder_page(db, user_id)
    return {
        "public_page": f"/badges/personnes/{page.id}" if page else None,
        "badges": [
            {
                "name": kept.name,
                "issuer": kept.issuer_name,
                "kept_at": kept.kept_at.isoformat(),
                "checked_at": kept.checked_at.isoformat(),
                "outcome": kept.outcome,
                "credential": kept.credential,
            }
            for kept in queries.list_kept(db, user_id)
        ],
    }


OFFERS = (
    Joining("backpack", tables=frozenset({"kept_badge"}), join=join_kept),
    BackpackPanel("kept", panel),
    PersonalData(
        "backpack",
        what=_(
            "Les badges reçus d’autres émetteurs que vous gardez ici, avec le résultat de leur "
            "dernière vérification ; l’adresse de votre page publique si vous en avez une."
        ),
        why=_("Les avoir au même endroit que ceux du lieu, et les montrer si vous le voulez."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Jusqu’à ce que vous les enleviez, ou que votre compte soit effacé."),
        export=export,
        erase=erase,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("backpack", play),
)
