"""What one does with a booking one has: take an offered seat, give one back, leave the line.

From one's pages, signed in; or by one tap from a mail, without signing in. There the link carries
the booking's own secret, which opens nothing else, and the page shows the session, not the
person. A press of the button does it: programs that look at links press none.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.desk import blueprint, is_facilitator
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import (
    find_booking_for,
    find_booking_of,
    find_by_tap,
    rank_of,
)
from tierslieu.bookings.rules import accept, release, switch_mode
from tierslieu.bookings.showing import mode_label, state_of
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.formats import ordinal
from tierslieu.web.headers import answer_secretly


@blueprint.post("/reservations/<uuid:booking_id>/liberer")
@signed_in
def give_back(booking_id: UUID) -> Response:
    """Release one's seat, or somebody's for a facilitator; leave the line."""
    person, session = current_person(), db.session()
    found = (
        find_booking_of(session, booking_id)
        if person.holds(FACILITATOR)
        else find_booking_for(session, booking_id, person.id)
    )
    if found is None:
        raise NotYours
    was = found.status
    session_id, is_own, name = found.session_id, found.user_id == person.id, found.user.name
    is_bundle = found.session.is_of_bundle
    promoted = release(session, booking_id, now=clock.now(), actor_id=person.id)
    next_name = promoted.user.name if promoted else ""
    session.commit()
    if is_own:
        message = _said_released(was, is_bundle=is_bundle)
    elif is_bundle:
        message = _("Les réservations de %(name)s à venir sont libérées.", name=name)
    else:
        message = _("La réservation de %(name)s est libérée.", name=name)
    if next_name and is_facilitator():
        message += " " + _("La place va à %(name)s.", name=next_name)
    flash(message, "success")
    if request.form.get("retour") == "reservations":
        return redirect(url_for("bookings.own"))
    return redirect(url_for("bookings.show_session", session_id=session_id))


@blueprint.post("/reservations/<uuid:booking_id>/prendre")
@signed_in
def take(booking_id: UUID) -> Response:
    """Confirm the seat one is offered."""
    person, session = current_person(), db.session()
    found = find_booking_for(session, booking_id, person.id)
    if found is None:
        raise NotYours
    session_id = found.session_id
    accept(session, booking_id, now=clock.now())
    session.commit()
    flash(_("Votre place est confirmée. Un mail vient de partir."), "success")
    return redirect(url_for("bookings.show_session", session_id=session_id))


@blueprint.post("/reservations/<uuid:booking_id>/facon")
@signed_in
def switch(booking_id: UUID) -> Response:
    """Come on site instead of online, or the other way round."""
    person, session = current_person(), db.session()
    found = find_booking_for(session, booking_id, person.id)
    if found is None:
        raise NotYours
    session_id = found.session_id
    try:  # where to, not «the other»: a second tap changes nothing back
        mode = SeatMode(request.form.get("vers", ""))
    except ValueError:
        raise NotYours from None
    booking = switch_mode(session, booking_id, mode, now=clock.now(), actor_id=person.id)
    said = (
        _("Vous avez la %(rank)s place de l’autre liste.", rank=ordinal(rank_of(session, booking)))
        if booking.status is BookingStatus.WAITING
        else _("C’est changé : vous participez %(mode)s.", mode=mode_label(mode))
    )
    session.commit()
    flash(said, "success")
    return redirect(url_for("bookings.show_session", session_id=session_id))


def _said_released(was: BookingStatus, *, is_bundle: bool) -> str:
    if is_bundle and was is BookingStatus.CONFIRMED:
        return str(_("Vos places à toutes les dates sont libérées. Merci : elles serviront."))
    return {
        BookingStatus.CONFIRMED: str(
            _("Votre place est libérée. Merci : elle servira à quelqu’un.")
        ),
        BookingStatus.OFFERED: str(_("C’est noté. La place va à la personne suivante.")),
    }.get(was, str(_("Vous n’êtes plus sur la liste d’attente.")))


def _find(secret: str) -> Booking:
    booking = find_by_tap(db.session(), secret)
    if booking is None:
        raise NotYours
    return booking


@blueprint.get("/reservations/geste/<string(maxlength=64):secret>")
@public
def tap(secret: str) -> Response:
    """Where this booking stands, and what one can do with it."""
    booking = _find(secret)
    return answer_secretly(
        render_template(
            "bookings/tap.html",
            booking=booking,
            session=booking.session,
            state=state_of(booking.session, clock.now()),
            rank=rank_of(db.session(), booking),
            mode_label=mode_label,
            secret=secret,
        )
    )


@blueprint.post("/reservations/geste/<string(maxlength=64):secret>")
@public
def do_tap(secret: str) -> Response:
    """Do it, and say so on the same page."""
    booking = _find(secret)
    was, now, session = booking.status, clock.now(), db.session()
    is_bundle = booking.session.is_of_bundle
    try:
        if request.form.get("geste") == "prendre":
            accept(session, booking.id, now=now)
            said = _("Votre place est confirmée. Un mail vient de partir.")
        elif request.form.get("geste") != "laisser":
            raise NotYours
        else:
            release(session, booking.id, now=now, actor_id=booking.user_id)
            said = _said_released(was, is_bundle=is_bundle)
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
    else:
        session.commit()
        flash(said, "success")
    return redirect(url_for("bookings.tap", secret=secret))
