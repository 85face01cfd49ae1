"""The form of seats kept for colleagues: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from tierslieu.bookings.forms import ModeField
from tierslieu.web.forms import Form, no_control_characters, tidy


class ColleaguesForm(Form):
    """For whom seats are kept."""

    emails = TextAreaField(
        _("Adresses mail de vos collègues"),
        description=_("Une par ligne, dix au plus. Elles ne servent qu’à leur écrire cela."),
        validators=[
            DataRequired(_("Écrivez l’adresse de vos collègues, une par ligne.")),
            Length(max=3000, message=_("3000 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
    mode = ModeField(
        _("Comment viennent-ils ?"),
        validators=[InputRequired(_("Choisissez : sur place ou en ligne."))],
    )
    code = StringField(_("Code d’invitation"), filters=[tidy])

    @property
    def lines(self) -> list[str]:
        """The addresses, one each."""
        text = (self.emails.data or "").replace(",", "\n").replace(";", "\n")
        return [line.strip() for line in text.splitlines() if line.strip()]
