"""Forms of bookings: shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from tierslieu.agenda.models import SeatMode
from tierslieu.agenda.series.rules import Scope
from tierslieu.agenda.words import scope_labels
from tierslieu.web.forms import Form, no_control_characters, tidy


def _mode(value: Any) -> SeatMode | None:
    if value is None or isinstance(value, SeatMode):
        return value
    try:
        return SeatMode(str(value))
    except ValueError:
        raise ValueError(_("Choisissez : sur place ou en ligne.")) from None


class ModeField(RadioField):
    """On site or online: the choices are those the session offers."""

    data: Any  # a SeatMode once the form is valid

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=_mode, validate_choice=False, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; anything but the two is said to be so."""
        self.data = _mode(valuelist[0]) if valuelist and valuelist[0] else None


class BookingForm(Form):
    """How one wants to take part."""

    mode = ModeField(
        _("Comment venez-vous ?"),
        validators=[InputRequired(_("Choisissez : sur place ou en ligne."))],
    )
    code = StringField(
        _("Code d’invitation"),
        validators=[
            Length(max=80, message=_("Ce code est trop long.")),
            no_control_characters,
        ],
        filters=[tidy],
    )


class DeskForm(Form):
    """A facilitator books for somebody who has an account.

    On the page of a session, beside one's own booking: the ids are its own.
    """

    email = StringField(
        _("Adresse mail de la personne"),
        id="pour-email",
        render_kw={"autocomplete": "off"},
        validators=[
            DataRequired(_("Écrivez l’adresse de la personne.")),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
    mode = ModeField(
        _("Comment vient-elle ?"),
        id="pour-mode",
        validators=[InputRequired(_("Choisissez : sur place ou en ligne."))],
    )


class CallOffForm(Form):
    """Why a session is cancelled, and how many of its series."""

    scope = RadioField(_("Annuler"), choices=[], default=Scope.ONE.value)

    reason = TextAreaField(
        _("Pourquoi ?"),
        description=_(
            "Tout le monde lit ce texte sur la page de la séance ; il part aussi par mail à toutes "
            "les personnes inscrites ou en attente."
        ),
        validators=[
            DataRequired(_("Dites pourquoi : c’est la première question qu’on vous posera.")),
            Length(max=500, message=_("500 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope.choices = [(one.value, words) for one, words in scope_labels().items()]
        self.scope.data = self.scope.data or Scope.ONE.value
