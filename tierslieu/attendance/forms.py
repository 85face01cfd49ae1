"""The roll as one form: shape only."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional

from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import HalfDay, RollEntry
from tierslieu.web.forms import Form, no_control_characters, tidy


class RollForm(Form):
    """What is typed beside the ticks: somebody who came without a booking (all empty when nobody
    did), and why a roll of another day is corrected."""

    guest_name = StringField(
        _("Nom"),
        validators=[
            Optional(),
            Length(max=120, message=_("120 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
    guest_email = StringField(
        _("Adresse mail"),
        validators=[
            Optional(),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
    guest_mode = RadioField(_("Comment ?"), validators=[Optional()], validate_choice=False)

    why = StringField(
        _("Pourquoi l’appel change"),
        description=_(
            "Le jour est passé : une correction garde sa raison, lue par l’équipe et par la "
            "personne, si elle demande ses données."
        ),
        validators=[
            Length(max=300, message=_("300 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be added."""
        return not (self.guest_name.data or self.guest_email.data)

    def entry(self, half_day: HalfDay) -> RollEntry:
        """The person to add, present."""
        modes = {mode.value: mode for mode in SeatMode}
        return RollEntry(
            Presence.PRESENT,
            guest_name=self.guest_name.data or "",
            guest_email=self.guest_email.data or "",
            mode=modes.get(self.guest_mode.data or ""),
            half_days=(half_day,),
        )


def read_roll(
    form: MultiDict[str, str], guests: Mapping[str, str], half: HalfDay
) -> list[RollEntry]:
    """What the boxes say, line by line of the page that was sent.

    Present wins over excused, nothing ticked is absent. ``listed`` carries each line's key and
    what the page showed of it: a line left as it was is left alone, so that two who call the roll
    together do not undo each other. Nothing noted yet and nothing ticked is absent only if nobody
    has noted otherwise meanwhile. ``guests``: names by address of those without an account.
    """
    present, excused = set(form.getlist("present")), set(form.getlist("excused"))
    entries = []
    for item in dict.fromkeys(form.getlist("listed")):
        key, _space, was = item.rpartition(" ")
        presence = (
            Presence.PRESENT
            if key in present
            else Presence.EXCUSED
            if key in excused
            else Presence.ABSENT
        )
        if presence.value == was:
            continue
        is_default = was == "none" and presence is Presence.ABSENT
        user_id = _account(key)
        if user_id is not None:
            entries.append(RollEntry(presence, user_id, half_days=(half,), is_default=is_default))
        elif key in guests:
            entries.append(
                RollEntry(
                    presence,
                    guest_name=guests[key],
                    guest_email=key,
                    half_days=(half,),
                    is_default=is_default,
                )
            )
    return entries


def _account(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
