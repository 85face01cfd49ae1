"""Every SELECT of weeks, of the houses one sleeps in, and of what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import PLANNED, WHOLE
from tierslieu.clock import to_utc
from tierslieu.weeks.models import (
    BoardingHouse,
    BoardingRoom,
    BoardingSheet,
    RoomNight,
    Week,
    WeekStep,
    week_sessions,
    week_team,
)

WHOLE_WEEK = (
    joinedload(Week.path),
    joinedload(Week.house).selectinload(BoardingHouse.rooms),
    selectinload(Week.sessions).options(*WHOLE),
    selectinload(Week.quotas),
    selectinload(Week.meals),
    selectinload(Week.team),
    selectinload(Week.steps).joinedload(WeekStep.step),
)


def _seen(
    with_drafts: bool, since: date | None, before: date | None = None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not with_drafts:
        conditions.append(Week.published_at.is_not(None))
    if since is not None:
        conditions.append(Week.last_day >= since)
    if before is not None:
        conditions.append(Week.last_day < before)
    return conditions


def count_weeks(
    db: Session, *, with_drafts: bool, since: date | None = None, before: date | None = None
) -> int:
    """How many weeks that list holds."""
    statement = select(func.count()).select_from(Week).where(*_seen(with_drafts, since, before))
    return db.scalars(statement).one()


def list_weeks(
    db: Session,
    *,
    with_drafts: bool,
    since: date | None = None,
    before: date | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[Week]:
    """The weeks, or those not over on ``since``: the soonest first; or those over ``before``: the
    latest first. Drafts for the team alone."""
    first = Week.first_day if before is None else Week.first_day.desc()
    return db.scalars(
        select(Week)
        .where(*_seen(with_drafts, since, before))
        .options(joinedload(Week.path))
        .order_by(first, Week.title, Week.id)
        .offset(offset)
        .limit(limit)
    ).all()


def find_week(db: Session, week_id: UUID, *, with_drafts: bool) -> Week | None:
    """One week with all that its page shows; a draft for the team alone."""
    return db.scalar(
        select(Week)
        .where(Week.id == week_id, *_seen(with_drafts, None))
        .options(*WHOLE_WEEK)
        .execution_options(populate_existing=True)
    )


def is_of_team(db: Session, week_id: UUID, user_id: UUID) -> bool:
    """Whether this person is of the team of that week."""
    found = select(week_team.c.user_id).where(
        week_team.c.week_id == week_id, week_team.c.user_id == user_id
    )
    return db.scalar(found) is not None


def find_week_of_session(db: Session, session_id: UUID) -> Week | None:
    """The week this session is a half-day of, if it is one's."""
    return db.scalar(
        select(Week)
        .join(week_sessions, week_sessions.c.week_id == Week.id)
        .where(week_sessions.c.session_id == session_id)
    )


def list_own_session_ids(db: Session, week_id: UUID) -> Sequence[UUID]:
    """The half-days that were planned for this week alone, called off or not."""
    return db.scalars(
        select(week_sessions.c.session_id)
        .where(week_sessions.c.week_id == week_id, week_sessions.c.is_own)
        .order_by(week_sessions.c.session_id)
    ).all()


def list_free_sessions(db: Session, week: Week, now: datetime) -> Sequence[LearningSession]:
    """The sessions to come of the week's days that stand and are of no week, in order of time."""
    midnight = datetime.combine(week.first_day, time.min)
    after = datetime.combine(week.last_day + timedelta(days=1), time.min)
    return db.scalars(
        select(LearningSession)
        .where(
            LearningSession.starts_at >= max(to_utc(midnight), now),
            LearningSession.starts_at < to_utc(after),
            LearningSession.cancelled_at.is_(None),
            LearningSession.id.not_in(select(week_sessions.c.session_id)),
        )
        .options(*PLANNED)
        .order_by(LearningSession.starts_at, LearningSession.id)
    ).all()


def list_houses(db: Session) -> Sequence[BoardingHouse]:
    """Every house, by name, with its rooms."""
    return db.scalars(
        select(BoardingHouse)
        .options(selectinload(BoardingHouse.rooms))
        .order_by(BoardingHouse.name)
    ).all()


def find_house(db: Session, house_id: UUID) -> BoardingHouse | None:
    """One house with its rooms."""
    return db.scalar(
        select(BoardingHouse)
        .where(BoardingHouse.id == house_id)
        .options(selectinload(BoardingHouse.rooms))
        .execution_options(populate_existing=True)
    )


def find_boarding_room(db: Session, room_id: UUID) -> BoardingRoom | None:
    """One room of a house."""
    return db.get(BoardingRoom, room_id)


def list_room_nights(
    db: Session, room_ids: Sequence[UUID], nights: Sequence[date]
) -> Sequence[RoomNight]:
    """The counted nights of those rooms."""
    return db.scalars(
        select(RoomNight)
        .where(RoomNight.room_id.in_(room_ids), RoomNight.night.in_(nights))
        .order_by(RoomNight.room_id, RoomNight.night)
        .execution_options(populate_existing=True)
    ).all()


def list_sheets(db: Session, week_id: UUID) -> Sequence[BoardingSheet]:
    """What the boarding school was told of this week, the frozen sheet first."""
    return db.scalars(
        select(BoardingSheet).where(BoardingSheet.week_id == week_id).order_by(BoardingSheet.number)
    ).all()


def list_past_cutoff(db: Session, now: datetime, today: date) -> Sequence[UUID]:
    """The published weeks whose cut-off has passed and that are not over, the soonest first; of
    those called off, the ones the boarding school was told of."""
    was_told = select(BoardingSheet.id).where(BoardingSheet.week_id == Week.id).exists()
    return db.scalars(
        select(Week.id)
        .where(
            Week.published_at.is_not(None),
            Week.cutoff_at <= now,
            (Week.last_day >= today) | (Week.nights_until >= today),
            Week.cancelled_at.is_(None) | was_told,
        )
        .order_by(Week.first_day, Week.id)
    ).all()
