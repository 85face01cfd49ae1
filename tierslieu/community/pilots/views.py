"""The pilots: for the team, making them and inviting; for a member, what they are in."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.desk import blueprint, reader
from tierslieu.community.entries.queries import count_in_pilot
from tierslieu.community.pilots import rules
from tierslieu.community.pilots.forms import InviteForm, PilotForm
from tierslieu.community.pilots.models import Pilot
from tierslieu.community.pilots.queries import count_members, find_pilot, list_members
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import Page, asked_page

Answer = str | Response | tuple[str, int]
PER_PAGE = 50


def _pilot(pilot_id: UUID) -> Pilot:
    """The pilot, for its members and the team; nobody else learns that it is."""
    pilot = find_pilot(db.session(), pilot_id) if reader().pilot(pilot_id) else None
    if pilot is None:
        raise NotYours
    return pilot


@blueprint.get("/pilotes")
@signed_in
def pilots() -> str:
    """The pilots one is in; the team sees all of them."""
    viewer = reader()
    members = count_members(db.session(), [pilot.id for pilot in viewer.pilots])
    return render_template("community/pilots.html", viewer=viewer, members=members)


@blueprint.route("/pilotes/nouveau", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_pilot() -> Answer:
    """Open a space of one's own to some people."""
    return _edit(None, PilotForm())


@blueprint.route("/pilotes/<uuid:pilot_id>/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_pilot(pilot_id: UUID) -> Answer:
    """Rename a pilot."""
    pilot = _pilot(pilot_id)
    return _edit(pilot_id, PilotForm(obj=pilot))


def _edit(pilot_id: UUID | None, form: PilotForm) -> Answer:
    if form.validate_on_submit():
        try:
            pilot = rules.save_pilot(
                db.session(),
                pilot_id,
                name=form.name.data or "",
                description=form.description.data or "",
                actor_id=current_person().id,
                now=clock.now(),
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            flash(_("Le pilote est enregistré."), "success")
            return redirect(url_for(".pilot", pilot_id=pilot.id))
    page = render_template("community/edit_pilot.html", form=form, pilot_id=pilot_id)
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/pilotes/<uuid:pilot_id>")
@signed_in
def pilot(pilot_id: UUID) -> str:
    """One pilot; the team sees who is in it."""
    return _show(pilot_id, InviteForm())


@blueprint.post("/pilotes/<uuid:pilot_id>/membres")
@roles(FACILITATOR)
def invite(pilot_id: UUID) -> Answer:
    """Invite addresses; each gets a mail."""
    form = InviteForm()
    if form.validate():
        try:
            done = rules.invite(
                db.session(),
                pilot_id,
                form.emails.data or "",
                actor_id=current_person().id,
                now=clock.now(),
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            if isinstance(refused, NotYours):
                raise
            form.refuse(refused)
        else:
            said = ngettext(
                "%(num)s invitation est partie.", "%(num)s invitations sont parties.", done.new
            )
            if done.known:
                said += " " + ngettext(
                    "%(num)s adresse l’était déjà.", "%(num)s adresses l’étaient déjà.", done.known
                )
            flash(said, "success")
            return redirect(url_for(".pilot", pilot_id=pilot_id))
    return _show(pilot_id, form), 422


@blueprint.post("/pilotes/<uuid:pilot_id>/membres/<uuid:member_id>/retirer")
@roles(FACILITATOR)
def withdraw(pilot_id: UUID, member_id: UUID) -> Response:
    """End a membership."""
    rules.withdraw(db.session(), pilot_id, member_id)
    db.session.commit()
    flash(_("Cette adresse ne voit plus rien du pilote."), "success")
    return redirect(url_for(".pilot", pilot_id=pilot_id))


def _show(pilot_id: UUID, form: InviteForm) -> str:
    session, viewer, number = db.session(), reader(), asked_page()
    found = _pilot(pilot_id)
    members = None
    if viewer.is_team:
        rows = list_members(session, pilot_id, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        total = count_members(session, [pilot_id]).get(pilot_id, 0)
        members = Page(rows, number, total, PER_PAGE)
    contents, events = count_in_pilot(session, pilot_id)
    return render_template(
        "community/pilot.html",
        pilot=found,
        form=form,
        members=members,
        contents=contents,
        events=events,
    )
