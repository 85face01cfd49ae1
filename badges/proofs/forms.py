"""Choosing the step that a badge proves; the issuers trusted, and what badges are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired

from courses.enrolments.models import Enrolment
from courses.paths.models import Path, Step
from courses.paths.words import step_name
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs


class ProofForm(Form):
    """Which step: ``enrolment:step``."""

    step = SelectField(
        _("L’étape qu’il prouve"), validators=[InputRequired(_("Choisissez une étape."))]
    )

    def __init__(self, steps: Sequence[tuple[Enrolment, Step]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step.choices = [
            (
                f"{enrolment.id}:{step.id}",
                Theirs(f"{enrolment.path.short_title} – {step_name(step)}"),
            )
            for enrolment, step in steps
        ]


class IssuerForm(Form):
    """An issuer to trust."""

    issuer = StringField(
        _("Identifiant de l’émetteur"),
        filters=[tidy],
        validators=[
            InputRequired(_("Écrivez l’identifiant de l’émetteur.")),
            no_control_characters,
        ],
    )
    name = StringField(_("Son nom"), filters=[tidy], validators=[no_control_characters])


class WorthForm(Form):
    """Which step such a badge is worth: ``path:step key``."""

    issuer = HiddenField()
    achievement = HiddenField()
    name = HiddenField()
    step = SelectField(_("L’étape qu’il valide"), validate_choice=False)

    def __init__(self, steps: Sequence[tuple[Path, Step]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step.choices = [("", _("rien pour l’instant"))]
        self.step.choices += [
            (f"{path.id}:{step.key}", Theirs(f"{path.short_title} – {step_name(step)}"))
            for path, step in steps
        ]
