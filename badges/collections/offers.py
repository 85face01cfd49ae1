"""What collections give to the pages that gather."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards.keys import KeyUnreadable
from badges.awards.queries import list_public
from badges.backpack.queries import find_public_holder
from badges.collections import queries
from badges.collections.presenting import present, present_person
from badges.collections.rules import erase
from badges.collections.scenes import play
from badges.engine.errors import FetchFailed
from badges.engine.presentations import MAX_MEMBERS
from tierslieu import clock
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
    with _signing(settings.base_url + path):
        return present(db, settings, found)


_PERSON = re.compile(
    r"/badges/personnes/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:\?.*)?"
)


def publish_person(db: Session, settings: Settings, path: str) -> str | None:
    """What a person shows to everybody, from the address of their page. Raises FetchFailed
    ``person`` where they show more badges than a presentation holds."""
    match = _PERSON.fullmatch(path)
    holder = find_public_holder(db, UUID(match[1])) if match else None
    if match is None or holder is None:
        return None
    shown = list_public(db, holder.id)
    if len(shown) > MAX_MEMBERS:
        many = FetchFailed("more badges than are checked together", settings.base_url + path)
        many.params["why"] = "person"
        raise many
    with _signing(settings.base_url + path):
        return present_person(db, settings, UUID(match[1]), shown, clock.now())


@contextmanager
def _signing(address: str) -> Iterator[None]:
    try:
        yield
    except KeyUnreadable:
        unsigned = FetchFailed("nothing can be signed", address)
        unsigned.params["why"] = "key"
        raise unsigned from None


OFFERS = (
    PublishedDocument("collections", publish),
    PublishedDocument("persons", publish_person),
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
