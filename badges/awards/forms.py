"""Forms of awarding: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.web.forms import Form, no_control_characters, tidy


class AwardForm(Form):
    """Who receives the badge, from which session or path."""

    seance = HiddenField()
    parcours = HiddenField()
    people = SelectMultipleField(
        _("Personnes"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class RevocationForm(Form):
    """Why a badge is withdrawn."""

    reason = TextAreaField(
        _("Raison du retrait"),
        [
            DataRequired(_("Dites pourquoi : la personne lira cette raison.")),
            Length(max=600),
            no_control_characters,
        ],
        filters=[tidy],
        description=_("Lue par la personne, et par qui consulte la page du badge."),
    )
