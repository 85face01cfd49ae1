"""The rooms, their hours, and the settings of the agenda: for the team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.agenda.desk import blueprint
from tierslieu.agenda.hours import Week
from tierslieu.agenda.models import Room, RoomClosure
from tierslieu.agenda.places.forms import ClosureForm, RoomForm, SettingsForm
from tierslieu.agenda.places.rules import close_room, reopen_room, save_room, save_settings
from tierslieu.agenda.queries import find_room, list_rooms, read_settings
from tierslieu.agenda.warnings import read_school
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import roles

AHEAD = timedelta(days=240)
Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/salles")
@roles(FACILITATOR)
def rooms() -> str:
    """The rooms of the place."""
    found = list_rooms(db.session())
    return render_template(
        "agenda/rooms.html",
        rooms=found,
        hours=say_rooms(found),
        closed={room.id: closures_to_come(room) for room in found},
    )


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
    form = RoomForm(obj=room)
    if not form.is_submitted():
        form.show_week(room.week)
    return _room_page(form, room_id)


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
                week=form.week,
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


@blueprint.route("/salles/<uuid:room_id>/fermetures", methods=["GET", "POST"])
@roles(FACILITATOR)
def closures(room_id: UUID) -> Answer:
    """The days on which a room is closed whatever its hours."""
    session, form = db.session(), ClosureForm()
    if find_room(session, room_id) is None:
        raise NotYours
    if form.validate_on_submit():
        try:
            close_room(session, room_id, form.first.data, form.last.data, form.why.data)
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La fermeture est notée."), "success")
            return redirect(url_for("agenda.closures", room_id=room_id))
    room = find_room(session, room_id)
    assert room is not None
    page = render_template(
        "agenda/closures.html", form=form, room=room, closures=closures_to_come(room)
    )
    return (page, 422) if form.errors else page


@blueprint.post("/salles/fermetures/<uuid:closure_id>/oter")
@roles(FACILITATOR)
def reopen(closure_id: UUID) -> BaseResponse:
    """Take a closure back."""
    room_id = reopen_room(db.session(), closure_id)
    db.session.commit()
    flash(_("La fermeture est ôtée."), "success")
    return redirect(url_for("agenda.closures", room_id=room_id))


@blueprint.route("/agenda/reglages", methods=["GET", "POST"])
@roles(FACILITATOR)
def settings() -> Answer:
    """The zone of school holidays, class hours, and what becomes of a session in a closed room."""
    session = db.session()
    form = SettingsForm(obj=read_settings(session))
    if not form.is_submitted():
        form.show_week(Week.read(read_settings(session).class_hours))
    if form.validate_on_submit():
        save_settings(
            session,
            school_zone=form.school_zone.data,
            classes=form.week,
            refuses_closed=form.refuses_closed.data,
        )
        session.commit()
        flash(_("C’est réglé : cela vaut pour ce qui sera planifié."), "success")
        return redirect(url_for("agenda.settings"))
    page = render_template("agenda/settings.html", form=form)
    return (page, 422) if form.errors else page


def say_rooms(rooms: Sequence[Room]) -> list[tuple[Room, list[str]]]:
    """The rooms whose hours are known, each with them in words."""
    return [(room, room.week.say()) for room in rooms if room.week]


def planning_aids(session: Session) -> dict[str, Any]:
    """What one should know when one chooses a day, an hour and a room: when rooms are open, when
    classes are held, and the school holidays of the months to come."""
    school, today = read_school(session), clock.to_local(clock.now()).date()
    days = [today + timedelta(days=n) for n in range(AHEAD.days)]
    classes = [_("Classe, %(hours)s", hours=words) for words in school.classes.say()]
    hours = say_rooms(list_rooms(session))
    return {"hours": hours, "school": [*classes, *school.spans(days)]}


def closures_to_come(room: Room) -> list[RoomClosure]:
    """Its closures that are not over."""
    today = clock.to_local(clock.now()).date()
    return [closure for closure in room.closures if closure.last >= today]
