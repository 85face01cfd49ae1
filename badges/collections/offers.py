"""What collections give to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.collections import queries
from badges.collections.rules import erase
from badges.collections.scenes import play
from tierslieu.house import BackpackPanel, Card, PersonalData, Scene


def panel(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """One's collections, once there is a badge to put into one."""
    found = queries.list_collections(db, user_id)
    if found or queries.list_choosable(db, user_id):
        yield Card("collections/_panel.html", {"collections": found}, urgency=10)


def export(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """Titles, and which badges are under each."""
    return [
        {
            "title": one.title,
            "is_shared": one.is_shared,
            "address": f"/collections/{one.id}",
            "badges": [m.award.badge.name if m.award else m.kept.name for m in one.members],  # type: ignore[union-attr]
        }
        for one in queries.list_collections(db, user_id)
    ]


OFFERS = (
    BackpackPanel("collections", panel),
    PersonalData(
        "collections",
        what=_("Vos collections de badges : leur titre, les badges réunis, le partage."),
        why=_("Les montrer ensemble à qui vous en donnez l’adresse."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Jusqu’à ce que vous les défassiez, ou que votre compte soit effacé."),
        export=export,
        erase=erase,
    ),
    Scene("collections", play),
)
