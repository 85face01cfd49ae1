"""What is unusual about a plan, said before it is planned: a day on which the place is closed, a
closed room, an hour of class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from tierslieu.agenda.days import notes_of
from tierslieu.agenda.hours import Week, say_spans
from tierslieu.agenda.models import LearningSession, Room
from tierslieu.agenda.queries import read_settings
from tierslieu.agenda.school import SchoolYear
from tierslieu.people.models import Audience
from tierslieu.place.queries import list_closures
from tierslieu.place.said import Closure
from tierslieu.web.formats import day, span, upper_first
from tierslieu.web.written import Theirs, around


def say_closed(room: Room, starts: datetime, ends: datetime) -> str:
    """Why the room is closed at some moment of that time (on the wall); '' when it is open."""
    closure = _find_closure(room.closures, starts, ends)
    if closure is not None:
        return str(
            _(
                "%(room)s est fermée : %(when)s.",
                room=upper_first(room.name),
                when=_say_days(closure),
            )
        )
    week = room.week
    if not week or week.covers(starts, ends):
        return ""
    spans = week.days[starts.weekday()]
    return str(
        _(
            "%(room)s est ouverte %(hours)s ce jour-là ; la séance est prévue %(planned)s.",
            room=upper_first(room.name),
            hours=say_spans(spans),
            planned=span(starts, ends),
        )
        if spans
        else _("%(room)s n’ouvre pas ce jour de la semaine.", room=upper_first(room.name))
    )


def say_place_closed(db: Session, starts: datetime, ends: datetime) -> str:
    """That the whole place is closed at some moment of that time (on the wall); '' when it is
    not."""
    return next(iter(say_times_closed(db, [(starts, ends)])), "")


def say_times_closed(db: Session, times: Iterable[tuple[datetime, datetime]]) -> list[str]:
    """The same of several times: each closure that one of them meets, said once."""
    closures = list_closures(db)
    met = (_find_closure(closures, starts, ends) for starts, ends in times)
    said = (
        _("Le lieu est fermé : %(when)s.", when=_say_days(one)) for one in met if one is not None
    )
    return list(dict.fromkeys(str(words) for words in said))


class Days(Protocol):
    """Days on which a room, or the place, is closed: the first and the last included."""

    @property
    def first(self) -> date:
        """The first of them."""

    @property
    def last(self) -> date:
        """The last of them."""

    @property
    def why(self) -> str:
        """Why, in a few words; may be empty."""


Kind = TypeVar("Kind", bound=Days)


def _find_closure(closures: Iterable[Kind], starts: datetime, ends: datetime) -> Kind | None:
    # Midnight ends a day: who leaves then is not there on the next one.
    last_day = (ends - timedelta.resolution).date()
    touched = (one for one in closures if one.first <= last_day and starts.date() <= one.last)
    return next(touched, None)


def _say_days(closure: Days) -> str:
    """``24 déc. – 2 janv. (congés)``."""
    dates = _dates(closure)
    return f"{dates} ({closure.why})" if closure.why else dates


def _dates(closure: Days) -> str:
    first, last = day(closure.first), day(closure.last)
    return first if closure.first == closure.last else f"{first} – {last}"


def read_school(db: Session) -> SchoolYear:
    """The school year that the place goes by."""
    settings = read_settings(db)
    return SchoolYear(settings.school_zone, Week.read(settings.class_hours))


def notes_of_days(
    db: Session, days: Iterable[date], closures: Sequence[Closure] = ()
) -> dict[date, list[str]]:
    """What is to be said of those days, in words: closures of the place, public holidays, clocks
    that change, school holidays; days of which there is nothing are left out."""
    days = list(days)
    notes = notes_of(days)
    for when in days:
        for closure in closures:
            if closure.first <= when <= closure.last:
                notes.setdefault(when, []).insert(0, _say_closure(closure))
    school = read_school(db)
    for when, name in school.holidays(days).items():
        notes.setdefault(when, []).append(school.say(when, name))
    return notes


def say_closures(days: Sequence[date], closures: Sequence[Closure]) -> list[str]:
    """The closures of the place that some of those days are of, each said once:
    ``Lieu fermé : 24 déc. – 2 janv. (congés)``."""
    met = (one for one in closures if days and one.first <= days[-1] and days[0] <= one.last)
    said = ((_dates(one), one.why) for one in met)
    return [
        around(_("Lieu fermé : %(why)s"), why=_with_reason(dates, why) if why else dates)
        for dates, why in said
    ]


def _say_closure(closure: Closure) -> str:
    if closure.why:
        return around(_("Lieu fermé : %(why)s"), why=Theirs(closure.why))
    return str(_("Lieu fermé"))


def _with_reason(dates: str, why: str) -> Markup:
    return around("%(dates)s (%(why)s)", dates=escape(dates), why=Theirs(why))


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
