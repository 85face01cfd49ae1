"""Reporting on a course, filtering reports, answering."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from courses.feedback.rules import MAX_LOCATION, MAX_WORD
from courses.feedback.words import kind_hints, kind_words
from courses.paths.models import Step
from tierslieu.web.forms import Form, no_control_characters, tidy


class ReportForm(Form):
    """What, where, and in one's own words. The length of the text is the rule's to judge."""

    kind = RadioField(
        _("Qu’avez-vous remarqué ?"),
        validators=[InputRequired(_("Choisissez ce que vous avez remarqué."))],
    )
    unit = SelectField(
        _("Dans quelle unité ?"),
        validators=[Optional()],
        validate_choice=False,  # the rule says it in a sentence
    )
    location = StringField(
        _("Où exactement ?"),
        filters=[tidy],
        validators=[
            Optional(),
            Length(
                max=MAX_LOCATION,
                message=_("Cet endroit est trop long : 500 caractères sont possibles."),
            ),
            no_control_characters,
        ],
    )
    body = TextAreaField(
        _("Ce que vous voulez dire"), filters=[tidy], validators=[no_control_characters]
    )

    def __init__(self, step: Step, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        hints = kind_hints()
        self.kind.choices = [
            (kind.value, f"{label} ({hints[kind]})") for kind, label in kind_words().items()
        ]
        self.unit.choices = [("", _("Toute l’étape, ou je ne sais pas"))]
        self.unit.choices += [(unit, unit) for unit in step.units]


class AnswerForm(Form):
    """A facilitator's word; the button says which state."""

    seen = HiddenField()
    word = TextAreaField(
        _("Votre mot"),
        filters=[tidy],
        validators=[
            Length(
                max=MAX_WORD, message=_("Ce mot est trop long : 2 000 caractères sont possibles.")
            ),
            no_control_characters,
        ],
    )
