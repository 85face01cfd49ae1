"""A passkey as a browser sends it: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from tierslieu.web.forms import Form, no_control_characters, tidy


class AddForm(Form):
    """A name for the new passkey; the script adds what the device answered."""

    name = StringField(
        _("Nom de cette clé"),
        [
            DataRequired(_("Donnez-lui un nom, pour la reconnaître.")),
            Length(max=60),
            no_control_characters,
        ],
        description=_("L’appareil ou l’application qui la garde."),
        filters=[tidy],
        render_kw={"autocomplete": "off", "maxlength": 60},
    )
    answer = HiddenField()


class EnterForm(Form):
    """What the device signed; where to go then; ``second``: after a password."""

    answer = HiddenField()
    next = HiddenField()
    second = HiddenField()
    remember = BooleanField(_("Garder ma session ouverte"))
