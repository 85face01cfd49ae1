"""Declaring a step, and answering."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from courses.progress.rules import MAX_TEXT
from tierslieu.web.forms import Form, OwnForm, no_control_characters, tidy
from tierslieu.web.links import MAX_URL

TOO_LONG = _("Ce texte est trop long : 4 000 caractères sont possibles.")


class DeclareForm(OwnForm):
    """What one shows of a step: one of the three is enough."""

    text = TextAreaField(
        _("En quelques mots"),
        filters=[tidy],
        validators=[Length(max=MAX_TEXT, message=TOO_LONG), no_control_characters],
    )
    url = StringField(
        _("Un lien"),
        filters=[tidy],
        validators=[
            Length(max=MAX_URL, message=_("Ce lien est trop long : raccourcissez-le.")),
            no_control_characters,
        ],
        render_kw={"inputmode": "url", "placeholder": "https://", "autocapitalize": "none"},
    )
    file = FileField(
        _("Un fichier"),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.txt,.csv,.py,.ipynb,.odt,.docx"},
    )


class AnswerForm(Form):
    """A facilitator's word; the button says validated or returned."""

    word = TextAreaField(
        _("Votre mot"),
        filters=[tidy],
        validators=[Length(max=MAX_TEXT, message=TOO_LONG), no_control_characters],
    )


class MoveForm(Form):
    """The version whose changes one has read."""

    number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
