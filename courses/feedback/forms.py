"""Reporting on a course, filtering reports, answering."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from courses.feedback.rules import MAX_LOCATION, MAX_PICTURE_TEXT, MAX_WORD
from courses.feedback.words import kind_hints, kind_words
from courses.paths.models import Step
from tierslieu.web.forms import Form, OwnForm, no_control_characters, tidy
from tierslieu.web.written import Theirs


class ReportForm(OwnForm):
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

    picture = FileField(
        _("Une capture d’écran"),
        description=_(
            "PNG, JPEG ou WebP. Recadrez-la : elle ne doit montrer ni nom, ni visage, ni message "
            "de quelqu’un. L’équipe du lieu la voit ; le lieu et la date de prise de vue en sont "
            "effacés."
        ),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    picture_text = StringField(
        _("Ce que montre la capture"),
        filters=[tidy],
        validators=[
            Optional(),
            Length(
                max=MAX_PICTURE_TEXT,
                message=_("Cette description est trop longue : 500 caractères sont possibles."),
            ),
            no_control_characters,
        ],
        description=_("En une phrase, pour qui ne voit pas l’image."),
    )

    def __init__(self, step: Step, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        hints = kind_hints()
        self.kind.choices = [
            (kind.value, f"{label} ({hints[kind]})") for kind, label in kind_words().items()
        ]
        self.unit.choices = [("", _("Toute l’étape, ou je ne sais pas"))]
        self.unit.choices += [(unit, Theirs(unit)) for unit in step.units]


class WordForm(Form):
    """A facilitator's word, and where the course team follows it."""

    word = TextAreaField(
        _("Votre mot"),
        filters=[tidy],
        validators=[
            Length(
                max=MAX_WORD, message=_("Ce mot est trop long : 2 000 caractères sont possibles.")
            ),
            no_control_characters,
        ],
    )
    url = StringField(
        _("Lien du suivi"),
        filters=[tidy],
        validators=[no_control_characters],
        description=_("L’adresse du ticket chez l’équipe du cours, si elle en tient un."),
        render_kw={"inputmode": "url"},
    )


class AnswerForm(WordForm):
    """The same for one report; the button says which state."""

    seen = HiddenField()
    shown = BooleanField(
        _("Montrer ce texte aux personnes qui signalent sur cette étape"),
        description=_("Sans nom. Décochez si l’on peut y reconnaître quelqu’un."),
    )
