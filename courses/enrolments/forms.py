"""The form of somebody who stops a path."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from courses.enrolments.rules import MAX_REASON
from courses.enrolments.words import cause_words
from tierslieu.web.forms import Form, no_control_characters, tidy


class StopForm(Form):
    """Why, among a few reasons, and in one's own words if one wishes."""

    cause = RadioField(
        _("Pourquoi arrêtez-vous ?"),
        validators=[
            InputRequired(_("Choisissez une réponse : « Je préfère ne pas le dire » en est une."))
        ],
    )
    reason = TextAreaField(
        _("Avec vos mots"),
        filters=[tidy],
        validators=[
            Optional(),
            Length(
                max=MAX_REASON,
                message=_("Ce texte est trop long : 2 000 caractères sont possibles."),
            ),
            no_control_characters,
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cause.choices = [(cause.value, label) for cause, label in cause_words().items()]
