"""A series on the pages of its sessions: the other dates, booking and giving back all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.queries import list_of_series
from tierslieu.bookings.admission import note_wrong_code
from tierslieu.bookings.desk import blueprint
from tierslieu.bookings.forms import BookingForm
from tierslieu.bookings.series.rules import Booked, claim_series, count_seats, release_series
from tierslieu.bookings.showing import make_lines
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.formats import day


def series_of(found: LearningSession, person_id: UUID | None, now: datetime) -> dict[str, Any]:
    """What the page of a session says of its series: the lines of its dates, this one's number,
    how many are still to be booked and how many the reader has."""
    if found.series_id is None:
        return {"dates": [], "number": 0, "bookable": 0, "own_dates": 0}
    sessions = list_of_series(db.session(), found.series_id)
    lines = make_lines(db.session(), sessions, person_id, now)
    to_come = [line for line in lines if line.state == "to_come"]
    return {
        "dates": lines,
        "number": next(n for n, line in enumerate(lines, 1) if line.session.id == found.id),
        "bookable": 0
        if found.is_of_bundle  # one button books them all
        else sum(line.booking is None and not line.window for line in to_come),
        "own_dates": 0 if found.is_of_bundle else sum(line.booking is not None for line in to_come),
    }


def book_all(found: LearningSession, form: BookingForm) -> Response | None:
    """Take a seat, or a place in line, at every date to come; None when nothing could be had: the
    form says why."""
    session, session_id, series_id = db.session(), found.id, found.series_id
    if series_id is None:
        raise NotYours
    try:
        booked = claim_series(
            session,
            series_id,
            current_person().id,
            form.mode.data,
            now=clock.now(),
            code=form.code.data or "",
        )
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        code, person_id = form.code.data or "", current_person().id
        if note_wrong_code(session, refused, session_id, person_id, code, clock.now()):
            session.commit()
        form.refuse(refused)
        return None
    _say(booked)
    session.commit()
    return redirect(url_for("bookings.show_session", session_id=session_id))


def _say(booked: Booked) -> None:
    seats = count_seats(booked.made)
    waiting = len(booked.made) - seats
    if seats:
        words = ngettext(
            "Votre place est confirmée à %(num)s date. Un mail vient de partir.",
            "Votre place est confirmée à %(num)s dates. Un mail vient de partir.",
            seats,
        )
        flash(words, "success")
    if waiting:
        words = ngettext(
            "%(num)s date est complète : vous êtes sur sa liste d’attente.",
            "%(num)s dates sont complètes : vous êtes sur leurs listes d’attente.",
            waiting,
        )
        flash(words, "info")
    for one in booked.left:
        when = day(one.session.starts_local)
        flash(_("Le %(day)s : %(why)s", day=when, why=one.why), "error")


@blueprint.post("/agenda/series/<uuid:series_id>/liberer")
@signed_in
def give_back_series(series_id: UUID) -> Response:
    """Give back every date to come."""
    count = release_series(db.session(), series_id, current_person().id, now=clock.now())
    if not count:
        raise NotYours
    db.session.commit()
    words = ngettext(
        "Votre réservation est libérée.", "Vos %(num)s réservations sont libérées.", count
    )
    flash(words, "success")
    return redirect(url_for("bookings.own"))
