"""Writing a note, correcting it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from tierslieu.agenda.forms import text_field
from tierslieu.support.notes.models import NoteLevel
from tierslieu.support.notes.rules import MAX_BODY
from tierslieu.support.notes.words import level_choices
from tierslieu.web.forms import Form, OwnForm

ASKED = _("Écrivez votre note.")


class NoteForm(Form):
    """A note and who reads it: no level is chosen beforehand, for one would be taken unseen."""

    body = text_field(
        _("Votre note"),
        MAX_BODY,
        area=True,
        required=ASKED,
        description=_(
            "Des faits, et ce qui est convenu. La personne peut demander à lire tout ce qui est "
            "écrit sur elle : rien sur sa santé, sa vie privée ou d’autres personnes."
        ),
    )
    level = RadioField(
        _("Qui la lit ?"), validators=[InputRequired(_("Choisissez qui lit cette note."))]
    )

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.level.choices = [(one.value, said) for one, said in level_choices(name).items()]

    def chosen(self) -> NoteLevel:
        """Who reads it."""
        return NoteLevel(self.level.data)


class CorrectForm(OwnForm):
    """The words alone."""

    body = text_field(_("Votre note"), MAX_BODY, area=True, required=ASKED)
