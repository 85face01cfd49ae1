"""Rooms, when they are open, and what the team sets for the whole agenda."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.hours import Week
from tierslieu.agenda.models import AgendaSettings, Room, RoomClosure
from tierslieu.agenda.queries import find_largest_use, list_rooms
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.web.formats import day

LONGEST = timedelta(days=366)


def save_room(
    db: Session,
    room_id: UUID | None,
    *,
    name: str,
    places: int,
    address: str,
    access: str,
    equipment: str,
    week: Week | None = None,
    now: datetime,
) -> Room:
    """A new room (``room_id`` None), or a change of one. Raises :class:`Refused` by field."""
    lock_for_writing(db)
    room = Room() if room_id is None else db.get(Room, room_id, with_for_update=True)
    if room is None:
        raise NotYours
    if any(r.id != room.id and r.name.casefold() == name.casefold() for r in list_rooms(db)):
        raise Refused(_("Une autre salle porte déjà ce nom."), field="name")
    if room_id is not None and (use := find_largest_use(db, room_id, now)) and use[1] > places:
        raise Refused(
            _(
                "La séance « %(title)s », %(day)s, y offre déjà %(count)s places : "
                "réduisez-la d’abord.",
                title=use[0].title,
                day=day(use[0].starts_local),
                count=use[1],
            ),
            field="places",
        )
    room.name, room.places, room.address = name, places, address
    room.access, room.equipment = access, equipment
    if week is not None:
        room.opening = week.kept()
    db.add(room)
    db.flush()
    return room


def close_room(db: Session, room_id: UUID, first: date, last: date, why: str) -> RoomClosure:
    """The room is closed from the first of those days to the last, both included. What is planned
    there already stays. Raises :class:`NotYours`, :class:`Refused` with field ``last``."""
    lock_for_writing(db)
    room = db.get(Room, room_id, with_for_update=True)
    if room is None:
        raise NotYours
    if last < first:
        raise Refused(_("Le dernier jour vient avant le premier."), field="last")
    if last - first > LONGEST:
        raise Refused(_("Un an au plus : vérifiez l’année."), field="last")
    # Noted again, the same days take the new reason: nobody reads them twice.
    same = [one for one in room.closures if (one.first, one.last) == (first, last)]
    closure = same[0] if same else RoomClosure(room_id=room_id, first=first, last=last)
    closure.why = why
    db.add(closure)
    db.flush()
    return closure


def reopen_room(db: Session, closure_id: UUID) -> UUID:
    """The room is open again on those days; gives the room. Raises :class:`NotYours`."""
    lock_for_writing(db)
    closure = db.get(RoomClosure, closure_id)
    if closure is None:
        raise NotYours
    db.delete(closure)
    db.flush()
    return closure.room_id


def save_settings(
    db: Session, *, school_zone: str, classes: Week, refuses_closed: bool
) -> AgendaSettings:
    """What holds for the whole agenda from now on; what is planned already stays."""
    lock_for_writing(db)
    found = db.get(AgendaSettings, 1, with_for_update=True)
    settings = found or AgendaSettings(id=1)
    settings.school_zone, settings.class_hours = school_zone, classes.kept()
    settings.refuses_closed = refuses_closed
    db.add(settings)
    db.flush()
    note(db, Act.SETTINGS_CHANGED, about={"setting": "agenda"})
    return settings
