"""One list of what the place offers, made by the database: a page of it and its counts are two
statements, however much there is."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from badges.designs.models import BadgeClass
from courses.paths.models import Path, PathDraft, PathVersion
from courses.positioning.models import QuizDraft, QuizVersion
from tierslieu.clock import to_utc
from tierslieu.people.models import fold
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.surveys.models import Instrument, ResponseSheet
from tierslieu.weeks.models import Week


class Kind(enum.Enum):
    """What is offered, in the order of the list; the value stands in the address."""

    PATH = "parcours"
    POSITIONING = "positionnements"
    BADGE = "badges"
    WEEK = "semaines"
    INSTRUMENT = "questionnaires"
    CHECKLIST = "listes"


KINDS = list(Kind)
#: Facts about a course of elsewhere are read again at their source after that long.
READ_AGAIN_AFTER = timedelta(days=365)


class State(enum.Enum):
    """How it stands; the value stands in the address."""

    OFFERED = "propose"
    DRAFT = "brouillon"
    RETIRED = "retire"
    OVER = "passe"
    TO_READ_AGAIN = "a-revoir"


@dataclass(frozen=True)
class Item:
    """One line. ``version``: 0 where there are none; ``has_draft``: a next one is being written;
    ``is_automatic``: of a badge, awarded without being read over; ``is_stale``: of a course that
    is offered, to be read again at its source; ``provider``: whose course it is, of a path;
    ``first_day``, ``last_day``: of a week."""

    kind: Kind
    id: UUID
    slug: str
    name: str
    version: int
    state: State
    has_draft: bool
    is_automatic: bool
    is_stale: bool
    provider: str
    first_day: date | None
    last_day: date | None


_OFFERED = literal(State.OFFERED.value, String)
_NO_VERSION = literal(0)
_NOTHING = literal("", String)
# No more of them: SQLite reads no expression that is nested deeper than some twenty of these.
_LETTERS = {
    "a": "àâÀ",
    "c": "çÇ",
    "e": "éèêÉÈÊ",
    "i": "îï",
    "o": "ô",
    "u": "ùû",
    "'": "’",
}


def _folded(name: Any) -> ColumnElement[str]:
    """The name in small letters without accents, on both databases: SQLite knows ASCII alone."""
    found: ColumnElement[str] = name
    for plain, accented in _LETTERS.items():
        for letter in accented:
            found = func.replace(found, letter, plain)
    return func.lower(found)


def _line(
    kind: Kind,
    of: Any,
    slug: Any,
    name: Any,
    *,
    state: Any = _OFFERED,
    version: Any = _NO_VERSION,
    draft: ColumnElement[bool] | None = None,
    automatic: ColumnElement[bool] | None = None,
    stale: ColumnElement[bool] | None = None,
    provider: Any = _NOTHING,
    days: tuple[Any, Any] | None = None,
) -> Select[Any]:
    first, last = days or (cast(null(), Date), cast(null(), Date))
    return select(
        literal(KINDS.index(kind)).label("rank"),
        of.label("id"),
        slug.label("slug"),
        name.label("name"),
        version.label("version"),
        state.label("state"),
        case((false() if draft is None else draft, 1), else_=0).label("has_draft"),
        case((false() if automatic is None else automatic, 1), else_=0).label("is_automatic"),
        case((false() if stale is None else stale, 1), else_=0).label("is_stale"),
        provider.label("provider"),
        first.label("first_day"),
        last.label("last_day"),
    )


def _retired(is_retired: ColumnElement[bool]) -> ColumnElement[str]:
    return case((is_retired, State.RETIRED.value), else_=State.OFFERED.value)


def _paths(today: date) -> list[Select[Any]]:
    read_on = (
        select(func.max(PathVersion.published_at))
        .where(PathVersion.path_id == Path.id)
        .scalar_subquery()
    )
    # What comes from elsewhere changes there: it is read again, and so is what says no licence.
    is_old = and_(
        Path.source != "", read_on < to_utc(datetime.combine(today - READ_AGAIN_AFTER, time()))
    )
    number = (
        select(func.coalesce(func.max(PathVersion.number), 0))
        .where(PathVersion.path_id == Path.id)
        .scalar_subquery()
    )
    known = _line(
        Kind.PATH,
        Path.id,
        Path.slug,
        Path.title,
        version=number,
        state=_retired(Path.retired_at.is_not(None)),
        draft=exists().where(PathDraft.slug == Path.slug),
        stale=and_(
            Path.retired_at.is_(None),
            or_(is_old, and_(Path.url != "", Path.licence == "")),
        ),
        provider=Path.provider,
    )
    new = _line(
        Kind.PATH,
        PathDraft.id,
        PathDraft.slug,
        PathDraft.content["title"].as_string(),
        state=literal(State.DRAFT.value, String),
        draft=true(),
    ).where(~exists().where(Path.slug == PathDraft.slug))
    return [known, new]


def _positionings() -> list[Select[Any]]:
    number = (
        select(func.coalesce(func.max(QuizVersion.number), 0))
        .where(QuizVersion.path_id == Path.id)
        .scalar_subquery()
    )
    has_draft = exists().where(QuizDraft.path_id == Path.id)
    line = _line(
        Kind.POSITIONING,
        Path.id,
        Path.slug,
        Path.title,
        version=number,
        state=case(
            (number == 0, State.DRAFT.value),
            (Path.retired_at.is_not(None), State.RETIRED.value),
            else_=State.OFFERED.value,
        ),
        draft=has_draft,
    )
    return [line.where(or_(number > 0, has_draft))]


def _badges() -> list[Select[Any]]:
    later = aliased(BadgeClass)
    follows = later.previous_id == BadgeClass.id
    replaced = exists().where(follows, later.published_at.is_not(None))
    being_written = exists().where(follows, later.published_at.is_(None))
    return [
        _line(
            Kind.BADGE,
            BadgeClass.id,
            BadgeClass.slug,
            BadgeClass.name,
            version=BadgeClass.version,
            state=case(
                (BadgeClass.published_at.is_(None), State.DRAFT.value),
                (BadgeClass.archived_at.is_not(None), State.RETIRED.value),
                else_=State.OFFERED.value,
            ),
            draft=or_(BadgeClass.published_at.is_(None), being_written),
            automatic=BadgeClass.automatic.is_(True),
        ).where(
            ~replaced,
            # What follows a published version stands in that one's line.
            or_(BadgeClass.published_at.is_not(None), BadgeClass.previous_id.is_(None)),
        )
    ]


def _weeks(today: date) -> list[Select[Any]]:
    return [
        _line(
            Kind.WEEK,
            Week.id,
            _NOTHING,
            Week.title,
            state=case(
                (Week.cancelled_at.is_not(None), State.RETIRED.value),
                (Week.published_at.is_(None), State.DRAFT.value),
                (Week.last_day < today, State.OVER.value),
                else_=State.OFFERED.value,
            ),
            draft=and_(Week.published_at.is_(None), Week.cancelled_at.is_(None)),
            days=(Week.first_day, Week.last_day),
        )
    ]


def _instruments() -> list[Select[Any]]:
    other = aliased(Instrument)
    is_ready = or_(
        Instrument.is_shipped.is_(True),
        exists().where(ResponseSheet.instrument_id == Instrument.id),
    )
    has_older = exists().where(other.slug == Instrument.slug, other.version < Instrument.version)
    newer = aliased(Instrument)
    is_newest = ~exists().where(newer.slug == Instrument.slug, newer.version > Instrument.version)
    return [
        _line(
            Kind.INSTRUMENT,
            Instrument.id,
            Instrument.slug,
            Instrument.title,
            version=Instrument.version,
            state=case((or_(is_ready, has_older), State.OFFERED.value), else_=State.DRAFT.value),
            draft=~is_ready,
        ).where(is_newest)
    ]


def _checklists() -> list[Select[Any]]:
    return [
        _line(
            Kind.CHECKLIST,
            Checklist.id,
            _NOTHING,
            Checklist.title,
            version=Checklist.version,
            state=_retired(Checklist.retired_at.is_not(None)),
        )
    ]


def _everything(kinds: Collection[Kind], today: date) -> CompoundSelect[Any]:
    makers = {
        Kind.PATH: lambda: _paths(today),
        Kind.POSITIONING: _positionings,
        Kind.BADGE: _badges,
        Kind.WEEK: lambda: _weeks(today),
        Kind.INSTRUMENT: _instruments,
        Kind.CHECKLIST: _checklists,
    }
    return union_all(*(line for kind in Kind if kind in kinds for line in makers[kind]()))


@dataclass(frozen=True)
class Course:
    """Where the facts of a path come from: its row, and when its newest version was written."""

    path: Path
    read_on: datetime


def list_courses(db: Session, ids: Sequence[UUID]) -> Mapping[UUID, Course]:
    """Those paths with the day of their newest version; drafts have none and are left out."""
    newest = func.max(PathVersion.published_at)
    found = db.execute(
        select(Path, newest)
        .join(PathVersion, PathVersion.path_id == Path.id)
        .where(Path.id.in_(ids))
        .group_by(Path.id)
        .order_by(Path.id)
    )
    return {path.id: Course(path, read_on) for path, read_on in found}


class Catalogue:
    """What there is of ``kinds``, at least one of them. ``drafts``: the kinds of which what is
    being written is seen; of the others neither a draft nor that there is one.
    ``text``: every word of it stands in the name, whatever its accents."""

    def __init__(
        self, kinds: Collection[Kind], drafts: Collection[Kind], text: str, today: date
    ) -> None:
        rows = _everything(kinds, today).subquery()
        seen = [KINDS.index(kind) for kind in drafts]
        self._rows = rows
        self._sees_draft = rows.c.rank.in_(seen)
        self._fits = [
            or_(rows.c.state != State.DRAFT.value, self._sees_draft),
            *(_folded(rows.c.name).contains(word, autoescape=True) for word in fold(text).split()),
        ]

    def _of(self, kind: Kind | None, state: State | None) -> list[ColumnElement[bool]]:
        rows, found = self._rows, list(self._fits)
        if kind is not None:
            found.append(rows.c.rank == KINDS.index(kind))
        if state is State.DRAFT:  # what is proposed and being rewritten is found there too
            found.append(and_(rows.c.has_draft == 1, self._sees_draft))
        elif state is State.TO_READ_AGAIN:
            found.append(rows.c.is_stale == 1)
        elif state is not None:
            found.append(rows.c.state == state.value)
        return found

    def count(self, db: Session, state: State | None) -> Mapping[Kind, int]:
        """How many of each kind are in that state (None: whatever it is)."""
        rows = db.execute(
            select(self._rows.c.rank, func.count())
            .where(*self._of(None, state))
            .group_by(self._rows.c.rank)
            .order_by(self._rows.c.rank)
        )
        return {KINDS[rank]: count for rank, count in rows}

    def page(
        self, db: Session, kind: Kind | None, state: State | None, offset: int, limit: int
    ) -> Sequence[Item]:
        """A page of them: by kind, weeks the latest first, the others by name."""
        rows = self._rows
        found = db.execute(
            select(rows, case((self._sees_draft, rows.c.has_draft), else_=0).label("shown_draft"))
            .where(*self._of(kind, state))
            .order_by(
                rows.c.rank,
                func.coalesce(rows.c.first_day, date(1, 1, 1)).desc(),
                _folded(rows.c.name),
                rows.c.id,
            )
            .offset(offset)
            .limit(limit)
        )
        return [
            Item(
                KINDS[row.rank],
                row.id,
                row.slug,
                row.name,
                row.version,
                State(row.state),
                bool(row.shown_draft),
                bool(row.is_automatic),
                bool(row.is_stale),
                row.provider,
                row.first_day,
                row.last_day,
            )
            for row in found
        ]
