"""Every SELECT of rooms and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import (
    CLASS_HOURS,
    AgendaSettings,
    CalendarFeed,
    LearningSession,
    Room,
    SeatMode,
    SeatPool,
    session_facilitators,
)
from tierslieu.people.models import FACILITATOR, Audience, User
from tierslieu.people.queries import list_team

# All that is said of a session to anybody; whole, who leads it too.
PLANNED = (
    joinedload(LearningSession.room),
    joinedload(LearningSession.series),
    joinedload(LearningSession.step).joinedload(Step.version).joinedload(PathVersion.path),
    selectinload(LearningSession.pools),
)
WHOLE = (*PLANNED, selectinload(LearningSession.facilitators))

# No session lasts longer than a day (``rules.LONGEST``): what ends after an instant begins at most
# so long before it, which lets the index on the beginning answer.
_LONGER_THAN_ANY = timedelta(days=2)
_FIRST = datetime.min.replace(tzinfo=UTC) + _LONGER_THAN_ANY  # no date is before the year 1


@dataclass(frozen=True)
class Filter:
    """What an agenda is narrowed to: [since, until) touched by the session, a mode, a path, a room.

    ``audience``: sessions that say they are for these people; of those that do not say, the ones
    of ``audience_paths`` (the paths for them), and of no path, which are for everybody.
    ``standing``: not those that were called off.
    """

    since: datetime | None = None
    until: datetime | None = None
    mode: SeatMode | None = None
    path_id: UUID | None = None
    audience: Audience | None = None
    audience_paths: tuple[UUID, ...] = ()
    room_id: UUID | None = None
    standing: bool = False
    latest_first: bool = False


def not_ended(at: datetime) -> list[ColumnElement[bool]]:
    """What a session fulfils that had not ended then: of many past ones, few are looked at."""
    ends = LearningSession.ends_at > at
    return [LearningSession.starts_at > at - _LONGER_THAN_ANY, ends] if at > _FIRST else [ends]


def conditions_of(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a session must fulfil to be in that agenda."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions += not_ended(wanted.since)
    if wanted.until is not None:
        conditions.append(LearningSession.starts_at < wanted.until)
    if wanted.mode is not None:
        conditions.append(
            LearningSession.pools.any((SeatPool.mode == wanted.mode) & (SeatPool.capacity > 0))
        )
    if wanted.path_id is not None:
        conditions.append(
            LearningSession.step.has(Step.version.has(PathVersion.path_id == wanted.path_id))
        )
    if wanted.audience is not None:
        of_its_paths = LearningSession.step.has(
            Step.version.has(PathVersion.path_id.in_(wanted.audience_paths))
        )
        conditions.append(
            (LearningSession.audience == wanted.audience)
            | LearningSession.audience.is_(None)
            & (LearningSession.step_id.is_(None) | of_its_paths)
        )
    if wanted.room_id is not None:
        conditions.append(LearningSession.room_id == wanted.room_id)
    if wanted.standing:
        conditions.append(LearningSession.cancelled_at.is_(None))
    return conditions


def count_sessions(db: Session, wanted: Filter) -> int:
    """How many sessions an agenda holds."""
    return db.scalars(
        select(func.count()).select_from(LearningSession).where(*conditions_of(wanted))
    ).one()


def list_sessions(
    db: Session, wanted: Filter, *, offset: int = 0, limit: int | None = None
) -> Sequence[LearningSession]:
    """The sessions of an agenda with all that a line shows, in order of time."""
    order = LearningSession.starts_at
    statement: Select[LearningSession] = (
        select(LearningSession)
        .where(*conditions_of(wanted))
        .options(*WHOLE)
        .order_by(order.desc() if wanted.latest_first else order, LearningSession.id)
        .offset(offset)
        .limit(limit)
    )
    return db.scalars(statement).all()


def list_sessions_beyond(
    db: Session, wanted: Filter, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[LearningSession]:
    """The first sessions in order of time, of those after that start and identifier (None: of
    all); without who leads them."""
    order = tuple_(LearningSession.starts_at, LearningSession.id)
    conditions = conditions_of(wanted)
    if after is not None:
        conditions.append(order > tuple_(*after))
    return db.scalars(
        select(LearningSession)
        .where(*conditions)
        .options(*PLANNED)
        .order_by(LearningSession.starts_at, LearningSession.id)
        .limit(limit)
    ).all()


def find_session(db: Session, session_id: UUID) -> LearningSession | None:
    """One session with all that its page shows."""
    return db.scalar(
        select(LearningSession).where(LearningSession.id == session_id).options(*WHOLE)
    )


def list_rooms(db: Session) -> Sequence[Room]:
    """Every room, by name."""
    return db.scalars(select(Room).options(selectinload(Room.closures)).order_by(Room.name)).all()


def read_settings(db: Session) -> AgendaSettings:
    """What the team has set, or what holds until it does."""
    found = db.get(AgendaSettings, 1)
    return found or AgendaSettings(school_zone="B", class_hours=CLASS_HOURS, refuses_closed=False)


def find_room(db: Session, room_id: UUID) -> Room | None:
    """One room."""
    return db.get(Room, room_id)


def list_facilitators(db: Session) -> Sequence[User]:
    """Those who may lead a session, by name."""
    return list_team(db, FACILITATOR)


def _overlapping(
    starts: datetime, ends: datetime, apart_from: UUID | None
) -> Select[LearningSession]:
    # Half-open: one may begin where the other ends.
    statement = select(LearningSession).where(
        LearningSession.cancelled_at.is_(None),
        LearningSession.starts_at < ends,
        LearningSession.ends_at > starts,
    )
    if apart_from is not None:
        statement = statement.where(LearningSession.id != apart_from)
    return statement.order_by(LearningSession.starts_at, LearningSession.id).limit(1)


def find_in_room(
    db: Session, room_id: UUID, starts: datetime, ends: datetime, apart_from: UUID | None
) -> LearningSession | None:
    """A session that holds this room at that time, if any."""
    return db.scalar(
        _overlapping(starts, ends, apart_from).where(LearningSession.room_id == room_id)
    )


def find_led_by(
    db: Session, user_id: UUID, starts: datetime, ends: datetime, apart_from: UUID | None
) -> LearningSession | None:
    """A session that this facilitator leads at that time, if any."""
    return db.scalar(
        _overlapping(starts, ends, apart_from).where(
            LearningSession.id.in_(
                select(session_facilitators.c.session_id).where(
                    session_facilitators.c.user_id == user_id
                )
            )
        )
    )


def list_led_by(db: Session, user_id: UUID, since: datetime) -> Sequence[LearningSession]:
    """Every session that this person leads or led and that had not ended then, in order of time."""
    return db.scalars(
        select(LearningSession)
        .join(session_facilitators, session_facilitators.c.session_id == LearningSession.id)
        .where(session_facilitators.c.user_id == user_id, *not_ended(since))
        .options(*WHOLE)
        .order_by(LearningSession.starts_at, LearningSession.id)
    ).all()


def find_largest_use(
    db: Session, room_id: UUID, now: datetime
) -> tuple[LearningSession, int] | None:
    """The session to come that needs most places of this room, and how many."""
    row = db.execute(
        select(LearningSession, SeatPool.capacity)
        .join(SeatPool, SeatPool.session_id == LearningSession.id)
        .where(
            LearningSession.room_id == room_id,
            LearningSession.cancelled_at.is_(None),
            LearningSession.ends_at > now,
            SeatPool.mode == SeatMode.ONSITE,
        )
        .order_by(SeatPool.capacity.desc(), LearningSession.starts_at, LearningSession.id)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def find_feed(db: Session, user_id: UUID) -> CalendarFeed | None:
    """A person's own calendar address, if they made one."""
    return db.get(CalendarFeed, user_id)


