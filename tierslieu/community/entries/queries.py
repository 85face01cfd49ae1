"""Who sees which entry: the one condition that every list, page, file and export goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from tierslieu.community.contents.models import Content
from tierslieu.community.entries.models import EntryFile
from tierslieu.community.events.models import Event
from tierslieu.community.pilots.queries import list_pilots, list_pilots_of
from tierslieu.people.models import FACILITATOR, User, fold

MAX_SEARCHED = 6  # words
AnyEntry = Content | Event
E = TypeVar("E", bound=Content | Event)


@dataclass(frozen=True)
class PilotName:
    """A pilot that a reader may know of."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Viewer:
    """Who reads: a visitor (``user_id`` None), a person with their pilots, or the team."""

    user_id: UUID | None = None
    is_team: bool = False
    pilots: tuple[PilotName, ...] = ()

    def pilot(self, pilot_id: UUID | None) -> PilotName | None:
        """That pilot, if this reader may know of it."""
        return next((pilot for pilot in self.pilots if pilot.id == pilot_id), None)

    def may_edit(self, entry: AnyEntry) -> bool:
        """One's own entries; the team all of them."""
        return self.is_team or (self.user_id is not None and entry.owner_id == self.user_id)


def viewer_of(db: Session, person: User | None) -> Viewer:
    """What this person may see; one query."""
    if person is None:
        return Viewer()
    is_team = person.holds(FACILITATOR)
    pilots = list_pilots(db) if is_team else list_pilots_of(db, person.id)
    return Viewer(person.id, is_team, tuple(PilotName(p.id, p.name) for p in pilots))


@dataclass(frozen=True)
class Wanted:
    """What both lists may be asked for; the page and the CSV use the same one."""

    text: str = ""
    space: UUID | str | None = None  # a pilot, "public", "open", or None for all one sees
    has_file: bool = False
    is_hidden: bool = False  # only what is hidden, for the team; else only what is not


def readable(model: type[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Which entries this reader may open at all, hidden ones of their own included."""
    if viewer.is_team:
        return and_(True)
    if viewer.user_id is None:
        return and_(model.pilot_id.is_(None), model.is_public.is_(True), model.hidden_at.is_(None))
    pilots = [pilot.id for pilot in viewer.pilots]
    return and_(
        or_(model.pilot_id.is_(None), model.pilot_id.in_(pilots) if pilots else false()),
        or_(model.hidden_at.is_(None), model.owner_id == viewer.user_id),
    )


def filtered(
    query: Select[Any], model: type[AnyEntry], viewer: Viewer, wanted: Wanted
) -> Select[Any]:
    """``query`` over the entries of a list: readable, and what is asked for."""
    query = query.where(readable(model, viewer))
    hidden = wanted.is_hidden and viewer.user_id is not None
    query = query.where(model.hidden_at.is_not(None) if hidden else model.hidden_at.is_(None))
    for word in fold(wanted.text).split()[:MAX_SEARCHED]:
        query = query.where(model.search_text.contains(word, autoescape=True))
    if wanted.space == "public":
        query = query.where(model.is_public.is_(True))
    elif wanted.space == "open":
        query = query.where(model.pilot_id.is_(None))
    elif wanted.space is not None:
        query = query.where(model.pilot_id == wanted.space)
    if wanted.has_file:
        query = query.where(model.files.any())
    return query


def find_entry(db: Session, model: type[E], viewer: Viewer, entry_id: UUID) -> E | None:
    """One entry with its files, as it is now, if this reader may see it."""
    query: Select[Any] = (
        select(model)
        .where(model.id == entry_id, readable(model, viewer))
        .options(selectinload(model.files))
        .execution_options(populate_existing=True)
    )
    found: E | None = db.scalar(query)
    return found


def list_space(db: Session, model: type[E], pilot_id: UUID | None) -> list[E]:
    """All entries of one space, the oldest first, hidden ones too: what a file is held against."""
    same = model.pilot_id.is_(None) if pilot_id is None else model.pilot_id == pilot_id
    return list(db.scalars(select(model).where(same).order_by(model.created_at, model.id)))


def list_owned(db: Session, model: type[E], user_id: UUID) -> list[E]:
    """What this person put into a base, the oldest first, with its files."""
    return list(
        db.scalars(
            select(model)
            .where(model.owner_id == user_id)
            .order_by(model.created_at, model.id)
            .options(selectinload(model.files))
        )
    )


def count_in_pilot(db: Session, pilot_id: UUID) -> tuple[int, int]:
    """How many contents and events a pilot holds."""
    contents = select(func.count(Content.id)).where(Content.pilot_id == pilot_id)
    events = select(func.count(Event.id)).where(Event.pilot_id == pilot_id)
    return db.scalar(contents) or 0, db.scalar(events) or 0


def find_file(entry: AnyEntry, file_id: UUID) -> EntryFile | None:
    """One of this entry's files."""
    return next((file for file in entry.files if file.id == file_id), None)
