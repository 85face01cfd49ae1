"""What the place says of itself, as it is typed: shape only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    ColorField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tierslieu.agenda.forms import DayField, not_over, text_field
from tierslieu.agenda.places.forms import WeekForm
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.place.colours import house_accent
from tierslieu.place.parts import BY_KEY, PARTS
from tierslieu.place.said import Closure, Place, Site
from tierslieu.web.contrast import is_colour
from tierslieu.web.forms import Form, PartForm, no_control_characters, tidy

MOST_SITES = 8
LOGOS = ".svg,.png,.jpg,.jpeg"


class SeenForm(Form):
    """A form that says which version of the place it was filled in from."""

    seen = IntegerField(
        validators=[
            InputRequired(_l("Ce formulaire est abîmé : rouvrez la page.")),
            NumberRange(min=0, max=2**31 - 1, message=_l("Ce formulaire est abîmé.")),
        ],
        widget=HiddenInput(),
    )


def _is_address(form: Any, field: Any) -> None:
    if not field.data:
        return
    try:
        # As of a person: what a mail program cannot answer to is found out here, not by who writes.
        field.data = normalise_email(field.data)
    except BadAddress:
        raise ValidationError(
            _(
                "Écrivez une seule adresse mail, sans accent avant le « @ », comme "
                "equipe@exemple.fr."
            )
        ) from None


class IdentityForm(SeenForm):
    """What the place is called, what it is, whom to write to."""

    name = text_field(_l("Nom du lieu"), 80, required=_l("Donnez un nom à ce lieu."))
    name_en = text_field(
        _l("Nom en anglais"),
        80,
        description=_l("Vide : le même qu’en français."),
        render_kw={"lang": "en"},
    )
    about = text_field(
        _l("Présentation"), 600, area=True, description=_l("Quelques phrases, sur la page du lieu.")
    )
    about_en = text_field(
        _l("Présentation en anglais"), 600, area=True, render_kw={"lang": "en", "rows": 4}
    )
    contact = EmailField(
        _l("Adresse mail de l’équipe"),
        [Length(max=254), no_control_characters, _is_address],
        filters=[tidy, lambda text: text or ""],
        description=_l(
            "Au pied des pages et des mails, et pour les réponses. Vide : celle des réglages du "
            "serveur."
        ),
        render_kw={"autocomplete": "off"},
    )
    phone = text_field(_l("Téléphone"), 40, render_kw={"autocomplete": "off"})

    def validate_phone(self, field: Any) -> None:
        """A number that a phone can dial."""
        digits = sum(c.isdigit() for c in field.data)
        if field.data and (digits < 3 or set(field.data) - set("0123456789+-./() \u00a0\u202f")):
            raise ValidationError(_("Écrivez ce numéro avec des chiffres, comme 04 70 00 00 00."))

    def show(self, place: Place) -> None:
        """Put what holds into a form that was not sent."""
        for name in self.texts:
            self[name].data = getattr(place, name)

    texts = ("name", "name_en", "about", "about_en", "contact", "phone")

    @property
    def value(self) -> dict[str, str]:
        """What was typed, once the form is valid."""
        return {name: self[name].data for name in self.texts}


class SiteForm(PartForm):
    """One address."""

    name = text_field(
        _l("Nom"), 80, description=_l("S’il y en a plusieurs : « Centre », « Gare ».")
    )
    address = text_field(_l("Adresse"), 200)
    access = text_field(
        _l("Pour y venir"),
        500,
        area=True,
        description=_l("Bus, tram, stationnement, étage, marches, porte."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A name alone leads nobody there."""
        is_well: bool = super().validate(extra_validators)
        if is_well and not self.address.data and (self.name.data or self.access.data):
            words = _("Écrivez l’adresse, ou effacez aussi le nom et l’accès.")
            self.address.errors = [words]
            return False
        return is_well


