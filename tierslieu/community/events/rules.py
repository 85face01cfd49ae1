"""Adding to the base of events, and saying that one comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.community.dates import MAX_WORDS, read_date
from tierslieu.community.entries.queries import Viewer, find_entry
from tierslieu.community.entries.rules import (
    MAX_DESCRIPTION,
    MAX_NAME,
    check_length,
    check_link,
    find_editable,
    place_entry,
    searched,
    wrong,
)
from tierslieu.community.events.models import Event, EventComer, OpenTo
from tierslieu.community.events.queries import find_comer
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User


@dataclass(frozen=True)
class EventFacts:
    """The eight columns as somebody gives them, and the days their words allow."""

    name: str
    place: str = ""
    description: str = ""
    author: str = ""
    organiser: str = ""
    date_words: str = ""
    open_to: OpenTo = OpenTo.YES
    link: str = ""
    earliest: date | None = None
    latest: date | None = None


def _one_line(text: str, most: int, field: str) -> str:
    return check_length(" ".join(text.split()), most, field)


def check_facts(facts: EventFacts, now: datetime) -> EventFacts:
    """The same, tidied, its date read as of ``now``.

    Raises :class:`Refused` ``name_missing``, ``too_long`` or ``bad_link``. A date that is not
    understood is no fault: it is kept as typed, without days.
    """
    name = _one_line(facts.name, MAX_NAME, "name")
    if not name:
        raise wrong(_("Donnez un nom à l’événement."), "name_missing", "name")
    words = _one_line(facts.date_words, MAX_WORDS, "date_words")
    span = read_date(words, today=to_local(now).date())
    return replace(
        facts,
        name=name,
        place=_one_line(facts.place, MAX_NAME, "place"),
        description=check_length(facts.description, MAX_DESCRIPTION, "description"),
        author=_one_line(facts.author, MAX_NAME, "author"),
        organiser=_one_line(facts.organiser, MAX_NAME, "organiser"),
        date_words=words,
        link=check_link(facts.link),
        earliest=span.earliest if span else None,
        latest=span.latest if span else None,
    )


def write_facts(entry: Event, facts: EventFacts, now: datetime) -> Event:
    """Put checked facts into an event. The same words keep the days they meant when typed:
    «mi-novembre» does not slip a year because somebody mended the place in December."""
    if entry.date_words != facts.date_words:
        entry.earliest, entry.latest = facts.earliest, facts.latest
    entry.name, entry.place, entry.description = facts.name, facts.place, facts.description
    entry.author, entry.organiser = facts.author, facts.organiser
    entry.date_words, entry.open_to, entry.link = facts.date_words, facts.open_to, facts.link
    entry.search_text = searched(entry.texts())
    entry.changed_at = now
    return entry


def save_event(
    db: Session,
    viewer: Viewer,
    entry_id: UUID | None,
    facts: EventFacts,
    *,
    pilot_id: UUID | None = None,
    is_public: bool = False,
    seen: int | None = None,
    now: datetime,
) -> Event:
    """Add an event, or change one that this person may edit.

    Raises as :func:`check_facts`, :func:`place_entry` and :func:`find_editable` do.
    """
    facts = check_facts(facts, now)
    lock_for_writing(db)
    if entry_id is None:
        entry = Event(owner_id=viewer.user_id, created_at=now)
    else:
        entry = find_editable(db, Event, viewer, entry_id, seen)
        entry.revision += 1
    place_entry(entry, viewer, pilot_id, is_public=is_public)
    db.add(write_facts(entry, facts, now))
    db.flush()
    return entry


def is_over(event: Event, now: datetime) -> bool:
    """Whether its last possible day is behind us; never for a date nobody understood."""
    return event.latest is not None and event.latest < to_local(now).date()


def say_coming(
    db: Session, viewer: Viewer, event_id: UUID, *, is_named: bool, now: datetime
) -> EventComer:
    """«Je viens», seen by name by who prepares it if one agrees; said twice, the last holds.

    Raises NotYours for an event one does not see, ``not_open`` or ``over``.
    """
    lock_for_writing(db)
    # A double tap is one after the other: the second finds what the first said.
    db.execute(select(User.id).where(User.id == viewer.user_id).with_for_update(key_share=True))
    event = find_entry(db, Event, viewer, event_id)
    if event is None or viewer.user_id is None:
        raise NotYours
    if event.hidden_at is not None or event.open_to is OpenTo.NO:
        raise Refused(
            _("Cet événement n’est ouvert qu’aux personnes invitées : écrivez à qui l’organise."),
            code="not_open",
        )
    if is_over(event, now):
        raise Refused(_("Cet événement est passé."), code="over")
    comer = find_comer(db, event_id, viewer.user_id)
    if comer is None:
        comer = EventComer(event_id=event_id, user_id=viewer.user_id, said_at=now)
        db.add(comer)
    comer.is_named = is_named
    db.flush()
    return comer


def say_not_coming(db: Session, viewer: Viewer, event_id: UUID) -> None:
    """Take it back, whatever became of the event; nothing if it was not said."""
    lock_for_writing(db)
    comer = find_comer(db, event_id, viewer.user_id) if viewer.user_id else None
    if comer is not None:
        db.delete(comer)
        db.flush()
