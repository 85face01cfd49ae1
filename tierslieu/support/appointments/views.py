"""Free slots: taking one, moving, cancelling; one's own appointments; one tap from a mail."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.support.appointments import rules, words
from tierslieu.support.appointments.calendars import make_file
from tierslieu.support.appointments.forms import BookForm, values_of
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    AppointmentState,
)
from tierslieu.support.appointments.queries import (
    Wanted,
    count_ahead,
    count_behind,
    count_free,
    find_by_tap,
    find_own,
    find_slot,
    list_behind,
    list_free,
    list_receivers,
    list_to_come,
)
from tierslieu.support.desk import blueprint, settings
from tierslieu.support.notes.queries import count_notes, list_notes
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.headers import answer_secretly
from tierslieu.web.paging import Page, asked_page

Answer = str | BaseResponse | tuple[str, int]
PER_PAGE = 30
NOTES_SHOWN = 20


def _wanted() -> Wanted:
    """The filter in the address; anything strange is no filter."""
    modes = {mode.value: mode for mode in AppointmentMode}
    try:
        facilitator_id = UUID(request.args.get("avec", ""))
    except ValueError:
        facilitator_id = None
    return Wanted(modes.get(request.args.get("facon", "")), facilitator_id)


def _own(appointment_id: UUID) -> Appointment:
    found = find_own(db.session(), appointment_id, current_person().id)
    if found is None:
        raise NotYours
    return found


def _slot(slot_id: UUID) -> AppointmentSlot:
    found = find_slot(db.session(), slot_id)
    if found is None or found.closed_at is not None:
        raise NotYours
    return found


def _show_free(moving: Appointment | None = None) -> str:
    session, person, now = db.session(), current_person(), clock.now()
    wanted, number = _wanted(), asked_page()
    offset = (number - 1) * PER_PAGE
    found = list_free(session, wanted, person.id, now, offset=offset, limit=PER_PAGE)
    days = groupby(found, key=lambda slot: slot.starts_local.date())
    return render_template(
        "support/free.html",
        page=Page(found, number, count_free(session, wanted, person.id, now), PER_PAGE),
        days=[(day, list(slots)) for day, slots in days],
        wanted=wanted,
        receivers=list_receivers(session, person.id, now),
        moving=moving,
        ahead=count_ahead(session, person.id, now),
        most=settings().appointments_each,
        of_team=person.holds(FACILITATOR),
        words=words,
    )


@blueprint.get("/rendez-vous")
@signed_in
def free() -> str:
    """The free slots, day by day."""
    return _show_free()


@blueprint.route("/rendez-vous/creneaux/<uuid:slot_id>", methods=["GET", "POST"])
@signed_in
def book(slot_id: UUID) -> Answer:
    """Take this slot."""
    form = BookForm(_slot(slot_id))
    if form.validate_on_submit():
        try:
            rules.book(
                db.session(),
                slot_id,
                current_person().id,
                form.asked(),
                most=settings().appointments_each,
                now=clock.now(),
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Votre rendez-vous est pris. Un mail vient de partir."), "success")
            return redirect(url_for(".own"))
    page = render_template(
        "support/book.html", slot=_slot(slot_id), form=form, moving=None, words=words
    )
    return (page, 422) if form.errors else page


@blueprint.get("/mes-rendez-vous")
@signed_in
def own() -> str:
    """One's own appointments, and the notes one is shown."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    number = asked_page()
    behind = list_behind(session, person_id, now, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    return render_template(
        "support/own.html",
        to_come=list_to_come(session, person_id, now),
        behind=Page(behind, number, count_behind(session, person_id, now), PER_PAGE),
        notes=list_notes(session, person_id, person_id, limit=NOTES_SHOWN),
        notes_count=count_notes(session, person_id, person_id),
        of_team=current_person().holds(FACILITATOR),
        now=now,
        words=words,
    )


@blueprint.get("/mes-rendez-vous/notes")
@signed_in
def own_notes() -> str:
    """Every note one is shown."""
    session, person_id, number = db.session(), current_person().id, asked_page()
    found = list_notes(
        session, person_id, person_id, offset=(number - 1) * PER_PAGE, limit=PER_PAGE
    )
    return render_template(
        "support/own_notes.html",
        page=Page(found, number, count_notes(session, person_id, person_id), PER_PAGE),
    )


@blueprint.get("/rendez-vous/<uuid:appointment_id>/deplacer")
@signed_in
def move_where(appointment_id: UUID) -> str:
    """The free slots to which one can move it."""
    return _show_free(_own(appointment_id))


@blueprint.route(
    "/rendez-vous/<uuid:appointment_id>/deplacer/<uuid:slot_id>", methods=["GET", "POST"]
)
@signed_in
def move(appointment_id: UUID, slot_id: UUID) -> Answer:
    """Move it to this slot, or change how one meets if it is its own."""
    appointment, slot = _own(appointment_id), _slot(slot_id)
    form = BookForm(slot, data=values_of(appointment, slot))
    if form.validate_on_submit():
        try:
            rules.move(
                db.session(),
                appointment_id,
                current_person().id,
                slot_id,
                form.asked(),
                now=clock.now(),
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("Votre rendez-vous est changé."), "success")
            return redirect(url_for(".own"))
    page = render_template(
        "support/book.html",
        slot=_slot(slot_id),
        form=form,
        moving=_own(appointment_id),
        words=words,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/rendez-vous/<uuid:appointment_id>/annuler")
@signed_in
def cancel(appointment_id: UUID) -> BaseResponse:
    """Give it back."""
    rules.cancel(db.session(), appointment_id, current_person().id, now=clock.now())
    db.session.commit()
    flash(_("Votre rendez-vous est annulé. Le créneau servira à quelqu’un d’autre."), "success")
    return redirect(url_for(".own"))


@blueprint.get("/rendez-vous/<uuid:appointment_id>.ics")
@signed_in
def calendar(appointment_id: UUID) -> Response:
    """One's appointment for one's calendar program."""
    content = make_file(_own(appointment_id), settings().base_url, clock.now())
    return Response(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="rendez-vous.ics"',
            "Cache-Control": "private, no-store",
        },
    )


def _tapped(secret: str) -> Appointment:
    found = find_by_tap(db.session(), secret)
    if found is None:
        raise NotYours
    return found


@blueprint.get("/rendez-vous/geste/<string(maxlength=64):secret>")
@public
def tap(secret: str) -> Response:
    """From a mail, without signing in: when it is, and the button that cancels it. It names nobody,
    and says nothing of why one comes; a press of the button does it, for programs that look at
    links press none."""
    appointment, now = _tapped(secret), clock.now()
    is_ahead = appointment.slot.starts_at > now
    return answer_secretly(
        render_template(
            "support/tap.html",
            slot=appointment.slot,
            mode=words.mode_words()[appointment.mode],
            is_cancelled=appointment.state is AppointmentState.CANCELLED,
            is_ahead=is_ahead and appointment.state is AppointmentState.BOOKED,
            secret=secret,
        )
    )


@blueprint.post("/rendez-vous/geste/<string(maxlength=64):secret>")
@public
def do_tap(secret: str) -> BaseResponse:
    """Cancel it, and say so on the same page."""
    appointment = _tapped(secret)
    try:
        rules.cancel(db.session(), appointment.id, appointment.user_id, now=clock.now())
    except NotYours:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.message, "error")
    else:
        db.session.commit()
        flash(_("Votre rendez-vous est annulé. Merci de l’avoir dit."), "success")
    return redirect(url_for(".tap", secret=secret))
