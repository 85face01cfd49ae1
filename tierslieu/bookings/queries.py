"""Every SELECT of bookings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.agenda.queries import WHOLE, not_ended
from tierslieu.among import is_among
from tierslieu.bookings.models import (
    Booking,
    BookingStatus,
    InvitationState,
    SeatInvitation,
    WrongCode,
)
from tierslieu.people.models import Audience, Profile, User

# The order of a line: who has waited longest is first; the id settles the same instant.
LINE = (Booking.waiting_since, Booking.id)


def find_active(db: Session, session_id: UUID, user_id: UUID) -> Booking | None:
    """What this person holds for this session: a seat or a place in line, if either."""
    return db.scalar(
        select(Booking).where(
            Booking.session_id == session_id,
            Booking.user_id == user_id,
            Booking.status != BookingStatus.CANCELLED,
        )
    )


def find_first_in_line(
    db: Session, session_id: UUID, mode: SeatMode, audience: Audience | None = None
) -> Booking | None:
    """Whoever gets the next seat of this mode, of this public if one is given; under PostgreSQL
    the row is locked."""
    query = select(Booking).where(
        Booking.session_id == session_id,
        Booking.mode == mode,
        Booking.status == BookingStatus.WAITING,
    )
    if audience is not None:
        query = query.where(Booking.user.has(User.profile.has(Profile.audience == audience)))
    return db.scalar(query.order_by(*LINE).limit(1).with_for_update())


def list_active(db: Session, session_id: UUID) -> Sequence[Booking]:
    """Everybody with a seat or in line: the seated by name, who is offered a seat, then the line
    in its order."""
    bookings = db.scalars(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.status != BookingStatus.CANCELLED)
        .options(joinedload(Booking.user))
        .order_by(*LINE)
    ).all()
    seated = [b for b in bookings if b.status is BookingStatus.CONFIRMED]
    line = [b for b in bookings if b.status is BookingStatus.WAITING]
    offered = [b for b in bookings if b.status is BookingStatus.OFFERED]
    return [*sorted(seated, key=lambda b: (b.user.sort_name, b.id)), *offered, *line]


def rank_of(db: Session, booking: Booking) -> int:
    """The place in line, from 1; 0 for a booking that doesn't wait."""
    if booking.status is not BookingStatus.WAITING:
        return 0
    line = db.scalars(
        select(Booking.id)
        .where(
            Booking.session_id == booking.session_id,
            Booking.mode == booking.mode,
            Booking.status == BookingStatus.WAITING,
        )
        .order_by(*LINE)
    ).all()
    return list(line).index(booking.id) + 1


