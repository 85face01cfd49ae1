"""Forms of the backpack: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from badges.awards.models import Sharing
from tierslieu.web.forms import Form, tidy


class SharingForm(Form):
    """Who sees a badge."""

    sharing = RadioField(
        _("Qui voit ce badge"),
        choices=[
            SelectChoice(Sharing.PRIVATE.value, _("Privé : vous, et l’équipe du lieu")),
            SelectChoice(Sharing.LINK.value, _("Par lien : qui a l’adresse, que vous donnez")),
            SelectChoice(
                Sharing.PUBLIC.value,
                _("Public : tout le monde ; il figure aussi sur votre page publique"),
            ),
        ],
    )


class KeyForm(Form):
    """A key for one badge. Without one, the place makes it and hands it over once."""

    public_key = HiddenField(validators=[Length(max=200)])
    signature = HiddenField(validators=[Length(max=200)])
    with_name = BooleanField(_("Garder mon nom dans le badge"), default=True)


class BringForm(Form):
    """A badge of another issuer: a file, a text or an address."""

    file = FileField(
        _("Fichier du badge"),
        description=_("Image PNG ou SVG, PDF ou fichier JSON, tel que reçu."),
    )
    text = TextAreaField(
        _("Ou son texte"),
        description=_("Le contenu du fichier signé, de la première accolade à la dernière."),
    )
    address = StringField(
        _("Ou son adresse"),
        [Length(max=2000)],
        filters=[tidy],
        description=_("Celle de la page du badge, ou du badge lui-même."),
    )
