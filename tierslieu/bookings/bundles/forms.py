"""Forms of bundles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from tierslieu.web.forms import Form, no_control_characters, tidy


class LeftOutForm(Form):
    """Why somebody misses one date of a series that is followed as a whole."""

    why = StringField(
        _("Pourquoi ?"),
        description=_("Quelques mots, que la personne lira dans un mail : « conseil de classe »."),
        validators=[
            DataRequired(_("Dites pourquoi : c’est ce qui distingue une exception d’un oubli.")),
            Length(max=200, message=_("200 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
