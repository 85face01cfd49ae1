"""To whom an event is open, and when it is, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.community.dates import Span
from tierslieu.community.events.models import Event, OpenTo
from tierslieu.web.formats import long_day


def open_words() -> dict[OpenTo, str]:
    """«Ouvert», where it stands alone."""
    return {
        OpenTo.YES: _("Ouvert"),
        OpenTo.REGISTRATION: _("Sur inscription"),
        OpenTo.NO: _("Sur invitation"),
    }


def open_choices() -> dict[OpenTo, str]:
    """The same, where one chooses."""
    return {
        OpenTo.YES: _("Oui : vient qui veut"),
        OpenTo.REGISTRATION: _("Sur inscription : vient qui s’inscrit à l’adresse du lien"),
        OpenTo.NO: _("Non : seulement les personnes invitées"),
    }


OPEN_TONES = {OpenTo.YES: "ok", OpenTo.REGISTRATION: "mer", OpenTo.NO: "plain"}


def say_span(found: Event | Span | None) -> str:
    """The days that words were taken for, empty for none: «du 11 au 20 novembre 2026»."""
    if found is None or found.earliest is None or found.latest is None:
        return ""
    if found.earliest == found.latest:
        return str(_("le %(day)s", day=long_day(found.earliest)))
    first, last = long_day(found.earliest), long_day(found.latest)
    return str(_("entre le %(first)s et le %(last)s", first=first, last=last))


def says_its_day(event: Event) -> bool:
    """Whether the words are the very day, year and all: then there is no need to say how they were
    understood. «14 mars» is not: which year it was taken for is worth knowing."""
    if event.earliest is None or event.earliest != event.latest:
        return False
    return " ".join(event.date_words.split()) == " ".join(long_day(event.earliest).split())