def find_feed_owner(db: Session, secret: str) -> UUID | None:
    """Whose calendar this secret opens."""
    return db.scalar(
        select(CalendarFeed.user_id)
        .join(User, User.id == CalendarFeed.user_id)
        .where(CalendarFeed.secret == secret, User.active)
    )


def list_collisions(db: Session) -> Sequence[tuple[UUID, UUID]]:
    """Pairs of sessions that hold one room at one time: there must be none."""
    other = aliased(LearningSession)
    rows = db.execute(
        select(LearningSession.id, other.id)
        .join(
            other,
            (other.room_id == LearningSession.room_id)
            & (other.id > LearningSession.id)
            & (other.starts_at < LearningSession.ends_at)
            & (other.ends_at > LearningSession.starts_at),
        )
        .where(LearningSession.cancelled_at.is_(None), other.cancelled_at.is_(None))
        .order_by(LearningSession.id, other.id)
    )
    return [(first, second) for first, second in rows]


def list_of_series(db: Session, series_id: UUID) -> Sequence[LearningSession]:
    """The sessions of a series with all that a line shows, in order of time."""
    return db.scalars(
        select(LearningSession)
        .where(LearningSession.series_id == series_id)
        .options(*WHOLE)
        .order_by(LearningSession.starts_at, LearningSession.id)
    ).all()
