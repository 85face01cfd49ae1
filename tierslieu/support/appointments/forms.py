"""Taking an appointment: shape only; the rules say what can be."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from tierslieu.agenda.forms import text_field
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    Reason,
)
from tierslieu.support.appointments.rules import MAX_WORDS, Asked
from tierslieu.support.appointments.words import mode_words, reason_words
from tierslieu.web.formats import upper_first
from tierslieu.web.forms import OwnForm, no_control_characters, tidy


class BookForm(OwnForm):
    """How one meets and, if one wants to say it, why."""

    mode = RadioField(
        _("Comment se rencontrer ?"),
        validators=[InputRequired(_("Choisissez comment vous rencontrer."))],
    )
    phone = StringField(
        _("À quel numéro vous appeler ?"),
        description=_(
            "Pour un rendez-vous par téléphone seulement. La personne qui vous appelle est seule "
            "à le voir ; il est effacé ensuite."
        ),
        filters=[tidy],
        validators=[no_control_characters],
        render_kw={"autocomplete": "tel", "maxlength": "40"},
    )
    reason = SelectField(_("De quoi voulez-vous parler ?"), validators=[Optional()])
    words = text_field(
        _("En quelques mots"),
        MAX_WORDS,
        area=True,
        description=_("Lu par la personne que vous rencontrez, et par personne d’autre."),
    )

    def __init__(self, slot: AppointmentSlot, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        words = mode_words()
        self.mode.choices = [(mode.value, upper_first(words[mode])) for mode in slot.modes]
        if len(slot.modes) == 1 and not self.mode.data:
            self.mode.data = slot.modes[0].value
        self.reason.choices = [("", _("Je le dirai sur place"))]
        self.reason.choices += [(one.value, said) for one, said in reason_words().items()]
        if AppointmentMode.PHONE not in slot.modes:
            del self.phone

    def asked(self) -> Asked:
        """What was chosen."""
        phone = self._fields.get("phone")
        return Asked(
            AppointmentMode(self.mode.data),
            Reason(self.reason.data) if self.reason.data else None,
            self.words.data or "",
            (phone.data or "") if phone is not None else "",
        )


def values_of(appointment: Appointment, slot: AppointmentSlot) -> dict[str, str]:
    """The form of another slot as the appointment has it now; the number is asked anew by who
    would see it for the first time."""
    is_same_person = appointment.slot.facilitator_id == slot.facilitator_id
    return {
        "mode": appointment.mode.value if appointment.mode in slot.modes else "",
        "reason": appointment.reason.value if appointment.reason else "",
        "words": appointment.words,
        "phone": appointment.phone if is_same_person else "",
    }
