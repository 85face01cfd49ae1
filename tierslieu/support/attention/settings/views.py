"""Setting the rules of attention, and whether the place asks after people at all."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.progress.desk import the_house
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR
from tierslieu.support.attention import rules
from tierslieu.support.attention.forms import PlaceForm, rule_form
from tierslieu.support.attention.models import PLACE
from tierslieu.support.attention.speaking import read_settings
from tierslieu.support.desk import blueprint
from tierslieu.web.access import current_person, roles

Answer = str | BaseResponse | tuple[str, int]


def _settings_page(code: str = "", wrong: Any = None) -> Answer:
    """All forms as they are set; ``wrong``: that of ``code`` as it was filled in and refused."""
    is_on, place, standing = read_settings(db.session(), the_house())
    forms = [
        (one, wrong if one.rule.code == code else rule_form(one.rule, one.is_on, one.figures))
        for one in standing
    ]
    page = render_template(
        "support/attention/settings.html",
        place=place,
        place_form=PlaceForm(formdata=None, prefix=f"{PLACE}-", data={"is_on": is_on}),
        forms=forms,
    )
    return (page, 422) if wrong is not None else page


@blueprint.get("/attention/regles")
@roles(FACILITATOR, ADMINISTRATOR)
def attention_settings() -> Answer:
    """Every rule with its figures, who set them and when."""
    return _settings_page()


@blueprint.post("/attention/regles/<code>")
@roles(FACILITATOR, ADMINISTRATOR)
def set_attention(code: str) -> Answer:
    """Set one rule, or whether the place asks after people at all."""
    session, actor_id, now = db.session(), current_person().id, clock.now()
    if code == PLACE:
        place_form = PlaceForm(prefix=f"{PLACE}-")
        if place_form.validate_on_submit():
            rules.set_place(session, place_form.is_on.data, actor_id=actor_id, now=now)
            session.commit()
            flash(_("Le réglage est enregistré."), "success")
        return redirect(url_for(".attention_settings"))
    found = [one for one in read_settings(session, the_house())[2] if one.rule.code == code]
    if not found:
        raise NotYours
    rule = found[0].rule
    form = rule_form(rule, found[0].is_on, found[0].figures, is_sent=True)
    if form.validate_on_submit():
        figures = {one.name: form[one.name].data or 0 for one in rule.figures}
        try:
            rules.set_rule(session, rule, form.is_on.data, figures, actor_id=actor_id, now=now)
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("La règle est enregistrée."), "success")
            return redirect(url_for(".attention_settings"))
    return _settings_page(code, form)
