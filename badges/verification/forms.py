"""The form of the check: a file, a text or an address."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from tierslieu.web.forms import Form, tidy

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# What a phone or a computer offers first; anything may still be chosen, and is then told apart.
_KINDS = "image/*,application/pdf,application/json,text/plain,.json,.jsonld,.jwt"


class VerifyForm(Form):
    """What to verify. Made with ``meta={"csrf": False}``: it changes nothing, scripts post too."""

    file = FileField(
        _("Fichier du badge"),
        render_kw={"accept": _KINDS},
        description=_("Image PNG ou SVG, PDF ou fichier JSON, tel que reçu."),
    )
    address = StringField(
        _("Ou son adresse"),
        [Length(max=2000, message=_("Cette adresse est trop longue pour en être une."))],
        filters=[tidy],
        render_kw={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
        description=_("Celle de la page du badge, ou celle que donne son QR code."),
    )
    text = TextAreaField(
        _("Ou son texte"),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
        description=_("Le contenu du fichier signé, en entier."),
    )
    recipient = StringField(
        _("Adresse mail de la personne"),
        [Length(max=320, message=_("Cette adresse mail est trop longue pour en être une."))],
        filters=[tidy],
        render_kw={"autocapitalize": "none"},
        description=_("Pour vérifier que le badge lui a bien été délivré."),
    )

    def validate_recipient(self, field: Any) -> None:
        """A slip of the pen is not «awarded to somebody else»."""
        if field.data and not _EMAIL.fullmatch(field.data):
            raise ValidationError(
                _(
                    "Cette adresse mail est incomplète : corrigez-la, ou effacez-la pour ne "
                    "vérifier que le badge."
                )
            )
