"""Leaving: the one box that says one knows what it means."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import InputRequired

from tierslieu.web.forms import Form


class LeavingForm(Form):
    """Asked once more, because nothing brings an account back."""

    knows = BooleanField(
        _("Je sais que mon compte ne pourra pas être rouvert."),
        validators=[InputRequired(_("Cochez la case pour fermer votre compte."))],
    )
