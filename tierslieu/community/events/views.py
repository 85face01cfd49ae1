"""The base of events: its list and CSV, an event's page, adding one, saying that one comes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.community.desk import (
    PER_PAGE,
    asked_common,
    blueprint,
    chosen_space,
    csv_answer,
    reader,
    space_choices,
    space_name,
)
from tierslieu.community.entries.queries import Viewer, find_entry
from tierslieu.community.events import rules, table, words
from tierslieu.community.events.forms import ComingForm, EventForm, values_of
from tierslieu.community.events.models import Event, OpenTo
from tierslieu.community.events.queries import (
    EventsWanted,
    count_comers,
    count_events,
    find_comer,
    list_events,
    list_named_comers,
)
from tierslieu.community.imports.csv_files import write_table
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.web.access import current_person, public, signed_in
from tierslieu.web.languages import current
from tierslieu.web.paging import Page, asked_page

Answer = str | BaseResponse | tuple[str, int]
_OPEN = {"oui": OpenTo.YES, "inscription": OpenTo.REGISTRATION, "non": OpenTo.NO}
_WHEN = {"passes": True, "tous": None}


def _today() -> date:
    return clock.to_local(clock.now()).date()


def _asked(viewer: Viewer) -> EventsWanted:
    return EventsWanted(
        **asked_common(viewer),
        open_to=_OPEN.get(request.args.get("ouvert", "")),
        is_past=_WHEN.get(request.args.get("quand", ""), False),
    )


def _address() -> dict[str, str]:
    names = ("q", "espace", "fichier", "masquees", "ouvert", "quand")
    return {name: request.args[name] for name in names if request.args.get(name)}


@blueprint.get("/evenements")
@public
def events() -> str:
    """What is to come, the soonest first, or what is past; searched and filtered."""
    session, viewer, number = db.session(), reader(), asked_page()
    wanted = _asked(viewer)
    found = list_events(
        session, viewer, wanted, _today(), limit=PER_PAGE, offset=(number - 1) * PER_PAGE
    )
    return render_template(
        "community/events.html",
        page=Page(found, number, count_events(session, viewer, wanted, _today()), PER_PAGE),
        wanted=wanted,
        address=_address(),
        viewer=viewer,
        comers=count_comers(session, [event.id for event in found]),
        space_name=space_name,
        words=words,
        opened={word: words.open_words()[value] for word, value in _OPEN.items()},
        is_over=lambda event: rules.is_over(event, clock.now()),
    )


@blueprint.get("/evenements.csv")
@public
def events_csv() -> Response:
    """The same events as the page with the same filters, in the workshop's eight columns."""
    viewer = reader()
    found = list_events(db.session(), viewer, _asked(viewer), _today())
    spoken = current()
    rows = (table.row(one, spoken) for one in found)
    return csv_answer(write_table(table.HEADS[spoken], rows), "evenements")


@blueprint.get("/evenements/<uuid:entry_id>")
@public
def event(entry_id: UUID) -> str:
    """One event with its files, and who comes."""
    session, viewer = db.session(), reader()
    entry = find_entry(session, Event, viewer, entry_id)
    if entry is None:
        raise NotYours
    comer = find_comer(session, entry_id, viewer.user_id) if viewer.user_id else None
    form = ComingForm(data={"is_named": comer.is_named if comer else False})
    return render_template(
        "community/event.html",
        entry=entry,
        viewer=viewer,
        words=words,
        space=space_name(viewer, entry),
        comer=comer,
        form=form,
        count=count_comers(session, [entry_id]).get(entry_id, 0),
        names=list_named_comers(session, entry_id) if viewer.may_edit(entry) else None,
        is_over=rules.is_over(entry, clock.now()),
    )


@blueprint.post("/evenements/<uuid:entry_id>/participation")
@signed_in
def coming(entry_id: UUID) -> BaseResponse:
    """Say that one comes."""
    named = bool(ComingForm().is_named.data)
    rules.say_coming(db.session(), reader(), entry_id, is_named=named, now=clock.now())
    db.session.commit()
    flash(_("C’est noté : vous venez."), "success")
    return redirect(url_for(".event", entry_id=entry_id))


@blueprint.post("/evenements/<uuid:entry_id>/participation/retirer")
@signed_in
def not_coming(entry_id: UUID) -> BaseResponse:
    """Take it back."""
    viewer = reader()
    if find_entry(db.session(), Event, viewer, entry_id) is None:
        raise NotYours
    rules.say_not_coming(db.session(), viewer, entry_id)
    db.session.commit()
    flash(_("C’est noté : vous ne venez plus."), "success")
    return redirect(url_for(".event", entry_id=entry_id))


@blueprint.route("/evenements/nouveau", methods=["GET", "POST"])
@signed_in
def new_event() -> Answer:
    """Announce something."""
    asked = {"author": current_person().name, "space": request.args.get("espace", "")}
    return _edit(None, EventForm(data=asked))


@blueprint.route("/evenements/<uuid:entry_id>/modifier", methods=["GET", "POST"])
@signed_in
def edit_event(entry_id: UUID) -> Answer:
    """Change what one announced; the team, anything."""
    viewer = reader()
    entry = find_entry(db.session(), Event, viewer, entry_id)
    if entry is None or not viewer.may_edit(entry):
        raise NotYours
    return _edit(entry_id, EventForm(data=values_of(entry)))


def _edit(entry_id: UUID | None, form: EventForm) -> Answer:
    session, viewer = db.session(), reader()
    form.space.choices = space_choices(viewer)
    if form.validate_on_submit():
        try:
            entry = rules.save_event(
                session,
                viewer,
                entry_id,
                form.facts(),
                pilot_id=chosen_space(viewer, form.space.data),
                is_public=form.is_public.data,
                seen=form.seen.data,
                now=clock.now(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
            if refused.code == "changed_meanwhile" and entry_id is not None:
                form.look_again(find_entry(session, Event, viewer, entry_id))
        else:
            flash(_("L’événement est enregistré."), "success")
            return redirect(url_for(".event", entry_id=entry.id))
    page = render_template("community/edit_event.html", form=form, entry_id=entry_id)
    return (page, 422) if form.is_submitted() else page
