"""Every SELECT of the base of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from tierslieu.community.entries.queries import Viewer, Wanted, filtered, readable
from tierslieu.community.events.models import Event, EventComer, OpenTo
from tierslieu.people.models import User


@dataclass(frozen=True)
class EventsWanted(Wanted):
    """What the list may be asked for; ``is_past`` is held against ``today``."""

    open_to: OpenTo | None = None
    is_past: bool | None = False  # None: whenever


def _asked(query: Select[Any], viewer: Viewer, wanted: EventsWanted, today: date) -> Select[Any]:
    query = filtered(query, Event, viewer, wanted)
    if wanted.open_to is not None:
        query = query.where(Event.open_to == wanted.open_to)
    if wanted.is_past is True:
        query = query.where(Event.latest < today)
    elif wanted.is_past is False:  # what may still come, and what nobody can tell
        query = query.where(or_(Event.latest >= today, Event.latest.is_(None)))
    return query


def count_events(db: Session, viewer: Viewer, wanted: EventsWanted, today: date) -> int:
    """How many there are of those."""
    return db.scalar(_asked(select(func.count(Event.id)), viewer, wanted, today)) or 0


def list_events(
    db: Session,
    viewer: Viewer,
    wanted: EventsWanted,
    today: date,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[Event]:
    """Those events with their files: to come, the soonest first; past, the latest first. A date
    that was not understood comes last."""
    past = wanted.is_past is True
    order = (
        (Event.latest.desc(), Event.earliest.desc())
        if past
        # «false» before «true» on both databases, which order NULL each in its own way.
        else (Event.earliest.is_(None), Event.earliest, Event.latest)
    )
    return list(
        db.scalars(
            _asked(select(Event), viewer, wanted, today)
            .order_by(*order, Event.name, Event.id)
            .limit(limit)
            .offset(offset)
            .options(selectinload(Event.files))
        )
    )


def find_comer(db: Session, event_id: UUID, user_id: UUID) -> EventComer | None:
    """What this person said about coming."""
    return db.get(EventComer, (event_id, user_id))


def count_comers(db: Session, event_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many said they come, to each of these events."""
    rows = db.execute(
        select(EventComer.event_id, func.count())
        .where(EventComer.event_id.in_(event_ids))
        .group_by(EventComer.event_id)
        .order_by(EventComer.event_id)
    )
    return {row[0]: row[1] for row in rows}


def list_named_comers(db: Session, event_id: UUID, limit: int = 200) -> list[str]:
    """The names of those who come and agreed to be seen, in alphabetical order."""
    return list(
        db.scalars(
            select(User.name)
            .join(EventComer, EventComer.user_id == User.id)
            .where(EventComer.event_id == event_id, EventComer.is_named.is_(True))
            .order_by(User.sort_name, User.id)
            .limit(limit)
        )
    )


def list_coming(db: Session, viewer: Viewer) -> list[tuple[Event, EventComer]]:
    """Where this person said they come, of what they still see, by date."""
    rows = db.execute(
        select(Event, EventComer)
        .join(EventComer, EventComer.event_id == Event.id)
        .where(EventComer.user_id == viewer.user_id, readable(Event, viewer))
        .order_by(Event.earliest.is_(None), Event.earliest, Event.id)
    )
    return [(row[0], row[1]) for row in rows]


def list_said(db: Session, user_id: UUID) -> list[tuple[EventComer, str]]:
    """All that a person said about coming, with the name of the event, the oldest first."""
    rows = db.execute(
        select(EventComer, Event.name)
        .join(Event, Event.id == EventComer.event_id)
        .where(EventComer.user_id == user_id)
        .order_by(EventComer.said_at, EventComer.event_id)
    )
    return [(row[0], row[1]) for row in rows]
