"""«Ces séances sont-elles les vôtres ?»"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tierslieu.attendance.claims.queries import list_claimable
from tierslieu.attendance.claims.rules import claim_lines, decline_lines
from tierslieu.attendance.desk import blueprint
from tierslieu.attendance.showing import half_day_words
from tierslieu.db import db
from tierslieu.web.access import current_person, signed_in

Answer = str | BaseResponse


@blueprint.get("/emargement/retrouver")
@signed_in
def claims() -> Answer:
    """The half-days noted under one's address before one had an account."""
    found = list_claimable(db.session(), current_person().id)
    rows = [(line, half_day_words((line.day, line.half), with_day=True)) for line in found]
    return render_template("attendance/claims.html", rows=rows)


@blueprint.post("/emargement/retrouver")
@signed_in
def answer_claims() -> Answer:
    """They were mine; or they were not."""
    person_id, said = current_person().id, request.form.get("reponse")
    if said == "oui":
        count = claim_lines(db.session(), person_id)
        db.session.commit()
        flash(
            ngettext(
                "%(num)s demi-journée est dans vos présences.",
                "%(num)s demi-journées sont dans vos présences.",
                count,
            ),
            "success",
        )
        return redirect(url_for("attendance.presences", holder_id=person_id))
    if said != "non":
        abort(400)
    decline_lines(db.session(), person_id)
    db.session.commit()
    flash(_("C’est noté : on ne vous le demandera plus."), "success")
    return redirect("/")
