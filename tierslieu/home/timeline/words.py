"""The kinds of events, the phases and the times of year, in words."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _

from tierslieu.clock import to_local
from tierslieu.home.timeline.phases import Phase
from tierslieu.web.formats import hour, long_day, month

# What features call the kinds of their events, and the line of the picture on which they stand.
LINE_OF = {
    "path": "path",
    "session": "session",
    "attendance": "session",
    "week": "week",
    "badge": "badge",
    "appointment": "follow",
    "note": "follow",
    "plan": "follow",
    "survey": "survey",
    "feedback": "feedback",
    "event": "event",
}
OTHER = "other"
WITH_HOUR = frozenset({"session", "appointment"})


def line_of(kind: str) -> str:
    """The line on which events of this kind stand; a kind nobody told of stands on the last."""
    return LINE_OF.get(kind, OTHER)


def line_words() -> dict[str, str]:
    """The lines of the picture, from the top down."""
    return {
        "path": _("Parcours et étapes"),
        "session": _("Séances"),
        "week": _("Semaines intensives"),
        "badge": _("Badges"),
        "follow": _("Suivi, plan et rendez-vous"),
        "event": _("Événements"),
        "survey": _("Questionnaires"),
        "feedback": _("Signalements"),
        OTHER: _("Autres"),
    }


def phase_words() -> dict[Phase, str]:
    """The three phases, as the person says them."""
    return {
        Phase.PROJECT: _("Je construis mon projet"),
        Phase.STUDIES: _("Je réussis ma formation"),
        Phase.JOB: _("Je m’épanouis dans mon métier"),
    }


def say_when(at: datetime, kind: str) -> str:
    """The day; the hour too where somebody is to be there."""
    if kind not in WITH_HOUR:
        return long_day(at)
    return str(_("%(day)s, %(hour)s", day=long_day(at), hour=hour(at)))


def school_year(day: date) -> str:
    """``2026-2027``: from September to August."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}-{first + 1}"


def month_name(day: date) -> str:
    """``novembre 2026``."""
    return month(day)


def local_day(at: datetime) -> date:
    """The day on the wall."""
    return to_local(at).date()
