"""One's own bookings, for programs: read them, give one back, take an offered seat, switch.

The owner of the key is whose bookings these are: anybody else's is not found, for the team too.
Nor is one that its owner gave back; one that ended otherwise says how.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.desk import api_blueprint as blueprint
from tierslieu.bookings.desk import base_url
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import find_kept_booking, list_own_beyond
from tierslieu.bookings.rules import accept, release, switch_mode
from tierslieu.bookings.telling import BookingTold, Mode, tell_bookings
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.web.api import Body, answer, caller, listed, read_body, read_query, token
from tierslieu.web.openapi import described
from tierslieu.web.periods import PeriodQuery, write_cursor

SCOPE = "bookings:write"


class ModeRequest(Body):
    """How one wants to come."""

    mode: Mode


def _find(booking_id: UUID) -> Booking:
    found = find_kept_booking(db.session(), booking_id, caller().person_id)
    if found is None:
        raise NotYours(_("Vous n’avez pas de réservation de cet identifiant."))
    return found


def _answer(booking: Booking) -> Response:
    """The booking as it stands now, told before the commit that makes it so for all."""
    told = tell_bookings(db.session(), [booking], clock.now(), base_url())[0]
    db.session.commit()
    return answer(told)


@blueprint.get("/bookings")
@token(SCOPE)
@described(
    query=PeriodQuery,
    answer=BookingTold,
    many=True,
    refusals={400: "cursor_unknown, period_empty"},
)
def own() -> Response:
    """List what one holds: seats, offers, places in line, in the order of the sessions.

    Of sessions that have not ended, unless «from» says otherwise. What was given back is not
    listed.
    """
    asked, session = read_query(PeriodQuery), db.session()
    asked.check()
    found = list_own_beyond(
        session, caller().person_id, asked.since, asked.until, asked.key, asked.limit + 1
    )
    shown = found[: asked.limit]
    following = None
    if len(found) > len(shown):
        following = write_cursor((shown[-1].session.starts_at, shown[-1].id))
    return listed(tell_bookings(session, shown, clock.now(), base_url()), following)


@blueprint.get("/bookings/<uuid:booking_id>")
@token(SCOPE)
@described(answer=BookingTold, refusals={404: "not_found"})
def show(booking_id: UUID) -> Response:
    """Say where one's booking stands; one that was given back is not found."""
    return _answer(_find(booking_id))


@blueprint.delete("/bookings/<uuid:booking_id>")
@token(SCOPE)
@described(answer=BookingTold, refusals={404: "not_found", 409: "already_released, closed"})
def give_back(booking_id: UUID) -> Response:
    """Give back one's seat, decline an offer, or leave the line; a seat goes to the next."""
    booking = _find(booking_id)
    release(db.session(), booking.id, now=clock.now(), actor_id=caller().person_id)
    return _answer(booking)


@blueprint.post("/bookings/<uuid:booking_id>/acceptance")
@token(SCOPE)
@described(answer=BookingTold, refusals={404: "not_found", 409: "not_offered, offer_over, closed"})
def take(booking_id: UUID) -> Response:
    """Confirm the seat one is offered. Nothing is to be said with it."""
    return _answer(accept(db.session(), _find(booking_id).id, now=clock.now()))


@blueprint.post("/bookings/<uuid:booking_id>/mode")
@token(SCOPE)
@described(
    body=ModeRequest,
    answer=BookingTold,
    refusals={
        404: "not_found",
        409: "full, already_booked, already_released, mode_not_offered, closed",
    },
)
def switch(booking_id: UUID) -> Response:
    """Come online instead of on site, or the other way round.

    Who holds a seat keeps it unless one of the other mode is free; who waits takes a free one, or
    goes to the end of the other line.
    """
    mode = SeatMode(read_body(ModeRequest).mode)
    booking, person_id = _find(booking_id), caller().person_id
    return _answer(switch_mode(db.session(), booking.id, mode, now=clock.now(), actor_id=person_id))
