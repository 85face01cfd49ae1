"""A facilitator's appointments: to come, to answer, free slots; opening, closing, how it went."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.warnings import say_times_closed
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.support.appointments import words
from tierslieu.support.appointments.models import Appointment, AppointmentState
from tierslieu.support.appointments.queries import find_led_session, find_standing
from tierslieu.support.desk import blueprint
from tierslieu.support.notes import rules as notes
from tierslieu.support.notes import words as note_words
from tierslieu.support.notes.forms import NoteForm
from tierslieu.support.notes.queries import list_notes_at
from tierslieu.support.slots import rules
from tierslieu.support.slots.forms import CloseForm, OpenForm
from tierslieu.support.slots.queries import (
    Shown,
    count_own,
    find_own_slot,
    find_received,
    list_own,
)
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import Page, asked_page

Answer = str | BaseResponse | tuple[str, int]
PER_PAGE = 25


@blueprint.get("/mes-creneaux")
@roles(FACILITATOR)
def slots() -> str:
    """One's appointments, one view at a time."""
    session, person_id, now, number = db.session(), current_person().id, clock.now(), asked_page()
    views = {shown.value: shown for shown in Shown}
    shown = views.get(request.args.get("voir", ""), Shown.TO_COME)
    counts = {each: count_own(session, person_id, each, now) for each in Shown}
    rows = list_own(session, person_id, shown, now, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    return render_template(
        "support/slots.html",
        page=Page(rows, number, counts[shown], PER_PAGE),
        shown=shown,
        counts=counts,
        words=words,
        now=now,
    )


@blueprint.route("/mes-creneaux/ouvrir", methods=["GET", "POST"])
@roles(FACILITATOR)
def open_slots() -> Answer:
    """Open slots on a day, or every week."""
    form = OpenForm(db.session())
    if form.validate_on_submit():
        try:
            made = rules.open_slots(
                db.session(), current_person().id, form.opening(), now=clock.now()
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(
                ngettext(
                    "%(num)s créneau est ouvert.", "%(num)s créneaux sont ouverts.", len(made)
                ),
                "success",
            )
            # Who receives online or by telephone needs no open door.
            times = [(one.starts_local, one.ends_local) for one in made if one.on_site]
            for closed in say_times_closed(db.session(), times):
                advice = _("Si vous n’y serez pas, fermez ces créneaux.")
                flash(f"{closed} {advice}", "info")
            return redirect(url_for(".slots", voir=Shown.FREE.value))
    page = render_template("support/open.html", form=form)
    return (page, 422) if form.errors else page


@blueprint.route("/mes-creneaux/<uuid:slot_id>/fermer", methods=["GET", "POST"])
@roles(FACILITATOR)
def close_slot(slot_id: UUID) -> Answer:
    """Take a slot back; with a word, if somebody had booked it."""
    session, form, person_id = db.session(), CloseForm(), current_person().id
    if form.validate_on_submit():
        try:
            told = rules.close_slot(
                session, slot_id, person_id, form.word.data or "", now=clock.now()
            )
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            name = told.user.name if told is not None else ""
            session.commit()
            flash(
                _("Le créneau est fermé, et un mail le dit à %(name)s.", name=name)
                if name
                else _("Le créneau est fermé."),
                "success",
            )
            return redirect(url_for(".slots"))
    slot = find_own_slot(session, slot_id, person_id)
    if slot is None:
        raise NotYours
    page = render_template(
        "support/close.html",
        slot=slot,
        booked=find_standing(session, slot_id),
        form=form,
        words=words,
    )
    return (page, 422) if form.errors else page


def _received(appointment_id: UUID) -> Appointment:
    found = find_received(db.session(), appointment_id, current_person().id)
    if found is None:
        raise NotYours
    return found


@blueprint.route("/mes-creneaux/rendez-vous/<uuid:appointment_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def received(appointment_id: UUID) -> Answer:
    """Who comes and why, the number to call; the notes of this appointment, and one more."""
    session, person_id = db.session(), current_person().id
    appointment = _received(appointment_id)
    form = NoteForm(appointment.user.name)
    if form.validate_on_submit():
        try:
            notes.write_note(
                session,
                appointment.user_id,
                person_id,
                form.body.data or "",
                form.chosen(),
                now=clock.now(),
                appointment_id=appointment_id,
            )
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Votre note est enregistrée."), "success")
            return redirect(url_for(".received", appointment_id=appointment_id))
    appointment = _received(appointment_id)
    page = render_template(
        "support/received.html",
        appointment=appointment,
        slot=appointment.slot,
        led=find_led_session(session, appointment.slot),
        notes=list_notes_at(session, appointment_id, person_id),
        form=form,
        has_begun=appointment.slot.starts_at <= clock.now(),
        now=clock.now(),
        answers=rules.ANSWERS,
        words=words,
        note_words=note_words,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/mes-creneaux/rendez-vous/<uuid:appointment_id>/issue")
@roles(FACILITATOR)
def answer(appointment_id: UUID) -> BaseResponse:
    """Say how it went."""
    states = {state.value: state for state in AppointmentState}
    state = states.get(request.form.get("issue", ""))
    if state is None:
        raise NotYours
    rules.answer(db.session(), appointment_id, current_person().id, state, now=clock.now())
    db.session.commit()
    flash(_("C’est noté."), "success")
    return redirect(url_for(".received", appointment_id=appointment_id))
