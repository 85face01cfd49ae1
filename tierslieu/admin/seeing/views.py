"""Beginning, ending, and what the person reads of it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.admin.desk import blueprint, house
from tierslieu.admin.journal.showing import show
from tierslieu.admin.seeing.forms import SeeingForm
from tierslieu.admin.seeing.guard import KEY
from tierslieu.admin.seeing.rules import begin_seeing, end_seeing, list_looks_at, list_seen_by
from tierslieu.db import db, lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.queries import find_person
from tierslieu.people.stepping_up import step_up
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.seeing import seeing


@blueprint.route("/administration/personnes/<uuid:user_id>/regarder", methods=["GET", "POST"])
@roles(ADMINISTRATOR)
@step_up
def see_as(user_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """Ask why, then begin."""
    found = find_person(db.session(), user_id)
    if found is None:
        raise NotYours()
    form, name, status = SeeingForm(), found.name, 200
    if form.validate_on_submit():
        try:
            begun = begin_seeing(
                db.session(),
                user_id,
                form.reason.data or "",
                admin_id=current_person().id,
                now=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
            status = refused.status
        else:
            db.session.commit()
            session[KEY] = str(begun.id)
            return redirect("/")
    elif form.errors:
        status = 422
    page = render_template("admin/seeing/begin.html", form=form, user_id=user_id, name=name)
    return page, status


@blueprint.post("/administration/regarder/fin")
@signed_in
def end_seeing_as() -> BaseResponse:
    """Back to one's own account; nothing for who is in it already."""
    found = seeing()
    session.pop(KEY, None)
    if found is None:
        return redirect("/")
    lock_for_writing(db.session())
    for one in list_seen_by(db.session(), found.admin_id):
        end_seeing(db.session(), one, now=clock.now())
    db.session.commit()
    flash(_("Vous êtes de nouveau dans votre compte."), "success")
    return redirect(url_for("admin.person", user_id=found.person_id))


@blueprint.get("/compte/regards")
@signed_in
def looks() -> str:
    """When the place was looked at in one's own place, by whom and why."""
    found = list_looks_at(db.session(), current_person().id)
    return render_template("admin/seeing/looks.html", lines=show(db.session(), house(), found))
