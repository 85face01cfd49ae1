"""Why one looks at the place in somebody's place: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from tierslieu.admin.seeing.rules import REASON_LIMIT
from tierslieu.web.forms import Form, no_control_characters, tidy


class SeeingForm(Form):
    """A reason, which the person can read."""

    reason = StringField(
        _l("Pour quelle raison"),
        [
            DataRequired(_l("Dites pourquoi : la personne pourra lire cette raison.")),
            Length(max=REASON_LIMIT),
            no_control_characters,
        ],
        description=_l("La personne la lit dans son compte, avec votre nom, le jour et l’heure."),
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
