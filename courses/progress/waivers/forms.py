"""Asking for a waiver, and answering."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import Length

from courses.progress.forms import TOO_LONG
from courses.progress.rules import MAX_TEXT
from tierslieu.web.forms import Form, no_control_characters, tidy


class AskForm(Form):
    """What one knows already, or what stands in the way."""

    request = TextAreaField(
        _("Pourquoi cette étape ne vous est pas utile, ou pas possible"),
        filters=[tidy],
        validators=[Length(max=MAX_TEXT, message=TOO_LONG), no_control_characters],
    )


class ReasonForm(Form):
    """The team's reason; the button says which way."""

    reason = TextAreaField(
        _("La raison"),
        filters=[tidy],
        validators=[Length(max=MAX_TEXT, message=TOO_LONG), no_control_characters],
    )
