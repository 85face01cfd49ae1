"""Asking for free texts, replacing a passage, answering."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from tierslieu.evaluation.free_text.gathering import Question
from tierslieu.evaluation.free_text.rules import MOST_PASSAGE, STRUCK
from tierslieu.surveys.editing.forms import Boxes
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs

_ASKED = InputRequired(_("Ce champ est nécessaire."))


class AskTextsForm(Form):
    """Which answers, and why."""

    questions = Boxes(
        _("Questions"), validators=[InputRequired(_("Choisissez au moins une question."))]
    )
    reason = TextAreaField(
        _("Pourquoi l’étude en a besoin"),
        validators=[_ASKED, Length(max=1000), no_control_characters],
        description=_("La coordination le lit avant les textes."),
        filters=[tidy],
    )

    def offer(self, questions: Sequence[Question]) -> None:
        """Let choose among these questions."""
        self.questions.choices = [
            SelectChoice(
                f"{one.wave.id} {one.item.name}",
                Theirs(f"{one.wave.title}\u00a0: {one.item.text}"),
            )
            for one in questions
        ]

    def chosen(self) -> list[tuple[UUID, str]]:
        """The wave and the item of each."""
        split = [value.split(" ", 1) for value in self.questions.data or []]
        return [(UUID(wave), item) for wave, item in split]


class PassageForm(Form):
    """What is replaced in a text, and by what."""

    passage = StringField(
        _("Le passage à remplacer"),
        validators=[_ASKED, Length(max=MOST_PASSAGE), no_control_characters],
        description=_("Un nom, un lieu, une école : comme il est écrit."),
        filters=[tidy],
    )
    by = StringField(
        _("Par"),
        validators=[Length(max=60), no_control_characters],
        default=STRUCK,
        filters=[tidy],
    )


class DecisionForm(Form):
    """The answer of the coordination."""

    answer = RadioField(
        _("Votre réponse"),
        choices=[
            SelectChoice("agree", _("Les textes retenus peuvent sortir")),
            SelectChoice("refuse", _("Rien ne sort")),
        ],
        validators=[InputRequired(_("Choisissez une réponse."))],
    )
    word = TextAreaField(
        _("Un mot pour l’équipe de l’étude"),
        validators=[Length(max=1000), no_control_characters],
        description=_("Nécessaire pour un refus. N’y recopiez aucun texte."),
        filters=[tidy],
    )
