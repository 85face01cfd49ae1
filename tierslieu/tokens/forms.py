"""The form that makes an access key."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from tierslieu.tokens.rules import LIVES, NAME_LIMIT
from tierslieu.web.forms import Form, no_control_characters, tidy

LIFE_LABELS = {30: _("30 jours"), 90: _("90 jours"), 365: _("un an")}


class TokenForm(Form):
    """What it is for, what it may do, until when. The choices of scopes are the person's own."""

    name = StringField(
        _("Son nom"),
        description=_("À quoi elle sert, pour la reconnaître plus tard : « export du lundi »."),
        filters=[tidy],
        render_kw={"maxlength": NAME_LIMIT, "autocomplete": "off"},
        validators=[
            DataRequired(message=_("Donnez-lui un nom : à quoi elle sert, en quelques mots.")),
            Length(
                max=NAME_LIMIT,
                message=_("Ce texte est trop long : %(max)d caractères au plus."),
            ),
            no_control_characters,
        ],
    )
    scopes = SelectMultipleField(
        _("Ce qu’elle permet"),
        description=_("Ne cochez que ce dont le programme a besoin."),
        validators=[DataRequired(message=_("Cochez au moins une chose."))],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    days = SelectField(
        _("Combien de temps"),
        choices=[SelectChoice(str(days), LIFE_LABELS[days]) for days in LIVES],
        default="90",
    )
