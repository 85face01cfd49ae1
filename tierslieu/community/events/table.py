"""The base of events as a table: exactly the workshop's eight columns, both ways. It goes out in
the language of whoever takes it, and comes in again in either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from tierslieu.community.entries.rules import wrong
from tierslieu.community.events.models import Event, OpenTo
from tierslieu.community.events.rules import EventFacts, check_facts, write_facts
from tierslieu.people.models import fold
from tierslieu.web.languages import MAIN

COLUMNS = (
    "Nom de l'événement",
    "Lieu",
    "Description",
    "Auteur",
    "Organisateur",
    "Date",
    "Ouvert",
    "Lien",
)
HEADS = {
    MAIN: COLUMNS,
    "en": (
        "Event name",
        "Venue",
        "Description",
        "Author",
        "Organiser",
        "Date",
        "Open",
        "Link",
    ),
}
MODEL = Event
_WRITTEN = {
    MAIN: {OpenTo.YES: "oui", OpenTo.REGISTRATION: "sur inscription", OpenTo.NO: "non"},
    "en": {OpenTo.YES: "yes", OpenTo.REGISTRATION: "by registration", OpenTo.NO: "no"},
}
_READ = {
    "oui": OpenTo.YES, "o": OpenTo.YES, "yes": OpenTo.YES, "ouvert": OpenTo.YES,
    "a tous": OpenTo.YES, "tout public": OpenTo.YES,
    "sur inscription": OpenTo.REGISTRATION, "inscription": OpenTo.REGISTRATION,
    "oui, sur inscription": OpenTo.REGISTRATION,
    "non": OpenTo.NO, "n": OpenTo.NO, "no": OpenTo.NO, "ferme": OpenTo.NO,
    "sur invitation": OpenTo.NO,
    "y": OpenTo.YES, "open": OpenTo.YES, "by registration": OpenTo.REGISTRATION,
    "on registration": OpenTo.REGISTRATION, "registration": OpenTo.REGISTRATION,
    "closed": OpenTo.NO, "by invitation": OpenTo.NO, "on invitation": OpenTo.NO,
}  # fmt: skip


def read_open(cell: str) -> OpenTo:
    """What «Ouvert» says. Raises :class:`Refused` ``open_unknown`` (field ``open_to``)."""
    found = _READ.get(fold(cell).strip())
    if found is None:
        message = _(
            "« Ouvert » dit « %(cell)s » : écrivez oui, sur inscription ou non.", cell=cell[:60]
        )
        raise wrong(message, "open_unknown", "open_to")
    return found


def row(entry: Event | EventFacts, language: str = MAIN) -> list[str]:
    """One event in the order of :data:`COLUMNS`, its date as it was typed, our words in
    ``language``."""
    return [
        entry.name,
        entry.place,
        entry.description,
        entry.author,
        entry.organiser,
        entry.date_words,
        _WRITTEN[language][entry.open_to],
        entry.link,
    ]


def read(cells: Sequence[str], now: datetime) -> EventFacts:
    """One line of a file, checked. Raises :class:`Refused` as :func:`check_facts` does."""
    name, place, description, author, organiser, words, opened, link = cells
    facts = EventFacts(name, place, description, author, organiser, words, read_open(opened), link)
    return check_facts(facts, now)


def key(entry: Event | EventFacts) -> str:
    """By what a line and an event are the same: its name, whatever its accents."""
    return fold(entry.name)


def may_be(facts: EventFacts, other: Event | EventFacts) -> bool:
    """Of the same name: the same event if its dates may be the same days, so that «mi-novembre»
    becomes «14 novembre», and next year's is another one."""
    if facts.earliest is None or other.earliest is None or facts.date_words == other.date_words:
        return True
    assert facts.latest is not None
    assert other.latest is not None
    return facts.earliest <= other.latest and other.earliest <= facts.latest


def settle(facts: EventFacts, entry: Event) -> EventFacts:
    """The line as it would change this event."""
    return facts


def remark(facts: EventFacts) -> str:
    """What to know about a line that is taken."""
    if facts.date_words and facts.earliest is None:
        return str(_("date gardée telle quelle, mais non comprise : rangée à la fin"))
    return ""


def new_entry(facts: EventFacts, now: datetime) -> Event:
    """An event of this line, not yet of any space."""
    return write_facts(Event(created_at=now), facts, now)


write = write_facts
