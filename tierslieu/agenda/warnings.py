"""What is unusual about a plan, said before it is planned: a closed room, an hour of class."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.days import notes_of
from tierslieu.agenda.hours import Week, say_spans
from tierslieu.agenda.models import LearningSession, Room
from tierslieu.agenda.queries import read_settings
from tierslieu.agenda.school import SchoolYear
from tierslieu.people.models import Audience
from tierslieu.web.formats import day, span


def say_closed(room: Room, starts: datetime, ends: datetime) -> str:
    """Why the room is closed at some moment of that time (on the wall); '' when it is open."""
    # Midnight ends a day: who leaves then is not there on the next one.
    last_day = (ends - timedelta.resolution).date()
    for closure in room.closures:
        if closure.first <= last_day and starts.date() <= closure.last:
            when = (
                day(closure.first)
                if closure.first == closure.last
                else f"{day(closure.first)} – {day(closure.last)}"
            )
            why = f" ({closure.why})" if closure.why else ""
            return str(
                _("%(room)s est fermée : %(when)s%(why)s.", room=room.name, when=when, why=why)
            )
    week = room.week
    if not week or week.covers(starts, ends):
        return ""
    spans = week.days[starts.weekday()]
    return str(
        _(
            "%(room)s est ouverte %(hours)s ce jour-là ; la séance est prévue %(planned)s.",
            room=room.name,
            hours=say_spans(spans),
            planned=span(starts, ends),
        )
        if spans
        else _("%(room)s n’ouvre pas ce jour de la semaine.", room=room.name)
    )


def read_school(db: Session) -> SchoolYear:
    """The school year that the place goes by."""
    settings = read_settings(db)
    return SchoolYear(settings.school_zone, Week.read(settings.class_hours))


def notes_of_days(db: Session, days: Iterable[date]) -> dict[date, list[str]]:
    """What is to be said of those days, in words: public holidays, clocks that change, school
    holidays; days of which there is nothing are left out."""
    days = list(days)
    notes = notes_of(days)
    school = read_school(db)
    for when, name in school.holidays(days).items():
        notes.setdefault(when, []).append(school.say(when, name))
    return notes


def say_class(db: Session, audience: Audience | None, starts: datetime, ends: datetime) -> str:
    """That a session for teachers is at an hour of class; '' when it is not, or for others."""
    if audience is not Audience.TEACHER:
        return ""
    return read_school(db).say_class(starts, ends)


def say_classes(db: Session, sessions: Iterable[LearningSession]) -> dict[UUID, str]:
    """Of those sessions, which for teachers are at an hour of class, and how that is said."""
    meant = [session for session in sessions if session.audience is Audience.TEACHER]
    if not meant:
        return {}
    school = read_school(db)
    said = {one.id: school.say_class(one.starts_local, one.ends_local) for one in meant}
    return {session_id: words for session_id, words in said.items() if words}
