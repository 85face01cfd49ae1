"""The *convocation*: what one hands to one’s head of school before a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.desk import blueprint, is_facilitator
from tierslieu.bookings.models import Booking
from tierslieu.bookings.queries import find_seat_for, list_seats_of_series
from tierslieu.bookings.showing import mode_label
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person, signed_in
from tierslieu.web.formats import day, hours, long_day, span
from tierslieu.web.papers import draw_paper, send_paper


@dataclass(frozen=True)
class Moment:
    """One date: when, where, for how long."""

    day: str
    hours: str
    place: str
    lasts: str


@dataclass(frozen=True)
class Convocation:
    """What the page and the paper say: who is expected, where and when."""

    name: str
    title: str
    about: str  # the path and step, if it is one's
    led_by: str
    way: str
    moments: Sequence[Moment]
    total: str
    access: str
    bring: str
    made_on: str


def compose(bookings: Sequence[Booking], now: datetime) -> Convocation:
    """The facts of one seat, or of several of one series, in order of time."""
    first = bookings[0].session
    step = first.step
    lengths = [(b.session.ends_at - b.session.starts_at).total_seconds() / 3600 for b in bookings]
    is_online = bookings[0].mode is SeatMode.ONLINE
    return Convocation(
        bookings[0].user.name,
        first.title,
        f"{step.version.path.title} : {step.title}" if step is not None else "",
        ", ".join(
            dict.fromkeys(person.name for b in bookings for person in b.session.facilitators)
        ),
        ", ".join(dict.fromkeys(mode_label(b.mode) for b in bookings)),
        [
            Moment(
                day(b.session.starts_local, year=True),
                span(b.session.starts_local, b.session.ends_local),
                describe_place(b.session, b.mode),
                hours(length),
            )
            for b, length in zip(bookings, lengths, strict=True)
        ],
        hours(sum(lengths)),
        first.room.access if first.room is not None and not is_online else "",
        first.bring,
        long_day(clock.to_local(now).date()),
    )


def _asked(booking_id: UUID) -> Sequence[Booking]:
    """The seat of this booking, or every seat to come that its person has in the series: if it is
    asked for (``?serie=``) or the series is followed as a whole. Its owner's and the team's
    alone; who waits has nothing to show."""
    session, now = db.session(), clock.now()
    person_id = None if is_facilitator() else current_person().id
    found = find_seat_for(session, booking_id, person_id, now)
    if found is None:
        raise NotYours
    whole = "serie" in request.args or found.session.is_of_bundle
    if whole and found.session.series_id is not None:
        return list_seats_of_series(session, found.session.series_id, found.user_id, now)
    return [found]


@blueprint.get("/reservations/<uuid:booking_id>/convocation")
@signed_in
def convocation(booking_id: UUID) -> str:
    """The page, for reading and for the link to the paper."""
    bookings = _asked(booking_id)
    others = _count_others(db.session(), bookings[0], clock.now())
    return render_template(
        "bookings/convocation.html",
        paper=compose(bookings, clock.now()),
        booking=bookings[0],
        session=bookings[0].session,
        is_series=len(bookings) > 1,
        others=others,
        pdf=url_for(
            "bookings.convocation_pdf", booking_id=booking_id, serie=request.args.get("serie")
        ),
    )


@blueprint.get("/reservations/<uuid:booking_id>/convocation.pdf")
@signed_in
def convocation_pdf(booking_id: UUID) -> Response:
    """The paper: one A4, PDF/UA."""
    bookings = _asked(booking_id)
    paper, first = compose(bookings, clock.now()), bookings[0].session.starts_local.date()
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    return send_paper(_draw(paper), _filename(first))


def _draw(paper: Convocation) -> bytes:
    place = the_place()
    return draw_paper(
        "pdf/bookings_convocation.html",
        place_name=place.name_here,
        contact=place.contact,
        paper=paper,
    )


def _filename(first: date) -> str:
    return f"convocation-{first:%Y-%m-%d}.pdf"


def _count_others(session: Session, booking: Booking, now: datetime) -> int:
    """How many more dates of the series the person has a seat at."""
    series_id = booking.session.series_id
    if series_id is None:
        return 0
    return len(list_seats_of_series(session, series_id, booking.user_id, now)) - 1
