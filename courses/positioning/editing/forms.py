"""Writing questions: the sheet, a question with its answers, a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from courses.paths.editing.forms import Boxes, DraftForm
from courses.paths.facts import StepFacts, make_key
from courses.positioning.facts import (
    MOST,
    MOST_CHOICES,
    MOST_MINUTES,
    ChoiceFacts,
    Goal,
    ProposalFacts,
    ProposalKind,
    QuestionFacts,
    QuizFacts,
)
from courses.positioning.reading import UNKNOWN, Around, name_of
from courses.positioning.words import goal_words, kind_words, short_words
from tierslieu.web.forms import PartForm, no_control_characters, tidy
from tierslieu.web.written import Theirs

SPARE = 2  # empty lines below the answers there are


def _words(most: int, *, asked: bool = False) -> list[Any]:
    first = [InputRequired(_("Ce champ est nécessaire."))] if asked else [Optional()]
    too_long = _("Ce texte est trop long : %(max)d caractères sont possibles.")
    return [*first, Length(max=most, message=too_long), no_control_characters]


def _between(least: int, most: int) -> list[Any]:
    bounds = _("Donnez un nombre entre %(min)s et %(max)s.")
    return [
        InputRequired(_("Donnez un nombre.")),
        NumberRange(min=least, max=most, message=bounds),
    ]


class SheetForm(DraftForm):
    """What stands above the questions, and for whom they are."""

    intro = TextAreaField(
        _("Quelques mots avant les questions"),
        validators=_words(2000),
        description=_("À quoi sert ce questionnaire, et qu’il n’y a pas de bonne note."),
        filters=[tidy],
    )
    minutes = IntegerField(_("Combien de minutes"), validators=_between(1, MOST_MINUTES))
    goals = Boxes(
        _("Pour qui veut"),
        coerce=Goal,
        description=_("La page « Par où commencer » mène ici les personnes qui cherchent cela."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.goals.choices = [(one.value, label) for one, label in goal_words().items()]

    def values(self) -> dict[str, Any]:
        """What changes."""
        return {
            "intro": self.intro.data or "",
            "minutes": self.minutes.data,
            "goals": [one.value for one in self.goals.data or ()],
        }


class ChoiceForm(PartForm):
    """One answer of a question: an empty one is none."""

    key = StringField(widget=HiddenInput(), validators=[Optional(), Length(max=60)])
    text = StringField(_("Réponse"), validators=_words(200), filters=[tidy])
    counts_for = Boxes(_("Elle compte pour"), validate_choice=False)


class QuestionForm(DraftForm):
    """One question with its answers."""

    text = StringField(_("La question"), validators=_words(300, asked=True), filters=[tidy])
    help = StringField(
        _("Une précision"),
        validators=_words(500),
        description=_("Un exemple, ou un mot moins courant dit autrement."),
        filters=[tidy],
    )
    is_several = BooleanField(_("Plusieurs réponses sont possibles"))
    choices = FieldList(FormField(ChoiceForm), max_entries=MOST_CHOICES)

    def __init__(self, quiz: QuizFacts, around: Around, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        while len(self.choices) < MOST_CHOICES and (len(self.choices) < 2 or self._spare() < SPARE):
            self.choices.append_entry()
        possible = [(one.key, Theirs(short_words(one, around))) for one in quiz.proposals]
        for entry in self.choices:
            entry.form.counts_for.choices = possible

    def _spare(self) -> int:
        return sum(not (entry.form.text.data or "") for entry in self.choices)

    def question(self, key: str) -> QuestionFacts:
        """The question that was written. An answer keeps its key, whatever its words become."""
        taken, choices = {UNKNOWN}, []
        for entry in self.choices:
            text = entry.form.text.data or ""
            if not text:
                continue
            own = entry.form.key.data or ""
            own = own if own and own not in taken else make_key("", text, taken)
            taken.add(own)
            possible = {value for value, _label in entry.form.counts_for.choices or ()}
            choices.append(
                ChoiceFacts(
                    key=own,
                    text=text,
                    counts_for=tuple(
                        one for one in entry.form.counts_for.data or () if one in possible
                    ),
                )
            )
        return QuestionFacts(
            key=key,
            text=self.text.data,
            help=self.help.data or "",
            is_several=bool(self.is_several.data),
            choices=tuple(choices),
        )


def question_values(question: QuestionFacts) -> Mapping[str, Any]:
    """A question, as its form shows it."""
    return {
        "text": question.text,
        "help": question.help,
        "is_several": question.is_several,
        "choices": [
            {"key": one.key, "text": one.text, "counts_for": list(one.counts_for)}
            for one in question.choices
        ],
    }


class ProposalForm(DraftForm):
    """One thing that answers may propose."""

    kind = RadioField(
        _("Ce qui est proposé"),
        validators=[InputRequired(_("Choisissez ce qui est proposé."))],
    )
    step = SelectField(
        _("Quelle étape"),
        validate_choice=False,
        description=_("Pour une étape, à faire d’abord ou déjà connue."),
    )
    path = SelectField(
        _("Quel parcours"),
        validate_choice=False,
        description=_("Pour un autre parcours seulement."),
    )
    at_least = IntegerField(
        _("À partir de combien de questions qui parlent pour elle"),
        validators=_between(1, MOST),
        description=_("Une seule suffit pour une préparation ; mieux vaut plusieurs pour changer "
                      "de parcours."),
    )  # fmt: skip

    def __init__(self, around: Around, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [(kind.value, label) for kind, label in kind_words().items()]
        self.step.choices = [("", "—"), *_steps(around.steps)]
        self.path.choices = [
            ("", "—"),
            *((key, Theirs(name)) for key, name in around.paths.items()),
        ]

    def proposal(self, key: str) -> ProposalFacts:
        """The proposal that was written."""
        kind = ProposalKind(self.kind.data)
        return ProposalFacts(
            key=key,
            kind=kind,
            step=(self.step.data or None) if kind.is_of_step else None,
            path=None if kind.is_of_step else (self.path.data or None),
            at_least=self.at_least.data or 1,
        )


def _steps(steps: Sequence[StepFacts]) -> list[tuple[str, str]]:
    return [(step.key, Theirs(name_of(step))) for step in steps]


def proposal_values(proposal: ProposalFacts) -> Mapping[str, Any]:
    """A proposal, as its form shows it."""
    return {
        "kind": proposal.kind.value,
        "step": proposal.step or "",
        "path": proposal.path or "",
        "at_least": proposal.at_least,
    }


class PublishForm(DraftForm):
    """The last word before everybody is asked."""

    sure = BooleanField(
        _("J’ai relu ces questions"), validators=[InputRequired(_("Relisez-les d’abord."))]
    )
