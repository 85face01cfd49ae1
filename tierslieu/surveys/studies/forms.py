"""Designing a study: what it is, its text, a wave, who runs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from courses.paths.models import Path
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.studies.designing import StudyFacts, WaveFacts
from tierslieu.surveys.studies.reminding import MOST_REMINDERS
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs

_ASKED = InputRequired(_("Ce champ est nécessaire."))
_BETWEEN = _("Donnez un nombre entre %(min)s et %(max)s.")
EVERYBODY = ""


def _number(label: Any, low: int, high: int, given: int, hint: Any = "") -> IntegerField:
    asked = InputRequired(_("Donnez un nombre."))
    between = NumberRange(min=low, max=high, message=_BETWEEN)
    return IntegerField(label, validators=[asked, between], description=hint, default=given)


class BeginStudyForm(Form):
    """A new study."""

    title = StringField(
        _("Titre"), validators=[_ASKED, Length(max=120), no_control_characters], filters=[tidy]
    )


class StudyForm(BeginStudyForm):
    """What a study says of itself."""

    description = TextAreaField(
        _("Ce que cherche l’étude"),
        validators=[_ASKED, Length(max=2000), no_control_characters],
        description=_("En deux phrases, pour les personnes à qui elle est proposée."),
        filters=[tidy],
    )
    responsible = StringField(
        _("Qui en répond"),
        validators=[_ASKED, Length(max=300), no_control_characters],
        description=_("Nom, laboratoire, et une adresse où écrire."),
        filters=[tidy],
    )
    path = SelectField(
        _("À qui elle est proposée"),
        validators=[Optional()],
        description=_("Un parcours choisi, elle ne parle que de ce parcours."),
    )

    def offer(self, paths: Iterable[Path]) -> None:
        """Let choose everybody, or those who follow one of these paths."""
        self.path.choices = [
            (EVERYBODY, str(_("À tout le monde"))),
            *((str(path.id), Theirs(path.title)) for path in paths),
        ]

    def facts(self) -> StudyFacts:
        """What was written."""
        return StudyFacts(
            title=self.title.data or "",
            description=self.description.data or "",
            responsible=self.responsible.data or "",
            path_id=UUID(self.path.data) if self.path.data else None,
        )


class TextForm(Form):
    """The text one agrees to."""

    body = TextAreaField(
        _("Le texte"),
        validators=[_ASKED, Length(max=10_000), no_control_characters],
        description=_("**gras**, listes avec - et liens en Markdown."),
        render_kw={"rows": 18},
    )
    allows_texts = BooleanField(
        _("Des réponses écrites pourront sortir, une fois relues"),
        description=_(
            "Ajoute au texte un paragraphe qui le dit. Sans lui, les réponses écrites restent au "
            "lieu, quoi qu’il arrive."
        ),
    )


class PublishForm(Form):
    """Whether those who agreed to an earlier text are asked again."""

    asks_anew = BooleanField(
        _("Ce texte demande davantage : redemander leur accord aux personnes qui ont déjà accepté"),
    )


class WaveForm(Form):
    """What a wave asks, of whom, when."""

    title = StringField(
        _("Titre de la vague"),
        validators=[_ASKED, Length(max=120), no_control_characters],
        filters=[tidy],
    )
    instrument = SelectField(_("Questionnaire"), validators=[_ASKED])
    occasion = SelectField(_("Quand"), validators=[_ASKED])
    delay_days = _number(
        _("Combien de jours avant ou après"), 0, 1000, 0, _("0 : le jour même. 183 : six mois.")
    )
    open_days = _number(_("Combien de jours on peut répondre"), 1, 180, 30)
    reminders = _number(
        _("Combien de rappels au plus"),
        0,
        MOST_REMINDERS,
        1,
        _("Ils cessent dès que la personne a répondu, ou dit non."),
    )
    remind_every_days = _number(_("Tous les combien de jours"), 2, 60, 7)

    def offer(
        self, instruments: Sequence[Instrument], occasions: Iterable[tuple[str, str]]
    ) -> None:
        """Let choose among these questionnaires, the newest version first, and occasions."""
        ordered = sorted(instruments, key=lambda one: (one.title.casefold(), -one.version))
        self.instrument.choices = [
            (
                str(one.id),
                Theirs(_("%(title)s, version %(number)s", title=one.title, number=one.version)),
            )
            for one in ordered
        ]
        self.occasion.choices = list(occasions)

    def facts(self) -> WaveFacts:
        """What was chosen."""
        return WaveFacts(
            title=self.title.data or "",
            occasion=self.occasion.data,
            delay_days=self.delay_days.data or 0,
            instrument_id=UUID(self.instrument.data),
            open_days=self.open_days.data or 1,
            reminders=self.reminders.data or 0,
            remind_every_days=self.remind_every_days.data or 7,
        )


class ResearcherForm(Form):
    """Somebody else who runs the study."""

    email = EmailField(
        _("Adresse du compte"), validators=[_ASKED, Length(max=254), no_control_characters]
    )


class CutForm(Form):
    """The name of the study, typed by who decides."""

    slug = StringField(_("Nom de l’étude"), validators=[_ASKED, Length(max=80)], filters=[tidy])