class SitesForm(SeenForm):
    """Where the place is; an address emptied is gone."""

    sites = FieldList(FormField(SiteForm), max_entries=MOST_SITES)

    def show(self, sites: Sequence[Site]) -> None:
        """Put what holds into a form that was not sent, and room for one more."""
        for one in sites:
            self.sites.append_entry(
                {"name": one.name, "address": one.address, "access": one.access}
            )
        if len(sites) < MOST_SITES:
            self.sites.append_entry()

    @property
    def value(self) -> list[dict[str, str]]:
        """What was typed, once the form is valid."""
        return [one.form.data for one in self.sites if one.form.address.data]


class HoursForm(WeekForm, SeenForm):
    """When the place is open."""


class ColoursForm(SeenForm):
    """The colour of the place: chosen from a palette, or written. Without a script the two do not
    know of each other: the one that was changed counts, the written one if both were."""

    picked = ColorField(_l("Choisir sur une palette"))
    accent = text_field(
        _l("Ou l’écrire"),
        20,
        description=_l("Comme #0e5a6d. Vide : les couleurs d’origine."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    shown = HiddenField()  # what the form was filled in with

    def validate_accent(self, field: Any) -> None:
        """Three or six digits of sixteen."""
        text = field.data.lower().removeprefix("#")
        if len(text) == 3:
            text = "".join(c * 2 for c in text)
        if text and not is_colour(f"#{text}"):
            raise ValidationError(
                _("Écrivez cette couleur en six chiffres de 0 à f, comme #0e5a6d.")
            )
        field.data = f"#{text}" if text else ""

    def show(self, accent: str) -> None:
        """Put what holds, or was just chosen, into both fields."""
        self.accent.data = self.shown.data = accent
        self.picked.data = accent or house_accent()

    @property
    def value(self) -> str:
        """What was chosen, ``#rrggbb`` or empty, once the form is valid."""
        shown = self.shown.data or ""
        picked = (self.picked.data or "").lower()
        is_picked = is_colour(picked) and picked != (shown or house_accent())
        written: str = self.accent.data
        return picked if is_picked and written == shown else written


class LogoForm(SeenForm):
    """The logo: a file for light pages, another for dark ones if need be."""

    light = FileField(
        _l("Le logo"),
        description=_l("SVG, PNG ou JPEG, un mégaoctet au plus. Sans marge : il est montré petit."),
        render_kw={"accept": LOGOS},
    )
    dark = FileField(
        _l("Pour les pages sombres"),
        description=_l(
            "S’il se voit mal sur fond sombre. Sans lui, un fond clair est mis dessous."
        ),
        render_kw={"accept": LOGOS},
    )
    alone = BooleanField(_l("Ce logo dit déjà le nom du lieu : ne pas l’écrire à côté"))


class PartsForm(SeenForm):
    """Which parts of the house are on."""

    parts = SelectMultipleField(
        _l("Allumées"),
        choices=[SelectChoice(part.key, part.label) for part in PARTS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @property
    def value(self) -> list[str]:
        """Those that are off, once the form is valid."""
        return sorted(set(BY_KEY) - set(self.parts.data or ()))


class ClosureForm(SeenForm):
    """Days on which the whole place is closed."""

    first = DayField(_l("Du"), validators=[InputRequired(_l("Quel jour ?"))])
    last = DayField(
        _l("Au"), validators=[InputRequired(_l("Jusqu’à quel jour compris ?")), not_over]
    )
    why = text_field(_l("Pourquoi"), 100)

    def validate_last(self, field: Any) -> None:
        """In order, and no more than a year."""
        if self.first.data and field.data:
            if field.data < self.first.data:
                raise ValidationError(_("Le dernier jour vient avant le premier."))
            if (field.data - self.first.data).days > 366:
                raise ValidationError(_("Un an au plus : vérifiez l’année."))

    @property
    def closure(self) -> Closure:
        """What was typed, once the form is valid."""
        return Closure(self.first.data, self.last.data, self.why.data)