def list_ranks(db: Session, booking_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The places in line, from 1, of those of these bookings that wait."""
    if not booking_ids:
        return {}
    ahead = aliased(Booking)
    rows = db.execute(
        select(Booking.id, func.count(ahead.id))
        .join(
            ahead,
            (ahead.session_id == Booking.session_id)
            & (ahead.mode == Booking.mode)
            & (ahead.status == BookingStatus.WAITING)
            & (tuple_(ahead.waiting_since, ahead.id) <= tuple_(*LINE)),
        )
        .where(Booking.id.in_(booking_ids), Booking.status == BookingStatus.WAITING)
        .group_by(Booking.id)
        .order_by(Booking.id)
    )
    return {row[0]: row[1] for row in rows}


def count_waiting(db: Session, session_ids: Sequence[UUID]) -> dict[tuple[UUID, SeatMode], int]:
    """How many stand in line, by session and mode; a line of nobody is left out."""
    rows = db.execute(
        select(Booking.session_id, Booking.mode, func.count())
        .where(is_among(Booking.session_id, session_ids), Booking.status == BookingStatus.WAITING)
        .group_by(Booking.session_id, Booking.mode)
    )
    return {(session_id, mode): count for session_id, mode, count in rows}


def list_of_person(db: Session, user_id: UUID, session_ids: Sequence[UUID]) -> dict[UUID, Booking]:
    """What this person holds among those sessions, by session."""
    found = db.scalars(
        select(Booking).where(
            Booking.user_id == user_id,
            is_among(Booking.session_id, session_ids),
            Booking.status != BookingStatus.CANCELLED,
        )
    )
    return {b.session_id: b for b in found}


def list_to_come(db: Session, user_id: UUID, now: datetime) -> Sequence[Booking]:
    """Seats and places in line of this person for sessions that have not ended, soonest first."""
    return db.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.user_id == user_id,
            Booking.status != BookingStatus.CANCELLED,
            *not_ended(now),
        )
        .options(joinedload(Booking.session).options(*WHOLE))
        .order_by(LearningSession.starts_at, Booking.id)
    ).all()


def count_past(db: Session, user_id: UUID, now: datetime) -> int:
    """How many seats this person held at sessions that have ended.

    All of their seats without those to come, which are few: what was need not be looked at.
    """
    seats = select(func.count(Booking.id)).where(
        Booking.user_id == user_id, Booking.status == BookingStatus.CONFIRMED
    )
    to_come = seats.join(Booking.session).where(*not_ended(now))
    every, coming = db.execute(select(seats.scalar_subquery(), to_come.scalar_subquery())).one()
    return int(every - coming)


def list_past(
    db: Session, user_id: UUID, now: datetime, *, offset: int, limit: int
) -> Sequence[Booking]:
    """Seats this person held at sessions that have ended, latest first."""
    latest = (LearningSession.starts_at.desc(), Booking.id)
    # Put in order by their keys alone: whole rows are read of one page only.
    page = (
        select(Booking.id)
        .join(Booking.session)
        .where(
            Booking.user_id == user_id,
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.ends_at <= now,
        )
        .order_by(*latest)
        .offset(offset)
        .limit(limit)
    )
    return db.scalars(
        select(Booking)
        .join(Booking.session)
        .where(Booking.id.in_(page))
        .options(contains_eager(Booking.session))
        .order_by(*latest)
    ).all()


def list_own_beyond(
    db: Session,
    user_id: UUID,
    since: datetime,
    until: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Booking]:
    """What this person holds at sessions of [since, until), by their start: the first of those
    after that start and that booking (None: of all)."""
    order = (LearningSession.starts_at, Booking.id)
    statement = (
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.user_id == user_id,
            Booking.status != BookingStatus.CANCELLED,
            *not_ended(since),
        )
        .options(contains_eager(Booking.session).joinedload(LearningSession.room))
        .order_by(*order)
        .limit(limit)
    )
    if until is not None:
        statement = statement.where(LearningSession.starts_at < until)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    return db.scalars(statement).all()


def find_booking_for(db: Session, booking_id: UUID, person_id: UUID) -> Booking | None:
    """This booking, if it is this person's."""
    return db.scalar(select(Booking).where(Booking.id == booking_id, Booking.user_id == person_id))


def find_kept_booking(db: Session, booking_id: UUID, person_id: UUID) -> Booking | None:
    """This booking, if it is this person's and they did not give it back themselves."""
    return db.scalar(
        select(Booking).where(
            Booking.id == booking_id,
            Booking.user_id == person_id,
            (Booking.status != BookingStatus.CANCELLED)
            | Booking.cancelled_by_id.is_distinct_from(person_id),
        )
    )


def find_booking_of(db: Session, booking_id: UUID) -> Booking | None:
    """This booking, whoever's: for those who keep the desk."""
    return db.get(Booking, booking_id)


def count_wrong_codes(db: Session, session: LearningSession, user_id: UUID, since: datetime) -> int:
    """How many wrong codes of this session this person has typed since then; at any date of its
    series, for they open with the same."""
    tried = select(WrongCode.id).where(WrongCode.user_id == user_id, WrongCode.at > since)
    if session.series_id is None:
        tried = tried.where(WrongCode.session_id == session.id)
    else:
        tried = tried.join(LearningSession, LearningSession.id == WrongCode.session_id).where(
            LearningSession.series_id == session.series_id
        )
    return db.scalar(select(func.count()).select_from(tried.subquery())) or 0


def list_with_sessions(db: Session, user_id: UUID, since: datetime) -> Sequence[Booking]:
    """All that this person holds or held and did not give back, at sessions that had not ended
    then, by time."""
    return db.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.user_id == user_id,
            Booking.status != BookingStatus.CANCELLED,
            *not_ended(since),
        )
        .options(joinedload(Booking.session).options(*WHOLE))
        .order_by(LearningSession.starts_at, Booking.id)
    ).all()


