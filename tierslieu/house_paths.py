"""What features offer around paths, and to those who follow one: more of ``tierslieu/house.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

if TYPE_CHECKING:  # the house gathers these offers too
    from tierslieu.house import Card


@dataclass(frozen=True)
class StepPanel:
    """What a feature adds to the page of a step of one's own path (who helps with it).

    ``build(db, path_id, step_key, user_id, now)`` gives cards as for the home page.
    """

    name: str
    build: Callable[[Session, UUID, str, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class RecordPanel:
    """What a feature adds to a line of the queue, for the team that answers it (what was checked of
    a badge). ``build(db, record_id, now)`` gives cards as for the home page."""

    name: str
    build: Callable[[Session, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class EnrolmentPanel:
    """What a feature adds to the page of one's own path (the steps one chose to begin with).

    ``build(db, enrolment_id, user_id, now)`` gives cards as for the home page.
    """

    name: str
    build: Callable[[Session, UUID, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class PersonPanel:
    """What a feature adds to the page on which the team follows a person, as far as that person
    shows it. ``build(db, user_id, reader_id, now)`` gives cards as for the home page."""

    name: str
    build: Callable[[Session, UUID, UUID, datetime], Iterable[Card]]


@dataclass(frozen=True)
class PathReferences:
    """What refers to a path and its steps from above, and would lead nowhere.

    ``find_broken(db, slug, keys)``: sentences for the team, were ``keys`` the steps of that path
    (None: were it no longer proposed).
    """

    name: str
    find_broken: Callable[[Session, str, frozenset[str] | None], Iterable[str]]


@dataclass(frozen=True)
class OpenSession:
    """A session at which somebody may still take a seat. ``starts``, ``ends``: wall time;
    ``step_key``: the step it is about; ``place``, ``seats``: in words; ``asks_enrolment``: only
    for who follows the path."""

    starts: datetime
    ends: datetime
    title: str
    place: str
    seats: str
    url: str
    step_key: str
    asks_enrolment: bool


@dataclass(frozen=True)
class OpenSessions:
    """``find(db, path_id, user_id, now)``: the sessions to come about a path at which this person
    (None: a visitor) can book a seat now, the next first; never one that is full or closed."""

    name: str
    find: Callable[[Session, UUID, UUID | None, datetime], Sequence[OpenSession]]


@dataclass(frozen=True)
class BadgeChoice:
    """A badge that a step of a path may ask for; ``paths``: the slugs of those that one must have
    completed to receive it."""

    slug: str
    name: str
    paths: frozenset[str]


@dataclass(frozen=True)
class BadgeChoices:
    """``list_all(db)``: the badges that a step of a path may ask for, by name."""

    name: str
    list_all: Callable[[Session], Sequence[BadgeChoice]]
