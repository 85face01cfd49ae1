"""What the team notes of a bundle: somebody misses one date, and keeps the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.bookings.bundles.forms import LeftOutForm
from tierslieu.bookings.bundles.queries import list_left_out
from tierslieu.bookings.bundles.rules import leave_out
from tierslieu.bookings.desk import blueprint, is_facilitator
from tierslieu.bookings.queries import find_seat_for
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles


def left_out_here(found: LearningSession) -> dict[str, Any]:
    """Who misses this date of a bundle, for the team's part of its page."""
    if not found.is_of_bundle or not is_facilitator():
        return {"left_out": []}
    return {"left_out": list_left_out(db.session(), found.id)}


@blueprint.route("/reservations/<uuid:booking_id>/manque", methods=["GET", "POST"])
@roles(FACILITATOR)
def note_left_out(booking_id: UUID) -> str | Response | tuple[str, int]:
    """Note that somebody misses this date, and why."""
    session, form = db.session(), LeftOutForm()
    found = find_seat_for(session, booking_id, None, clock.now())
    if found is None or not found.session.is_of_bundle:
        raise NotYours
    session_id, name = found.session_id, found.user.name
    if form.validate_on_submit():
        leave_out(
            session,
            booking_id,
            form.why.data or "",
            now=clock.now(),
            actor_id=current_person().id,
        )
        session.commit()
        flash(
            _("C’est noté : %(name)s manque cette date et garde les autres.", name=name), "success"
        )
        return redirect(url_for("bookings.show_session", session_id=session_id))
    page = render_template("bookings/left_out.html", form=form, booking=found)
    return (page, 422) if form.errors else page
