"""Sessions and bookings as programs read them. What only some may read is decided here, once:
no person is named, and the link of an online session is for who holds a seat online."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.bundles.showing import Bundle, bundles_of
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import count_waiting, list_ranks
from tierslieu.bookings.showing import describe_seats, state_of
from tierslieu.web.api import Body

State = Literal["to_come", "running", "past", "cancelled"]
Mode = Literal["onsite", "online"]
Status = Literal["confirmed", "offered", "waiting", "cancelled"]


class PlaceTold(Body):
    """A room; no place is told of a session that is only online."""

    name: str
    address: str
    access: str


class MeetingTold(Body):
    """When and where. ``starts_at``, ``ends_at``: instants, in UTC; ``starts_local``,
    ``ends_local``: what the clock shows in ``timezone``, which is what was planned."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    starts_local: str
    ends_local: str
    timezone: str
    place: PlaceTold | None
    state: State
    url: str


class PathTold(Body):
    """The path that a session belongs to."""

    slug: str
    title: str


class StepTold(Body):
    """The step of the path."""

    id: UUID
    code: str
    title: str


class SessionTold(MeetingTold):
    """A session of the agenda, with how many seats it has, how many are ``free`` and how many
    people are ``waiting`` for one, by mode; a mode it is not held in is not there. Seats kept for
    a public are not among those that are free. ``bundle``: the dates of its ``series`` are booked
    together or not at all, and ``free`` is what every date to come has. ``admission``: who may
    book, ``bookable_from`` and ``bookable_until``: when, where it is not from now to the start."""

    description: str
    bring: str
    path: PathTold | None
    step: StepTold | None
    cancel_reason: str
    level: Literal["initiation", "practice", "expertise"] | None
    audience: Literal["teacher", "career_changer", "graduate_or_vae", "anybody"] | None
    prerequisites: str
    admission: Literal["open", "enrolled", "code"]
    bookable_from: datetime | None
    bookable_until: datetime | None
    series: UUID | None
    bundle: bool
    capacity: dict[Mode, int]
    free: dict[Mode, int]
    waiting: dict[Mode, int]


class BookingTold(Body):
    """A booking of one's own. ``rank``: one's place in line, from 1, while waiting;
    ``expires_at``: until when an offered seat is kept; ``online_link``: for a seat held online."""

    id: UUID
    status: Status
    mode: Mode
    rank: int | None
    expires_at: datetime | None
    created_at: datetime
    online_link: str | None
    session: MeetingTold


def _meeting(session: LearningSession, now: datetime, base_url: str) -> dict[str, object]:
    room = session.room
    return {
        "id": session.id,
        "title": session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "starts_local": session.starts_local.isoformat(timespec="minutes"),
        "ends_local": session.ends_local.isoformat(timespec="minutes"),
        "timezone": session.timezone,
        "place": room and PlaceTold(name=room.name, address=room.address, access=room.access),
        "state": state_of(session, now),
        "url": f"{base_url}/agenda/{session.id}",
    }


def _session(
    session: LearningSession,
    waiting: Mapping[tuple[UUID, SeatMode], int],
    now: datetime,
    base_url: str,
    bundle: Bundle | None = None,
) -> SessionTold:
    step = session.step
    path = step.version.path if step is not None else None
    seats = describe_seats(session, waiting, now, bundle=bundle)
    return SessionTold.model_validate(
        {
            **_meeting(session, now, base_url),
            "description": session.description,
            "bring": session.bring,
            "path": path and PathTold(slug=path.slug, title=path.title),
            "step": step and StepTold(id=step.id, code=step.code, title=step.title),
            "cancel_reason": session.cancel_reason,
            "level": session.level and session.level.value,
            "audience": session.audience and session.audience.value,
            "prerequisites": session.prerequisites,
            "admission": session.admission.value,
            "bookable_from": session.bookable_from,
            "bookable_until": session.bookable_until,
            "series": session.series_id,
            "bundle": session.is_of_bundle,
            "capacity": {one.mode.value: one.capacity for one in seats},
            "free": {one.mode.value: one.free for one in seats},
            "waiting": {one.mode.value: one.waiting for one in seats},
        }
    )


def tell_sessions(
    db: Session, sessions: Iterable[LearningSession], now: datetime, base_url: str
) -> list[SessionTold]:
    """Those sessions, to whoever may read the agenda; one query for all their lines, one for their
    bundles."""
    sessions = list(sessions)
    waiting = count_waiting(db, [session.id for session in sessions])
    bundles = bundles_of(db, sessions)
    return [
        _session(
            session,
            waiting,
            now,
            base_url,
            bundles.get(session.series_id) if session.series_id else None,
        )
        for session in sessions
    ]


def tell_bookings(
    db: Session, bookings: Sequence[Booking], now: datetime, base_url: str
) -> list[BookingTold]:
    """Those bookings, to the person whose they are; one query for all their ranks."""
    ranks = list_ranks(db, [b.id for b in bookings if b.status is BookingStatus.WAITING])
    return [
        BookingTold(
            id=booking.id,
            status=booking.status.value,
            mode=booking.mode.value,
            rank=ranks.get(booking.id),
            expires_at=(booking.offered_until if booking.status is BookingStatus.OFFERED else None),
            created_at=booking.created_at,
            online_link=_link(booking),
            session=MeetingTold.model_validate(_meeting(booking.session, now, base_url)),
        )
        for booking in bookings
    ]


def _link(booking: Booking) -> str | None:
    session = booking.session
    is_seated_online = booking.status is BookingStatus.CONFIRMED and booking.mode is SeatMode.ONLINE
    if is_seated_online and session.cancelled_at is None:
        return session.online_link or None
    return None
