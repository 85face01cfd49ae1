"""Where one is signed in: to see, and to end."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.people.desk import blueprint
from tierslieu.people.devices.keeping import current_secret, current_session
from tierslieu.people.devices.queries import list_open
from tierslieu.people.devices.rules import end_others, end_session, find_lasting
from tierslieu.people.devices.words import describe_device
from tierslieu.web.access import current_person, signed_in


@blueprint.get("/compte/appareils")
@signed_in
def devices() -> str:
    """The devices one is signed in on, this one first."""
    person, own = current_person(), current_session()
    rows = sorted(
        list_open(db.session(), person.id, clock.now()),
        key=lambda row: own is None or row.id != own.id,
    )
    return render_template(
        "people/devices.html",
        devices=[(row, describe_device(row.device)) for row in rows],
        own=own,
        passing=find_lasting(person, is_kept=False),
        kept=find_lasting(person, is_kept=True),
    )


@blueprint.post("/compte/appareils/<uuid:session_id>/fermer")
@signed_in
def end_device(session_id: UUID) -> BaseResponse:
    """Sign out there."""
    end_session(db.session(), current_person().id, session_id)
    db.session.commit()
    flash(_("C’est fait\u00a0: votre session y est fermée."), "success")
    return redirect(url_for("people.devices"))


@blueprint.post("/compte/appareils/fermer-les-autres")
@signed_in
def end_other_devices() -> BaseResponse:
    """Sign out everywhere but here."""
    count = end_others(db.session(), current_person().id, current_secret())
    db.session.commit()
    flash(
        ngettext(
            "C’est fait\u00a0: une autre session est fermée.",
            "C’est fait\u00a0: %(num)d autres sessions sont fermées.",
            count,
        )
        if count
        else _("Il n’y avait pas d’autre session ouverte."),
        "success",
    )
    return redirect(url_for("people.devices"))
