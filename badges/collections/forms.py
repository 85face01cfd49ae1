"""Forms of collections: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.web.forms import OwnForm, no_control_characters, tidy


class CollectionForm(OwnForm):
    """A title, and the badges under it."""

    title = StringField(
        _("Titre"),
        [
            DataRequired(_("Donnez un titre à cette collection.")),
            Length(max=120, message=_("Ce titre est trop long : 120 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
        description=_("Par exemple : « Pour ma candidature au collège »."),
    )
    badges = SelectMultipleField(
        _("Badges"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
        description=_("Dans l’ordre de cette liste ; douze au plus."),
    )
