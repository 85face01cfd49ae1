"""What collections give to the pages that gather."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards.keys import KeyUnreadable
from badges.collections import queries
from badges.collections.presenting import present
from badges.collections.rules import erase
from badges.collections.scenes import play
from badges.engine.errors import FetchFailed
from tierslieu.house import BackpackPanel, Card, PersonalData, PublishedDocument, Scene
from tierslieu.register import Basis
from tierslieu.settings import Settings


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


_PAGE = re.compile(
    r"/collections/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:\.json)?(?:\?.*)?"
)


def publish(db: Session, settings: Settings, path: str) -> str | None:
    """A shared collection, from the address of its page or its file."""
    match = _PAGE.fullmatch(path)
    found = queries.find_page_for(db, None, UUID(match[1])) if match else None
    if found is None or not found.members:
        return None
    try:
        return present(db, settings, found)
    except KeyUnreadable:
        unsigned = FetchFailed("nothing can be signed", settings.base_url + path)
        unsigned.params["why"] = "key"
        raise unsigned from None


OFFERS = (
    PublishedDocument("collections", publish),
    BackpackPanel("collections", panel),
    PersonalData(
        "collections",
        what=_("Vos collections de badges : leur titre, les badges réunis, le partage."),
        why=_("Les montrer ensemble à qui vous en donnez l’adresse."),
        basis=_("Exécution du service que vous demandez."),
        how_long=_("Jusqu’à ce que vous les défassiez, ou que votre compte soit effacé."),
        export=export,
        erase=erase,
        treatment="badges",
        grounds=(Basis.CONTRACT,),
    ),
    Scene("collections", play),
)
