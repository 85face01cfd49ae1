"""Forms of rooms, their hours, and the agenda's settings: shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange

from tierslieu.agenda.forms import MOST_SEATS, CountField, DayField, not_over, text_field
from tierslieu.agenda.hours import Week, parse_spans, say_spans
from tierslieu.agenda.school import ZONES
from tierslieu.web.forms import Form


class SpansField(StringField):
    """The hours of a day, typed as one says them; empty is none."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return say_spans(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; what isn't hours is said to be so."""
        self.data = parse_spans(valuelist[0]) if valuelist else ()


class WeekForm(Form):
    """The hours of each day of a week."""

    monday = SpansField(_("Lundi"))
    tuesday = SpansField(_("Mardi"))
    wednesday = SpansField(_("Mercredi"))
    thursday = SpansField(_("Jeudi"))
    friday = SpansField(_("Vendredi"))
    saturday = SpansField(_("Samedi"))
    sunday = SpansField(_("Dimanche"))

    @property
    def day_fields(self) -> list[SpansField]:
        """One field a day, Monday first."""
        return [
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        ]

    @property
    def week(self) -> Week:
        """What was typed, once the form is valid."""
        return Week(tuple(tuple(field.data or ()) for field in self.day_fields))

    def show_week(self, week: Week) -> None:
        """Put hours into a form that was not sent."""
        for field, spans in zip(self.day_fields, week.days, strict=True):
            field.data = spans


class RoomForm(WeekForm):
    """A room."""

    name = text_field(_("Nom"), 80, required=_("Donnez un nom à cette salle."))
    places = CountField(
        _("Nombre de places"),
        validators=[
            InputRequired(_("Combien de personnes cette salle peut-elle accueillir ?")),
            NumberRange(
                min=1, max=MOST_SEATS, message=_("Entre 1 et %(most)s places.", most=MOST_SEATS)
            ),
        ],
    )
    address = text_field(_("Adresse"), 200)
    access = text_field(
        _("Pour y entrer"),
        500,
        area=True,
        description=_("Étage, ascenseur, marches, porte, bus : ce qu’il faut savoir pour venir."),
    )
    equipment = text_field(_("Équipement"), 500, area=True)


class ClosureForm(Form):
    """Days on which a room is closed."""

    first = DayField(_("Du"), validators=[InputRequired(_("Quel jour ?"))])
    last = DayField(_("Au"), validators=[InputRequired(_("Jusqu’à quel jour compris ?")), not_over])
    why = text_field(_("Pourquoi"), 100)


class SettingsForm(WeekForm):
    """What the team sets for the whole agenda; the week is that of classes."""

    school_zone = RadioField(_("Zone des vacances scolaires"), choices=[])
    refuses_closed = BooleanField(
        _("Refuser une séance quand le lieu ou la salle ne sont pas ouverts"),
        description=_("Sinon, le formulaire le dit et demande de confirmer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, _("Zone %(zone)s", zone=zone)) for zone in ZONES]
        self.school_zone.choices = [*zones, ("", _("Aucune : hors de la France métropolitaine"))]
