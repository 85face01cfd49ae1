"""Saying «moi aussi»."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, TextAreaField

from tierslieu.web.forms import OwnForm, no_control_characters, tidy


class MeTooForm(OwnForm):
    """What one may add, and whether one wishes to know the end."""

    detail = TextAreaField(
        _("Ce que vous avez vu de plus"),
        filters=[tidy],
        validators=[no_control_characters],
        render_kw={"rows": 3},
    )
    wants_mail = BooleanField(
        _("Me prévenir par mail quand c’est corrigé, ou si ce n’est pas retenu"), default=True
    )
