"""The pages of an offer of help: making it, pausing, renewing, taking it back."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.community.aid.asks.rules import check_may_write
from tierslieu.community.aid.asks.views import join_first
from tierslieu.community.aid.asks.words import step_titles
from tierslieu.community.aid.desk import aid_reader, group_url, the_group
from tierslieu.community.aid.groups.words import group_name
from tierslieu.community.aid.helping import rules
from tierslieu.community.aid.helping.forms import HelpForm, values_of
from tierslieu.community.aid.helping.queries import find_offer, steps_by_key
from tierslieu.community.desk import blueprint
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.web.access import signed_in
from tierslieu.web.written import Theirs

Answer = str | Response | tuple[str, int]


@blueprint.route("/entraide/parcours/<uuid:path_id>/aider", methods=["GET", "POST"])
@signed_in
def aid_help(path_id: UUID) -> Answer:
    """Say on which steps one helps, and how."""
    session, reader = db.session(), aid_reader()
    group = the_group(reader, "parcours", path_id)
    titles = step_titles(list(steps_by_key(session, path_id).values()))
    offer = find_offer(session, reader.user_id, path_id)
    shown = values_of(offer)
    if offer is None and request.args.get("etape") in titles:
        shown["steps"] = [request.args["etape"]]
    form = HelpForm(data=shown)
    form.steps.choices = [(key, Theirs(title)) for key, title in titles.items()]
    try:
        check_may_write(session, reader, clock.now())
        if form.validate_on_submit():
            rules.save_offer(session, reader, group, form.offered(), steps=titles, now=clock.now())
            session.commit()
            flash(_("Merci : le groupe voit que vous proposez votre aide."), "success")
            return redirect(group_url(group))
    except Refused as refused:
        session.rollback()
        moved = join_first(refused)
        if moved is not None:
            return moved
        form.refuse(refused)
    page = render_template(
        "community/aid/help.html",
        form=form,
        offer=find_offer(session, reader.user_id, path_id),
        today=clock.to_local(clock.now()).date(),
        path_id=path_id,
        name=group_name(group),
        back_url=group_url(group),
    )
    return (page, 422) if form.errors else page


@blueprint.post("/entraide/parcours/<uuid:path_id>/aider/<any(pause,reprise,fin):act>")
@signed_in
def aid_change_help(path_id: UUID, act: str) -> Response:
    """Pause one's offer, show it again for three months, or take it back."""
    session, reader = db.session(), aid_reader()
    group = the_group(reader, "parcours", path_id)
    if act == "pause":
        rules.pause_offer(session, reader, group)
        said = _("Votre proposition est en pause : le groupe ne la voit plus.")
    elif act == "reprise":
        rules.renew_offer(session, reader, group, now=clock.now())
        said = _("Votre proposition est de nouveau visible.")
    else:
        rules.take_back_offer(session, reader, group)
        said = _("Votre proposition est retirée.")
    session.commit()
    flash(said, "success")
    return redirect(group_url(group))
