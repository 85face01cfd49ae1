"""The form of the check: a file, a text or an address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from tierslieu.web.forms import Form, tidy


class VerifyForm(Form):
    """What to verify. Made with ``meta={"csrf": False}``: it changes nothing, scripts post too."""

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
        description=_("L’adresse publique du badge, commençant par https://."),
    )
    recipient = StringField(
        _("Adresse e-mail de la personne"),
        [Length(max=320)],
        filters=[tidy],
        description=_("Pour vérifier que le badge a bien été délivré à cette personne."),
    )
