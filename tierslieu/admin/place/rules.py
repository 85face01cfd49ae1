"""Changing what the place says of itself, and taking the last change back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.place.models import PlacePicture, PlaceVersion
from tierslieu.place.queries import find_picture, find_version, list_versions
from tierslieu.place.said import Section


def save_section(
    db: Session, section: Section, value: Any, *, seen: int, author_id: UUID, now: datetime
) -> bool:
    """The place says this of that section from now on; False if it did already.

    ``seen``: the version whose form was filled in. Another section changed since is no hindrance.
    Raises :class:`Refused` (``place_changed``, 409): somebody changed the same one meanwhile.
    """
    lock_for_writing(db)
    newest = _newest(db)
    number, said = (newest.number, newest.said) if newest else (0, {})
    name = section.value
    if said.get(name) != _said_at(db, seen).get(name):
        raise _overtaken()
    if said.get(name) == value:
        return False
    _add(db, number + 1, section, {**said, name: value}, author_id, now)
    about: dict[str, str | int] = {"section": name, "version": number + 1}
    if section is Section.PARTS:
        about["off"] = " ".join(value)
    note(db, Act.PLACE_CHANGED, now=now, actor_id=author_id, about=about)
    return True


def keep_picture(db: Session, digest: str, media_type: str, data: bytes) -> None:
    """A picture that the next version will name is there."""
    lock_for_writing(db)
    if find_picture(db, digest) is None:
        db.add(PlacePicture(digest=digest, media_type=media_type, data=data))
        db.flush()


def take_back(db: Session, number: int, *, author_id: UUID, now: datetime) -> Section:
    """The last change, version ``number``, is undone: its section says again what it said before.
    That is a change too: taken back in its turn, it is as if nothing had been.

    Raises :class:`Refused` (``place_changed``, 409) if it is not the last one any more.
    """
    lock_for_writing(db)
    newest = _newest(db)
    if newest is None or newest.number != number:
        raise _overtaken()
    section, before = Section(newest.section), _said_at(db, number - 1)
    said = {name: value for name, value in newest.said.items() if name != section.value}
    if section.value in before:
        said[section.value] = before[section.value]
    _add(db, number + 1, section, said, author_id, now)
    note(
        db,
        Act.PLACE_TAKEN_BACK,
        now=now,
        actor_id=author_id,
        about={"section": section.value, "version": number + 1},
    )
    return section


def _newest(db: Session) -> PlaceVersion | None:
    return next(iter(list_versions(db, 1)), None)


def _said_at(db: Session, number: int) -> Mapping[str, Any]:
    version = find_version(db, number)
    return version.said if version else {}


def _add(
    db: Session,
    number: int,
    section: Section,
    said: Mapping[str, Any],
    author_id: UUID,
    now: datetime,
) -> None:
    db.add(
        PlaceVersion(
            number=number, section=section.value, said=dict(said), made_at=now, made_by_id=author_id
        )
    )
    try:
        db.flush()
    except IntegrityError:  # PostgreSQL: another was made from the same version at this moment
        db.rollback()
        raise _overtaken() from None


def _overtaken() -> Refused:
    return Refused(
        _(
            "Quelqu’un d’autre a changé cela entre-temps, et rien de ce que vous avez envoyé n’est "
            "enregistré. Rouvrez la page pour voir ce qui vaut maintenant, puis recommencez."
        ),
        code="place_changed",
    )
