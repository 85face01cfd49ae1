"""A certificate's link; what certificates of a path are worth."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.links import MAX_URL


class CertificateForm(Form):
    """The link of one's certificate."""

    link = StringField(
        _("Lien du certificat"),
        filters=[tidy],
        validators=[
            InputRequired(_("Collez le lien de votre certificat.")),
            Length(max=MAX_URL),
            no_control_characters,
        ],
        render_kw={
            "inputmode": "url",
            "placeholder": "https://certificates.mooc.fi/validate/…",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class WorthForm(Form):
    """What a certificate fulfils."""

    fulfils = SelectField(_("Un certificat de certificates.mooc.fi valide"), validate_choice=False)
