"""The agenda, and taking a seat, for programs: by the same rules as the pages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import Response
from flask_babel import gettext as _
from pydantic import Field, WithJsonSchema

from courses.paths.queries import list_paths
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.queries import Filter, find_session, list_sessions_beyond
from tierslieu.bookings.admission import note_wrong_code
from tierslieu.bookings.answers import api as _answers  # noqa: F401 - on the same blueprint
from tierslieu.bookings.answers.api import SCOPE
from tierslieu.bookings.desk import api_blueprint as blueprint
from tierslieu.bookings.desk import base_url
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import find_active
from tierslieu.bookings.rules import claim
from tierslieu.bookings.showing import describe_seats
from tierslieu.bookings.telling import (
    BookingTold,
    Mode,
    SessionTold,
    tell_bookings,
    tell_sessions,
)
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.api import Body, address, answer, caller, listed, read_body, read_query, token
from tierslieu.web.openapi import described
from tierslieu.web.periods import PeriodQuery, unsaid, write_cursor

READ = "sessions:read"


class AgendaQuery(PeriodQuery):
    """What of the agenda: a period, a mode, a path by its slug."""

    mode: Annotated[
        Mode | None, WithJsonSchema({"type": "string", "enum": [mode.value for mode in SeatMode]})
    ] = Field(default_factory=unsaid)
    path: str = Field("", max_length=200)


class BookingRequest(Body):
    """How one comes; may be left out where a session is held in one way. ``code``: of the
    invitation, for a session that asks for one."""

    mode: Mode | None = None
    code: str = Field(default="", max_length=80)


def _find(session_id: UUID) -> LearningSession:
    found = find_session(db.session(), session_id)
    if found is None:
        raise NotYours(_("Il n’y a pas de séance de cet identifiant."))
    return found


def _path_id(slug: str) -> UUID | None:
    if not slug:
        return None
    for path in list_paths(db.session()):
        if path.slug == slug:
            return path.id
    raise Refused(
        _("Il n’y a pas de parcours de ce nom : voyez les adresses de « /parcours »."),
        code="path_unknown",
        status=400,
    )


@blueprint.get("/sessions")
@token(READ)
@described(
    query=AgendaQuery,
    answer=SessionTold,
    many=True,
    refusals={400: "cursor_unknown, period_empty, path_unknown"},
)
def sessions() -> Response:
    """List the sessions of a period, in the order of time.

    Those that have not ended, unless «from» says otherwise; a session is of the period when any
    part of it is. A date is its midnight in Paris. Cancelled sessions are told, and say so.
    """
    asked, session = read_query(AgendaQuery), db.session()
    asked.check()
    wanted = Filter(
        since=asked.since,
        until=asked.until,
        mode=SeatMode(asked.mode) if asked.mode else None,
        path_id=_path_id(asked.path),
    )
    found = list_sessions_beyond(session, wanted, asked.key, asked.limit + 1)
    shown = found[: asked.limit]
    following = None
    if len(found) > len(shown):
        following = write_cursor((shown[-1].starts_at, shown[-1].id))
    return listed(tell_sessions(session, shown, clock.now(), base_url()), following)


@blueprint.get("/sessions/<uuid:session_id>")
@token(READ)
@described(answer=SessionTold, refusals={404: "not_found"})
def show_session(session_id: UUID) -> Response:
    """Say when and where a session is, and what is left of its seats."""
    found = _find(session_id)
    return answer(tell_sessions(db.session(), [found], clock.now(), base_url())[0])


@blueprint.post("/sessions/<uuid:session_id>/bookings")
@token(SCOPE)
@described(
    body=BookingRequest,
    answer=BookingTold,
    status=201,
    refusals={
        404: "not_found",
        409: "already_booked, closed, not_eligible, limited, mode_not_offered, mode_missing",
        429: "too_often",
    },
)
def book(session_id: UUID) -> Response:
    """Take a seat for the owner of the key, or a place in line when all are taken.

    One holds one booking a session: «already_booked» comes with its «booking_id», so that a call
    whose answer was lost can be made again.
    """
    asked = read_body(BookingRequest)
    mode = SeatMode(asked.mode) if asked.mode else _only_mode(_find(session_id))
    person_id, session = caller().person_id, db.session()
    booking = _claim(session_id, person_id, mode, asked.code)
    # Told before the commit: as it was taken, whatever others do meanwhile.
    told = tell_bookings(session, [booking], clock.now(), base_url())[0]
    session.commit()
    response = answer(told, 201)
    response.headers["Location"] = address("bookings_api.show", booking_id=told.id)
    return response


def _claim(session_id: UUID, person_id: UUID, mode: SeatMode, code: str) -> Booking:
    session = db.session()
    try:
        return claim(session, session_id, person_id, mode, now=clock.now(), code=code)
    except Refused as refused:
        if refused.code == "already_booked":
            session.rollback()
            held = find_active(session, session_id, person_id)
            if held is not None:
                refused.more["booking_id"] = str(held.id)
        elif refused.field == "code":
            session.rollback()
            if note_wrong_code(session, refused, session_id, person_id, code, clock.now()):
                session.commit()
        raise


def _only_mode(session: LearningSession) -> SeatMode:
    held = [seats.mode for seats in describe_seats(session, {}, clock.now())]
    if len(held) > 1:
        raise Refused(
            _("Cette séance se tient de deux façons : dites laquelle (« mode »)."),
            code="mode_missing",
        )
    return held[0] if held else SeatMode.ONSITE
