"""The form of certificates in number: the language they are written in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from tierslieu.web.forms import Form


class PapersForm(Form):
    """In which language."""

    language = RadioField(
        _("Langue des attestations"),
        choices=[SelectChoice("fr", _("Français")), SelectChoice("en", _("Anglais"))],
        default="fr",
    )
