"""Rooms, the planning of a session, and the calendar anybody may subscribe to."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.calendars import Entry, make_calendar
from tierslieu.agenda.forms import RoomForm, SessionForm, offer_choices
from tierslieu.agenda.queries import Filter, find_room, list_rooms, list_sessions
from tierslieu.agenda.rules import plan_session, save_room
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, public, roles

blueprint = Blueprint("agenda", __name__)
Answer = str | BaseResponse | tuple[str, int]
FEED_PAST = clock.days(90)  # a calendar keeps a season of what was


@blueprint.get("/salles")
@roles(FACILITATOR)
def rooms() -> str:
    """The rooms of the place."""
    return render_template("agenda/rooms.html", rooms=list_rooms(db.session()))


@blueprint.route("/salles/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_room() -> Answer:
    """A new room."""
    return _room_page(RoomForm(), None)


@blueprint.route("/salles/<uuid:room_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_room(room_id: UUID) -> Answer:
    """Change a room."""
    room = find_room(db.session(), room_id)
    if room is None:
        raise NotYours
    return _room_page(RoomForm(obj=room), room_id)


def _room_page(form: RoomForm, room_id: UUID | None) -> Answer:
    if form.validate_on_submit():
        try:
            room = save_room(
                db.session(),
                room_id,
                name=form.name.data,
                places=form.places.data or 0,
                address=form.address.data,
                access=form.access.data,
                equipment=form.equipment.data,
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            if refused.field is None:
                raise
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("« %(name)s » est enregistrée.", name=room.name), "success")
            return redirect(url_for("agenda.rooms"))
    page = render_template("agenda/room.html", form=form, is_new=room_id is None)
    return (page, 422) if form.errors else page


@blueprint.route("/agenda/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_session() -> Answer:
    """Plan a session."""
    session = db.session()
    person_id = current_person().id
    form = SessionForm(data={"facilitators": [person_id]})
    if form.validate_on_submit():
        try:
            planned = plan_session(session, form.plan(), now=clock.now(), actor_id=person_id)
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La séance est à l’agenda : on peut s’y inscrire."), "success")
            return redirect(url_for("bookings.show_session", session_id=planned.id))
    offer_choices(session, form)
    page = render_template("agenda/plan.html", form=form)
    return (page, 422) if form.errors else page


@blueprint.get("/agenda.ics")
@public
def public_calendar() -> Response:
    """Every session, from a season ago on, for any calendar program."""
    now = clock.now()
    settings = current_app.config["TIERSLIEU"]
    sessions = list_sessions(db.session(), Filter(since=now - FEED_PAST))
    body = make_calendar(
        settings.place_name, [Entry(session) for session in sessions], settings.base_url, now
    )
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=600"
    return answer
