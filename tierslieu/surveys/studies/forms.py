"""Designing a study: what it is, its text, a wave, who runs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from tierslieu.web.forms import Form, no_control_characters, tidy

_ASKED = InputRequired(_("Ce champ est nécessaire."))
_BETWEEN = _("Donnez un nombre entre %(min)s et %(max)s.")
EVERYBODY = ""


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
            *((str(path.id), path.title) for path in paths),
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
    delay_days = IntegerField(
        _("Combien de jours avant ou après"),
        validators=[
            InputRequired(_("Donnez un nombre.")),
            NumberRange(min=0, max=1000, message=_BETWEEN),
        ],
        description=_("0 : le jour même. 183 : six mois."),
        default=0,
    )
    open_days = IntegerField(
        _("Combien de jours on peut répondre"),
        validators=[
            InputRequired(_("Donnez un nombre.")),
            NumberRange(min=1, max=180, message=_BETWEEN),
        ],
        default=30,
    )
    reminders = IntegerField(
        _("Combien de rappels au plus"),
        validators=[
            InputRequired(_("Donnez un nombre.")),
            NumberRange(min=0, max=3, message=_BETWEEN),
        ],
        description=_("Ils cessent dès que la personne a répondu, ou dit non."),
        default=1,
    )
    remind_every_days = IntegerField(
        _("Tous les combien de jours"),
        validators=[
            InputRequired(_("Donnez un nombre.")),
            NumberRange(min=2, max=60, message=_BETWEEN),
        ],
        default=7,
    )

    def offer(
        self, instruments: Sequence[Instrument], occasions: Iterable[tuple[str, str]]
    ) -> None:
        """Let choose among these questionnaires, the newest version first, and occasions."""
        ordered = sorted(instruments, key=lambda one: (one.title.casefold(), -one.version))
        self.instrument.choices = [
            (str(one.id), _("%(title)s, version %(number)s", title=one.title, number=one.version))
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
