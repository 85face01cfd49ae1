"""Every SELECT of applications and of what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.people.models import Audience, User
from tierslieu.weeks.applications.models import (
    ApplicationEvent,
    ApplicationSeat,
    ApplicationState,
    NeedsReading,
    StayMeal,
    StayNeeds,
    StayNight,
    WeekApplication,
)
from tierslieu.weeks.models import BoardingSheet, Meal, Week, week_team

# Who waits longest is first; the identifier settles the same instant.
RANK = (WeekApplication.waiting_since, WeekApplication.id)
# What asks for a decision comes first.
_ORDER = case(
    {state.value: place for place, state in enumerate(ApplicationState)},
    value=WeekApplication.state,
    else_=len(ApplicationState),
)
_SHOWN = (
    joinedload(WeekApplication.user).joinedload(User.profile),
    joinedload(WeekApplication.path),
    selectinload(WeekApplication.nights).joinedload(StayNight.room),
    selectinload(WeekApplication.meals),
    selectinload(WeekApplication.events).joinedload(ApplicationEvent.by),
)


@dataclass(frozen=True)
class Chosen:
    """What the selection is narrowed to."""

    state: ApplicationState | None = None
    audience: Audience | None = None

    def conditions(self, week_id: UUID) -> list[ColumnElement[bool]]:
        """What an application must fulfil."""
        found: list[ColumnElement[bool]] = [WeekApplication.week_id == week_id]
        if self.state is not None:
            found.append(WeekApplication.state == self.state)
        if self.audience is not None:
            found.append(WeekApplication.audience == self.audience)
        return found


def count_applications(db: Session, week_id: UUID, chosen: Chosen | None = None) -> int:
    """How many applications this week has, or of those one looks for."""
    conditions = (chosen or Chosen()).conditions(week_id)
    return db.scalars(select(func.count()).select_from(WeekApplication).where(*conditions)).one()


def list_applications(
    db: Session, week_id: UUID, chosen: Chosen, *, offset: int, limit: int
) -> Sequence[WeekApplication]:
    """Applications as the selection shows them: those to decide first, the waiting in the order of
    their rank, the others as they came."""
    return db.scalars(
        select(WeekApplication)
        .where(*chosen.conditions(week_id))
        .options(*_SHOWN)
        .order_by(
            _ORDER,
            func.coalesce(WeekApplication.waiting_since, WeekApplication.submitted_at),
            WeekApplication.id,
        )
        .offset(offset)
        .limit(limit)
    ).all()


def count_states(db: Session, week_id: UUID) -> dict[ApplicationState, int]:
    """How many applications stand where."""
    rows = db.execute(
        select(WeekApplication.state, func.count())
        .where(WeekApplication.week_id == week_id)
        .group_by(WeekApplication.state)
    )
    return {row[0]: row[1] for row in rows}


def count_accepted(db: Session, week_id: UUID) -> dict[Audience, int]:
    """How many are accepted, public by public."""
    rows = db.execute(
        select(WeekApplication.audience, func.count())
        .where(
            WeekApplication.week_id == week_id,
            WeekApplication.state == ApplicationState.ACCEPTED,
        )
        .group_by(WeekApplication.audience)
    )
    return {row[0]: row[1] for row in rows}


def find_own(db: Session, week_id: UUID, user_id: UUID) -> WeekApplication | None:
    """This person's own application for that week, with all that its page shows."""
    return db.scalar(
        select(WeekApplication)
        .where(WeekApplication.week_id == week_id, WeekApplication.user_id == user_id)
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def find_application(db: Session, application_id: UUID) -> WeekApplication | None:
    """One application, for the team."""
    return db.scalar(
        select(WeekApplication)
        .where(WeekApplication.id == application_id)
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def list_own(db: Session, user_id: UUID) -> Sequence[WeekApplication]:
    """Every application of this person, the week furthest ahead first."""
    return db.scalars(
        select(WeekApplication)
        .join(Week, Week.id == WeekApplication.week_id)
        .where(WeekApplication.user_id == user_id)
        .options(*_SHOWN)
        .order_by(Week.first_day.desc(), WeekApplication.id)
    ).all()


def latest_applications(db: Session, among: Among = None) -> dict[UUID, datetime]:
    """When somebody last applied for a week, by person; of those alone if some are given."""
    query = select(WeekApplication.user_id, func.max(WeekApplication.submitted_at))
    if among is not None:
        query = query.where(is_among(WeekApplication.user_id, among))
    return {row[0]: row[1] for row in db.execute(query.group_by(WeekApplication.user_id))}


def list_in_state(db: Session, week_id: UUID, state: ApplicationState) -> Sequence[WeekApplication]:
    """The applications of a week that stand there, in the order of their identifiers."""
    return db.scalars(
        select(WeekApplication)
        .where(WeekApplication.week_id == week_id, WeekApplication.state == state)
        .options(joinedload(WeekApplication.user))
        .order_by(WeekApplication.id)
    ).all()


def list_living(db: Session, week_id: UUID, living: Iterable[ApplicationState]) -> Sequence[UUID]:
    """The applications of a week that are in progress, in the order of their identifiers."""
    return db.scalars(
        select(WeekApplication.id)
        .where(WeekApplication.week_id == week_id, WeekApplication.state.in_(list(living)))
        .order_by(WeekApplication.id)
    ).all()


def list_line(db: Session, week_id: UUID) -> Sequence[WeekApplication]:
    """The waiting list, in its order."""
    return db.scalars(
        select(WeekApplication)
        .where(
            WeekApplication.week_id == week_id,
            WeekApplication.state == ApplicationState.WAITING,
        )
        .options(joinedload(WeekApplication.user))
        .order_by(*RANK)
    ).all()


def rank_of(db: Session, application: WeekApplication) -> int:
    """The place in the line, from 1; 0 for who does not wait."""
    if application.state is not ApplicationState.WAITING:
        return 0
    return db.scalars(
        select(func.count())
        .select_from(WeekApplication)
        .where(
            WeekApplication.week_id == application.week_id,
            WeekApplication.state == ApplicationState.WAITING,
            tuple_(*RANK) <= tuple_(application.waiting_since, application.id),
        )
    ).one()


def list_ranks(db: Session, week_id: UUID) -> dict[UUID, int]:
    """The place in the line of each application that waits, from 1."""
    rows = db.scalars(
        select(WeekApplication.id)
        .where(
            WeekApplication.week_id == week_id,
            WeekApplication.state == ApplicationState.WAITING,
        )
        .order_by(*RANK)
    )
    return {application_id: rank for rank, application_id in enumerate(rows, start=1)}


def list_seats(db: Session, application_id: UUID) -> Sequence[ApplicationSeat]:
    """The bookings of an acceptance, in the order of their sessions' identifiers."""
    found = db.scalars(
        select(ApplicationSeat)
        .where(ApplicationSeat.application_id == application_id)
        .options(joinedload(ApplicationSeat.booking))
    )
    return sorted(found, key=lambda seat: seat.booking.session_id)


def list_kept(db: Session, application_id: UUID, now: datetime) -> Sequence[Booking]:
    """Seats at half-days to come that they had booked by themselves: they stay theirs."""
    kept = [
        seat.booking
        for seat in list_seats(db, application_id)
        if not seat.is_ours
        and seat.booking.status is BookingStatus.CONFIRMED
        and seat.booking.session.starts_at > now
        and seat.booking.session.cancelled_at is None
    ]
    return sorted(kept, key=lambda one: one.session.starts_at)


def list_sleepers(
    db: Session, room_ids: Sequence[UUID], nights: Sequence[date]
) -> Sequence[tuple[StayNight, WeekApplication]]:
    """Who sleeps in those rooms in those nights, whatever their week."""
    rows = db.execute(
        select(StayNight, WeekApplication)
        .join(WeekApplication, WeekApplication.id == StayNight.application_id)
        .where(StayNight.room_id.in_(room_ids), StayNight.night.in_(nights))
        .order_by(StayNight.night, StayNight.room_id, WeekApplication.id)
    )
    return [(night, application) for night, application in rows]


def count_sleepers(db: Session, week_id: UUID) -> dict[date, int]:
    """Beds given out, night by night."""
    rows = db.execute(
        select(StayNight.night, func.count())
        .join(WeekApplication, WeekApplication.id == StayNight.application_id)
        .where(WeekApplication.week_id == week_id, StayNight.room_id.is_not(None))
        .group_by(StayNight.night)
        .order_by(StayNight.night)
    )
    return {row[0]: row[1] for row in rows}


def list_eaters(db: Session, week_id: UUID) -> Sequence[tuple[date, Meal, StayNeeds | None]]:
    """Every meal that is taken, with what who eats it needs, if they said so; nobody's name."""
    rows = db.execute(
        select(StayMeal.day, StayMeal.meal, StayNeeds)
        .join(WeekApplication, WeekApplication.id == StayMeal.application_id)
        .outerjoin(StayNeeds, StayNeeds.application_id == WeekApplication.id)
        .where(WeekApplication.week_id == week_id, StayMeal.is_taken.is_(True))
        .order_by(StayMeal.day, StayMeal.meal, StayMeal.application_id)
    )
    return [(on, meal, needs) for on, meal, needs in rows]


def find_needs(db: Session, application_id: UUID) -> StayNeeds | None:
    """What somebody said they need."""
    return db.get(StayNeeds, application_id)


def find_access_needs_for(db: Session, application_id: UUID, reader_id: UUID) -> StayNeeds | None:
    """What an accepted person needs to come in, for who is of that week's team and nobody else."""
    return db.scalar(
        select(StayNeeds)
        .join(WeekApplication, WeekApplication.id == StayNeeds.application_id)
        .join(week_team, week_team.c.week_id == WeekApplication.week_id)
        .where(
            StayNeeds.application_id == application_id,
            StayNeeds.access != "",
            WeekApplication.state == ApplicationState.ACCEPTED,
            week_team.c.user_id == reader_id,
        )
    )


def list_readings(db: Session, application_id: UUID) -> Sequence[NeedsReading]:
    """Who read what this person needs, the latest first."""
    return db.scalars(
        select(NeedsReading)
        .where(NeedsReading.application_id == application_id)
        .options(joinedload(NeedsReading.by))
        .order_by(NeedsReading.at.desc(), NeedsReading.id)
    ).all()


def list_needs_with_weeks(db: Session) -> Sequence[tuple[StayNeeds, Week]]:
    """All needs that are kept, with the week they are for."""
    rows = db.execute(
        select(StayNeeds, Week)
        .join(WeekApplication, WeekApplication.id == StayNeeds.application_id)
        .join(Week, Week.id == WeekApplication.week_id)
        .order_by(Week.last_day, StayNeeds.application_id)
    )
    return [(needs, week) for needs, week in rows]


def list_sheets_with_weeks(db: Session) -> Sequence[tuple[BoardingSheet, Week]]:
    """All sheets that were frozen, with their week."""
    rows = db.execute(
        select(BoardingSheet, Week)
        .join(Week, Week.id == BoardingSheet.week_id)
        .order_by(Week.last_day, BoardingSheet.week_id, BoardingSheet.number)
    )
    return [(sheet, week) for sheet, week in rows]


def count_to_decide(db: Session, user_id: UUID, now: datetime) -> Sequence[tuple[Week, int]]:
    """The weeks of this person's team where applications wait for a decision, and how many."""
    rows = db.execute(
        select(Week, func.count())
        .join(WeekApplication, WeekApplication.week_id == Week.id)
        .join(week_team, week_team.c.week_id == Week.id)
        .where(
            week_team.c.user_id == user_id,
            WeekApplication.state == ApplicationState.SUBMITTED,
            Week.last_day >= now.date(),
        )
        .group_by(Week.id)
        .order_by(Week.first_day, Week.id)
    )
    return [(week, count) for week, count in rows]


def list_accepted_between(
    db: Session, day: ColumnElement[date], since: date, until: date
) -> Sequence[WeekApplication]:
    """The accepted applications for weeks whose ``day`` (first or last) is in [since, until]."""
    return db.scalars(
        select(WeekApplication)
        .join(WeekApplication.week)
        .where(
            WeekApplication.state == ApplicationState.ACCEPTED,
            day.between(since, until),
            Week.cancelled_at.is_(None),
        )
        .options(contains_eager(WeekApplication.week))
        .order_by(day, WeekApplication.week_id, WeekApplication.user_id)
    ).all()
