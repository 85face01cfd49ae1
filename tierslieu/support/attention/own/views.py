"""One's own page of attention."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.progress.desk import the_house
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.support.attention import rules, words
from tierslieu.support.attention.forms import OwnPauseForm
from tierslieu.support.attention.models import PauseKind
from tierslieu.support.attention.queries import list_contacts, list_living_pauses, list_pauses
from tierslieu.support.attention.speaking import listen, read_settings
from tierslieu.support.desk import blueprint
from tierslieu.web.access import current_person, signed_in

Answer = str | BaseResponse | tuple[str, int]
SHOWN = 50


@blueprint.route("/mon-suivi", methods=["GET", "POST"])
@signed_in
def own_attention() -> Answer:
    """The rules as they bear on oneself; «tout va bien, pas avant le…»."""
    session, person_id, now, house = db.session(), current_person().id, clock.now(), the_house()
    form = OwnPauseForm()
    if form.validate_on_submit():
        assert form.until.data is not None
        try:
            rules.pause_self(session, person_id, form.until.data, now=now)
        except NotYours:
            raise
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("C’est noté : l’équipe ne vous relancera pas avant ce jour."), "success")
            return redirect(url_for(".own_attention"))
    is_on, _place, standing = read_settings(session, house)
    today = clock.to_local(now).date()
    own = [
        one
        for one in list_living_pauses(session, [person_id])
        if one.kind is PauseKind.OWN and one.until is not None and one.until > today
    ]
    page = render_template(
        "support/attention/own.html",
        are_shown=is_on,
        standing=[one for one in standing if one.is_on],
        spoken=listen(session, house, now, [person_id]).get(person_id),
        contacts=list_contacts(session, person_id, SHOWN),
        pauses=list_pauses(session, person_id, SHOWN),
        own=own[0] if own else None,
        form=form,
        words=words,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/mon-suivi/reprendre")
@signed_in
def own_take_up() -> BaseResponse:
    """Take «pas avant le…» back."""
    rules.resume_self(db.session(), current_person().id, now=clock.now())
    db.session.commit()
    flash(_("C’est noté : l’équipe peut vous contacter."), "success")
    return redirect(url_for(".own_attention"))
