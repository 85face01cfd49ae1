"""The team gives somebody another room: a step-free one, say."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.errors import NotYours, Refused
from tierslieu.weeks import notices
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.queries import find_application
from tierslieu.weeks.rules import lock_week
from tierslieu.weeks.stays.beds import look_at_house, may_enter, settle
from tierslieu.weeks.stays.wishes import find_partner
from tierslieu.weeks.words import night_words


def move_to_room(
    db: Session, week_id: UUID, application_id: UUID, room_id: UUID, *, now: datetime
) -> None:
    """Another room of the house for every night of an accepted person, who hears of it. Raises
    :class:`Refused` where a bed is missing or somebody's wish forbids it."""
    week = lock_week(db, week_id)
    application = find_application(db, application_id)
    if application is None or application.week_id != week.id:
        raise NotYours
    nights = [one.night for one in application.nights if one.room_id is not None]
    if application.state is not ApplicationState.ACCEPTED or week.house_id is None or not nights:
        raise Refused(_("Cette personne ne dort pas sur place."), code="no_nights")
    house = look_at_house(db, week.house_id, nights)
    room = next((one for one in house.rooms if one.id == room_id), None)
    if room is None:
        raise NotYours
    if all(one.room_id == room.id for one in application.nights):
        return
    house.lift(application, nights)
    partner = find_partner(db, application)
    for night in nights:
        if not may_enter(house, room.id, night, application, partner):
            raise Refused(
                _(
                    "%(room)s n’a pas de lit pour cette personne, %(night)s.",
                    room=room.name,
                    night=night_words(night),
                ),
                code="no_bed",
            )
    settle(db, application, dict.fromkeys(nights, room.id))
    notices.tell_moved(db, application, now)
