"""Houses and their rooms. Raised refusals name the field they are about."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.weeks.models import BoardingHouse, BoardingRoom, RoomNight
from tierslieu.weeks.queries import list_houses
from tierslieu.weeks.words import night_words


def save_house(
    db: Session,
    house_id: UUID | None,
    *,
    name: str,
    address: str = "",
    access: str = "",
    contact_name: str = "",
    contact_email: str = "",
    contact_phone: str = "",
) -> BoardingHouse:
    """A new house (``house_id`` None), or a change of one."""
    lock_for_writing(db)
    house = BoardingHouse() if house_id is None else lock_house(db, house_id)
    if any(h.id != house.id and h.name.casefold() == name.casefold() for h in list_houses(db)):
        raise Refused(_("Une autre maison porte déjà ce nom."), field="name")
    house.name, house.address, house.access = name, address, access
    house.contact_name, house.contact_phone = contact_name, contact_phone
    house.contact_email = contact_email
    db.add(house)
    db.flush()
    return house


def save_boarding_room(
    db: Session,
    house_id: UUID,
    room_id: UUID | None,
    *,
    name: str,
    beds: int,
    is_step_free: bool,
    today: date,
) -> BoardingRoom:
    """A new room of this house, or a change of one; no bed is taken from under anybody."""
    lock_for_writing(db)
    house = lock_house(db, house_id)
    room = BoardingRoom(house_id=house.id) if room_id is None else db.get(BoardingRoom, room_id)
    if room is None or room.house_id != house.id:
        raise NotYours
    if any(r.id != room.id and r.name.casefold() == name.casefold() for r in house.rooms):
        raise Refused(_("Une autre chambre de cette maison porte déjà ce nom."), field="name")
    if room_id is not None:
        _set_beds(db, room, beds, today)
    room.name, room.beds, room.is_step_free = name, beds, is_step_free
    db.add(room)
    db.flush()
    db.expire(house, ["rooms"])
    return room


def lock_house(db: Session, house_id: UUID) -> BoardingHouse:
    """The house, held until the end of the transaction: whoever gives out its beds does so."""
    house = db.get(BoardingHouse, house_id, with_for_update=True, populate_existing=True)
    if house is None:
        raise NotYours
    return house


def _set_beds(db: Session, room: BoardingRoom, beds: int, today: date) -> None:
    nights = db.scalars(
        select(RoomNight)
        .where(RoomNight.room_id == room.id, RoomNight.night >= today)
        .order_by(RoomNight.night)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for one in nights:
        if one.taken > beds:
            raise Refused(
                _(
                    "%(taken)s lits y sont déjà pris, %(night)s : gardez-en au moins autant.",
                    taken=one.taken,
                    night=night_words(one.night),
                ),
                field="beds",
            )
        one.beds = beds
