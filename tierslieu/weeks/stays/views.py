"""Houses and their rooms; the boarding school's sheet, as page, paper and table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.clock import to_local
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.place.showing import the_place
from tierslieu.web.access import roles
from tierslieu.web.formats import day, hour
from tierslieu.web.papers import send_paper
from tierslieu.weeks.desk import blueprint, week_here
from tierslieu.weeks.forms import BoardingRoomForm, HouseForm
from tierslieu.weeks.models import BoardingHouse, BoardingSheet, Week
from tierslieu.weeks.queries import find_boarding_room, find_house, list_houses, list_sheets
from tierslieu.weeks.stays.houses import save_boarding_room, save_house
from tierslieu.weeks.stays.papers import draw_sheet
from tierslieu.weeks.stays.sheet import Sheet, compose, count_stay, list_changes, write_csv
from tierslieu.weeks.words import days_words

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/internats")
@roles(FACILITATOR)
def houses() -> str:
    """Where people sleep."""
    return render_template("weeks/houses.html", houses=list_houses(db.session()))


@blueprint.route("/internats/nouveau", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_house() -> Answer:
    """A new house."""
    return _house_page(HouseForm(), None)


def _house(house_id: UUID) -> BoardingHouse:
    found = find_house(db.session(), house_id)
    if found is None:
        raise NotYours
    return found


@blueprint.route("/internats/<uuid:house_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_house(house_id: UUID) -> Answer:
    """Change a house; its rooms."""
    return _house_page(HouseForm(obj=_house(house_id)), house_id)


def _house_page(form: HouseForm, house_id: UUID | None) -> Answer:
    if form.validate_on_submit():
        try:
            house = save_house(
                db.session(),
                house_id,
                name=form.name.data,
                address=form.address.data,
                access=form.access.data,
                contact_name=form.contact_name.data,
                contact_email=form.contact_email.data,
                contact_phone=form.contact_phone.data,
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("« %(name)s » est enregistrée.", name=house.name), "success")
            return redirect(url_for("weeks.edit_house", house_id=house.id))
    shown = _house(house_id) if house_id is not None else None
    page = render_template("weeks/house.html", form=form, house=shown)
    return (page, 422) if form.errors else page


@blueprint.route("/internats/<uuid:house_id>/chambres/nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_boarding_room(house_id: UUID) -> Answer:
    """A new room."""
    return _room_page(BoardingRoomForm(data={"beds": 2}), _house(house_id), None)


@blueprint.route("/internats/<uuid:house_id>/chambres/<uuid:room_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_boarding_room(house_id: UUID, room_id: UUID) -> Answer:
    """Change a room."""
    room = find_boarding_room(db.session(), room_id)
    if room is None or room.house_id != house_id:
        raise NotYours
    return _room_page(BoardingRoomForm(obj=room), _house(house_id), room_id)


def _room_page(form: BoardingRoomForm, house: BoardingHouse, room_id: UUID | None) -> Answer:
    house_id = house.id
    if form.validate_on_submit():
        try:
            room = save_boarding_room(
                db.session(),
                house_id,
                room_id,
                name=form.name.data,
                beds=form.beds.data or 0,
                is_step_free=form.is_step_free.data,
                today=to_local(clock.now()).date(),
            )
        except NotYours:
            raise
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            flash(_("« %(name)s » est enregistrée.", name=room.name), "success")
            return redirect(url_for("weeks.edit_house", house_id=house_id))
    page = render_template(
        "weeks/boarding_room.html", form=form, house=_house(house_id), is_new=room_id is None
    )
    return (page, 422) if form.errors else page


@dataclass(frozen=True)
class _Shown:
    """The sheet that was told last, or the present one before the cut-off; what changed since."""

    paper: Sheet
    counts: Mapping[str, Any]
    told: Sequence[BoardingSheet]
    changes: Sequence[str]


def _shown(week: Week) -> _Shown:
    session, told = db.session(), list_sheets(db.session(), week.id)
    present = count_stay(session, week)
    counts = told[-1].counts if told else present
    if week.cancelled_at is not None:
        counts, state = present, _("La semaine est annulée")
    elif told:
        made = told[-1].made_at
        state = _("Arrêtée le %(day)s à %(hour)s", day=day(made, year=True), hour=hour(made))
    else:
        state = _(
            "Provisoire : elle s’arrête le %(day)s à %(hour)s",
            day=day(week.cutoff_at, year=True),
            hour=hour(week.cutoff_at),
        )
    paper = compose(week, counts, days_words(week), str(state))
    return _Shown(paper, counts, told, list_changes(counts, present) if told else ())


@blueprint.get("/semaines/<uuid:week_id>/internat")
@roles(FACILITATOR)
def sheet(week_id: UUID) -> str:
    """Beds a night, and how many eat what; nobody's name."""
    week = week_here(week_id)
    shown = _shown(week)
    return render_template("weeks/sheet.html", week=week, shown=shown, paper=shown.paper)


@blueprint.get("/semaines/<uuid:week_id>/internat.pdf")
@roles(FACILITATOR)
def sheet_pdf(week_id: UUID) -> Response:
    """The same on paper."""
    week = week_here(week_id)
    paper, name = _shown(week).paper, f"internat-{week.first_day:%Y-%m-%d}.pdf"
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    return send_paper(draw_sheet(the_place(), paper), name)


@blueprint.get("/semaines/<uuid:week_id>/internat.csv")
@roles(FACILITATOR)
def sheet_csv(week_id: UUID) -> Response:
    """The same for a spreadsheet."""
    week = week_here(week_id)
    answer = Response(write_csv(_shown(week).counts), content_type="text/csv; charset=utf-8")
    name = f"internat-{week.first_day:%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