def list_all_of(db: Session, user_id: UUID) -> Sequence[Booking]:
    """Every booking this person ever made, cancelled ones too, in the order they were made."""
    return db.scalars(
        select(Booking)
        .where(Booking.user_id == user_id)
        .options(joinedload(Booking.session))
        .order_by(Booking.created_at, Booking.id)
    ).all()


def list_offers_over(db: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Bookings whose offer was not answered in time, the oldest first."""
    return db.scalars(
        select(Booking.id)
        .where(Booking.status == BookingStatus.OFFERED, Booking.offered_until <= now)
        .order_by(Booking.offered_until, Booking.id)
        .limit(limit)
    ).all()


def list_seated_between(db: Session, since: datetime, until: datetime) -> Sequence[Booking]:
    """Seats at sessions that begin then and stand, by their beginning."""
    return db.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at > since,
            LearningSession.starts_at <= until,
        )
        .options(joinedload(Booking.user), joinedload(Booking.session).options(*WHOLE))
        .order_by(LearningSession.starts_at, Booking.id)
    ).all()


def find_by_tap(db: Session, tap: str) -> Booking | None:
    """The booking whose mail holds this link; none for an account that is not open."""
    return db.scalar(
        select(Booking)
        .join(User, User.id == Booking.user_id)
        .where(Booking.tap == tap, User.active)
        .options(joinedload(Booking.session))
    )


def list_keeping_over(db: Session, now: datetime, limit: int) -> Sequence[SeatPool]:
    """Seats whose keeping is over, free while somebody waits for one: soonest session first."""
    waits = (
        select(Booking.id)
        .where(
            Booking.session_id == SeatPool.session_id,
            Booking.mode == SeatPool.mode,
            Booking.status == BookingStatus.WAITING,
        )
        .exists()
    )
    return db.scalars(
        select(SeatPool)
        .join(LearningSession, LearningSession.id == SeatPool.session_id)
        .where(
            SeatPool.kept_until <= now,
            SeatPool.taken < SeatPool.capacity,
            LearningSession.cancelled_at.is_(None),
            LearningSession.starts_at > now,
            waits,
        )
        .order_by(LearningSession.starts_at, SeatPool.id)
        .limit(limit)
    ).all()


def list_invited(db: Session, session_id: UUID) -> Sequence[SeatInvitation]:
    """The seats of a session that are kept for colleagues, the first first."""
    return db.scalars(
        select(SeatInvitation)
        .where(
            SeatInvitation.session_id == session_id, SeatInvitation.state == InvitationState.HELD
        )
        .options(joinedload(SeatInvitation.session))
        .order_by(SeatInvitation.created_at, SeatInvitation.id)
    ).all()


def find_seat_for(
    db: Session, booking_id: UUID, person_id: UUID | None, now: datetime
) -> Booking | None:
    """A confirmed seat at a session that has not ended and stands: this person's (None: anybody's,
    for the team)."""
    query = (
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.id == booking_id,
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.cancelled_at.is_(None),
            LearningSession.ends_at > now,
        )
        .options(joinedload(Booking.user), joinedload(Booking.session).options(*WHOLE))
    )
    if person_id is not None:
        query = query.where(Booking.user_id == person_id)
    return db.scalar(query)


def list_seats_of_series(
    db: Session, series_id: UUID, user_id: UUID, now: datetime
) -> Sequence[Booking]:
    """The seats to come that somebody has in a series, in order of time."""
    return db.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.user_id == user_id,
            Booking.status == BookingStatus.CONFIRMED,
            LearningSession.series_id == series_id,
            LearningSession.cancelled_at.is_(None),
            LearningSession.ends_at > now,
        )
        .options(joinedload(Booking.user), joinedload(Booking.session).options(*WHOLE))
        .order_by(LearningSession.starts_at, Booking.id)
    ).all()
