"""Opening slots, closing one: shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.agenda.forms import (
    ChosenField,
    CountField,
    DayField,
    HourField,
    text_field,
    web_address,
)
from tierslieu.agenda.queries import list_rooms
from tierslieu.support.appointments.models import AppointmentMode
from tierslieu.support.appointments.words import mode_words
from tierslieu.support.slots.rules import Opening
from tierslieu.web.formats import upper_first
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs

MINUTES = 30


class OpenForm(Form):
    """Slots of one length between two hours of a day, once or every week."""

    day = DayField(_("Jour"), validators=[InputRequired(_("Choisissez un jour."))])
    starts = HourField(_("De"), validators=[InputRequired(_("À partir de quelle heure ?"))])
    ends = HourField(_("À"), validators=[InputRequired(_("Jusqu’à quelle heure ?"))])
    minutes = CountField(
        _("Durée d’un rendez-vous, en minutes"),
        default=MINUTES,
        validators=[InputRequired(_("Combien de minutes dure un rendez-vous ?"))],
    )
    until = DayField(
        _("Chaque semaine, jusqu’au"),
        description=_("Laissez vide pour ce seul jour. Six mois au plus."),
        validators=[Optional()],
    )
    modes = SelectMultipleField(
        _("Comment se rencontrer ?"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    room = ChosenField(
        _("Salle"),
        description=_("Elle est indiquée, pas réservée : une séance peut la prendre."),
    )
    place = text_field(_("Ou le lieu, en quelques mots"), 200)
    online_link = StringField(
        _("Lien de la réunion en ligne"),
        description=_("Montré à la seule personne qui a pris ce créneau en ligne."),
        validators=[
            Optional(),
            Length(max=500, message=_("%(length)s caractères au plus.", length=500)),
            no_control_characters,
            web_address,
        ],
        filters=[tidy, lambda text: text or ""],
    )

    def __init__(self, db: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        words = mode_words()
        self.modes.choices = [(mode.value, upper_first(words[mode])) for mode in AppointmentMode]
        self.room.choices = [("", _("Pas une salle de l’agenda"))]
        self.room.choices += [(str(room.id), Theirs(room.name)) for room in list_rooms(db)]

    def opening(self) -> Opening:
        """What was asked."""
        chosen = set(self.modes.data or [])
        assert self.day.data is not None
        assert self.starts.data is not None
        assert self.ends.data is not None
        assert self.minutes.data is not None
        return Opening(
            first=self.day.data,
            starts=self.starts.data,
            ends=self.ends.data,
            minutes=self.minutes.data,
            on_site=AppointmentMode.ONSITE.value in chosen,
            online=AppointmentMode.ONLINE.value in chosen,
            by_phone=AppointmentMode.PHONE.value in chosen,
            room_id=self.room.data,
            place=self.place.data,
            online_link=self.online_link.data,
            until=self.until.data,
        )


class CloseForm(Form):
    """A word for who had booked."""

    word = TextAreaField(
        _("Votre mot"), filters=[tidy], validators=[no_control_characters]
    )  # its length is the rule's to judge, and whether there must be one
