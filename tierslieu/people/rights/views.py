"""All that is held on oneself, to read and to take away; leaving; the two pages about rights."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_security import auth_required, logout_user
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import Refused
from tierslieu.house import PersonalData
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.desk import blueprint, house
from tierslieu.people.rights.forms import LeavingForm
from tierslieu.people.rights.rules import leave
from tierslieu.people.rights.words import tell
from tierslieu.people.stepping_up import step_up
from tierslieu.settings import Settings
from tierslieu.web.access import current_person, public, signed_in

STATED_ON = date(2026, 11, 28)  # to be renewed with the statement, at the latest after three years
RECENT = 60  # minutes since one signed in, for what cannot be undone


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(getattr(value, "value", value))


@blueprint.get("/compte/donnees.json")
@signed_in
@step_up
def my_data() -> Response:
    """Everything held on the person who asks, as JSON."""
    session, person = db.session(), current_person()
    held = {
        offer.name: {
            "what": str(offer.what),
            "why": str(offer.why),
            "basis": str(offer.basis),
            "how_long": str(offer.how_long),
            "data": offer.export(session, person.id),
        }
        for offer in house().all(PersonalData)
    }
    note(session, Act.DATA_EXPORTED, subject_id=person.id)
    session.commit()
    body = {"exported_at": clock.now().isoformat(), "held": held}
    response = Response(
        json.dumps(body, ensure_ascii=False, indent=2, default=_plain),
        content_type="application/json; charset=utf-8",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/compte/donnees")
@signed_in
def read_my_data() -> Response:
    """The same, to read: on a page, and on paper."""
    session, person = db.session(), current_person()
    held = [(offer, tell(offer.export(session, person.id))) for offer in house().all(PersonalData)]
    page = render_template(
        "people/data.html",
        filled=[(offer, told) for offer, told in held if not told.is_empty],
        empty=[offer for offer, told in held if told.is_empty],
        now=clock.now(),
    )
    response = Response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/compte/partir")
@signed_in
def leave_place() -> str:
    """What goes with one's account, what stays, and the one button."""
    return render_template("people/leave.html", form=LeavingForm(), held=house().all(PersonalData))


@blueprint.post("/compte/partir")
@signed_in
@auth_required("session", within=RECENT, grace=0)
def leave_now() -> BaseResponse | tuple[str, int]:
    """Close one's account."""
    person, form, held = current_person(), LeavingForm(), house().all(PersonalData)
    if form.validate_on_submit():
        try:
            leave(db.session(), person.id, held, now=clock.now())
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            logout_user()
            flash(_("Votre compte est fermé."), "success")
            return redirect(url_for("people.left"))
    return render_template("people/leave.html", form=form, held=held), 422


@blueprint.get("/compte/ferme")
@public
def left() -> str:
    """What somebody reads who has left."""
    return render_template("people/left.html")


@blueprint.get("/donnees-personnelles")
@public
def notice() -> str:
    """The data-protection notice, made from what each feature says it holds."""
    return render_template("people/notice.html", offers=house().all(PersonalData))


@blueprint.get("/accessibilite")
@public
def accessibility() -> str:
    """The accessibility statement: what was checked, how, and what is not yet known."""
    settings: Settings = current_app.config["TIERSLIEU"]
    return render_template(
        "people/accessibility.html", address=settings.base_url, stated_on=STATED_ON
    )
