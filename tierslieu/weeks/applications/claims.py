"""Acceptance takes everything at once: a place of the week, a seat at each half-day, a bed for each
night, each meal; or says all that blocks it, and takes nothing.

Seats are taken and given back by the one `claim` and the one `release` of bookings, session by
session in the order of their identifiers, so that nobody waits in a circle.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import find_active
from tierslieu.bookings.rules import accept, claim, release
from tierslieu.clock import to_local
from tierslieu.errors import NotYours, Refused
from tierslieu.web.formats import day
from tierslieu.weeks.applications.models import ApplicationSeat, WeekApplication
from tierslieu.weeks.applications.places import free_places
from tierslieu.weeks.applications.queries import count_accepted, list_seats
from tierslieu.weeks.models import Week
from tierslieu.weeks.stays.beds import free_stay, take_stay
from tierslieu.weeks.words import audience_names


def claim_week(db: Session, application: WeekApplication, *, now: datetime, actor_id: UUID) -> None:
    """Take all that an accepted person holds. Raises :class:`Refused` with ``blocked`` and, in
    ``more``, every reason in a sentence; then nothing is taken. The week must be locked."""
    week = application.week
    everything = db.begin_nested()
    blocks = _take_place(db, week, application, now)
    for session in sorted(week.standing, key=lambda one: one.id):
        why = _take_seat(db, application, session, now, actor_id)
        if why:
            blocks.append(f"{session.title}, {day(session.starts_local)} : {why}")
    blocks += take_stay(db, application, now)
    if blocks:
        everything.rollback()
        raise blocked(blocks)
    everything.commit()


def blocked(blocks: list[str]) -> Refused:
    """The refusal that says all that is in the way."""
    return Refused(
        _("Rien n’a été pris. Ce qui bloque : %(blocks)s.", blocks=" ; ".join(blocks)),
        code="blocked",
        more={"blocked": blocks},
    )


def take_session(
    db: Session, application: WeekApplication, session: LearningSession, now: datetime, by: UUID
) -> None:
    """A seat at a half-day that was added to the week, for who is accepted already: they hear of it
    as of any booking. Raises :class:`Refused` with ``blocked``."""
    if why := _take_seat(db, application, session, now, by, is_told=True):
        raise blocked([f"{application.user.name} : {why}"])


def release_week(
    db: Session, application: WeekApplication, *, now: datetime, actor_id: UUID
) -> list[Booking]:
    """Give back the place, and the seats, beds and meals that are still to come; returns the
    bookings given back, for the mail to say so. The week must be locked."""
    given_back = []
    for seat in list_seats(db, application.id):
        booking = seat.booking
        if give_back_seat(db, seat, now=now, actor_id=actor_id):
            given_back.append(booking)
    free_stay(db, application, to_local(now).date())
    application.week.accepted -= 1
    db.flush()
    return given_back


def give_back_seat(
    db: Session, seat: ApplicationSeat, *, now: datetime, actor_id: UUID, is_told: bool = False
) -> bool:
    """Release the seat of a half-day to come; one they had booked by themselves stays theirs.
    ``is_told``: the mail of bookings leaves, where no other says it. Returns whether it was."""
    session, status = seat.booking.session, seat.booking.status
    is_to_come = session.starts_at > now and session.cancelled_at is None
    is_given = is_to_come and seat.is_ours and status is not BookingStatus.CANCELLED
    if is_given:
        release(db, seat.booking_id, now=now, actor_id=actor_id, is_told=is_told)
    if is_to_come:
        db.delete(seat)
        db.flush()
    return is_given


def has_begun(week: Week, now: datetime) -> bool:
    """Whether the stay or the programme began: nobody joins it any more."""
    return to_local(now).date() >= min(week.first_day, week.nights_from or date.max)


def _take_place(db: Session, week: Week, application: WeekApplication, now: datetime) -> list[str]:
    if week.accepted >= week.places:
        full = ngettext(
            "la seule place de la semaine est prise",
            "les %(num)s places de la semaine sont prises",
            week.places,
        )
        return [str(full)]
    blocks = []
    if not free_places(db, week, application.audience, now):
        accepted, names = count_accepted(db, week.id), audience_names()
        kept = ", ".join(
            names[quota.audience]
            for quota in week.quotas
            if quota.audience is not application.audience
            and accepted.get(quota.audience, 0) < quota.places
        )
        assert week.quotas_until is not None
        blocks.append(
            str(
                _(
                    "les places qui restent sont gardées jusqu’au %(until)s (%(publics)s)",
                    until=day(week.quotas_until),
                    publics=kept,
                )
            )
        )
    week.accepted += 1
    db.flush()
    return blocks


def _take_seat(
    db: Session,
    application: WeekApplication,
    session: LearningSession,
    now: datetime,
    actor_id: UUID,
    *,
    is_told: bool = False,
) -> str:
    """Why there is no seat for them at this half-day; empty when they have one."""
    step = db.begin_nested()
    try:
        booking, is_ours = _seat(db, application, session, now, actor_id, is_told=is_told)
    except NotYours:
        raise
    except Refused as refused:
        step.rollback()
        return refused.message.rstrip(".")
    if booking.status is not BookingStatus.CONFIRMED:
        step.rollback()
        return str(_("complet"))
    db.add(ApplicationSeat(application_id=application.id, booking_id=booking.id, is_ours=is_ours))
    step.commit()
    return ""


def _seat(
    db: Session,
    application: WeekApplication,
    session: LearningSession,
    now: datetime,
    actor_id: UUID,
    *,
    is_told: bool,
) -> tuple[Booking, bool]:
    held = find_active(db, session.id, application.user_id)
    if held is not None and held.status is BookingStatus.OFFERED:
        return accept(db, held.id, now=now), True  # it is taken by this acceptance
    if held is not None:
        return held, False
    onsite = session.pool(SeatMode.ONSITE)
    mode = SeatMode.ONSITE if onsite is not None and onsite.capacity else SeatMode.ONLINE
    made = claim(
        db, session.id, application.user_id, mode, now=now, actor_id=actor_id, is_told=is_told
    )
    return made, True
