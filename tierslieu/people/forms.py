"""The profile: what serves, and beside each question why it is asked."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from babel import Locale
from flask_babel import lazy_gettext as _
from wtforms import EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from tierslieu.people.models import AgeBand, Audience, Gender, fold
from tierslieu.people.rules import NAME_LIMIT
from tierslieu.web.forms import Form, OwnForm, no_control_characters, tidy
from tierslieu.web.languages import current

Member = TypeVar("Member", bound=enum.Enum)

AUDIENCE_LABELS = {
    Audience.TEACHER: _("J’enseigne"),
    Audience.CAREER_CHANGER: _("Je change de métier : je travaille ailleurs et je veux enseigner"),
    Audience.GRADUATE_OR_VAE: _("Je sors d’études, ou je prépare une VAE"),
    Audience.ANYBODY: _("Je viens par curiosité ou pour mon métier, quel qu’il soit"),
}
AGE_LABELS = {
    AgeBand.FROM_15: _("15 à 24 ans"),
    AgeBand.FROM_25: _("25 à 34 ans"),
    AgeBand.FROM_35: _("35 à 44 ans"),
    AgeBand.FROM_45: _("45 à 54 ans"),
    AgeBand.FROM_55: _("55 ans ou plus"),
}
GENDER_LABELS = {
    Gender.WOMAN: _("Femme"),
    Gender.MAN: _("Homme"),
    Gender.SELF_DESCRIBED: _("Je le dis avec mes mots"),
}
# What Babel names beside the countries of ISO 3166-1: unions, outlying parts, test regions.
NO_COUNTRY = frozenset(
    [
        "AC",
        "AQ",
        "BV",
        "CP",
        "CQ",
        "DG",
        "EA",
        "EU",
        "EZ",
        "HM",
        "IC",
        "QO",
        "TA",
        "TF",
        "UM",
        "UN",
        "XA",
        "XB",
        "ZZ",
    ]
)
# The neighbours of the French language first; all the others follow by name.
FIRST_COUNTRIES = ("FR", "BE", "CH", "LU", "MC", "CA", "SN", "CI", "MA", "TN", "DZ", "MG", "BJ")


def list_countries() -> list[SelectChoice]:
    """Codes (ISO 3166-1 alpha-2) and names, those of most of our people first."""
    names = {
        code: name
        for code, name in Locale(current()).territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    }
    others = sorted(set(names) - set(FIRST_COUNTRIES), key=lambda code: fold(names[code]))
    return [SelectChoice(code, names[code]) for code in (*FIRST_COUNTRIES, *others)]


def _as(kind: type[Member]) -> Callable[[Any], Member | None]:
    return lambda value: kind(value) if value else None


def _text(label: Any, limit: int, hint: Any = "", area: bool = False) -> Any:
    kind = TextAreaField if area else StringField
    return kind(
        label,
        description=hint,
        filters=[tidy],
        render_kw={"maxlength": limit},
        validators=[
            Length(max=limit, message=_("Ce texte est trop long : %(max)d caractères au plus.")),
            no_control_characters,
        ],
    )


class ProfileForm(OwnForm):
    """A person's own words about themselves. Only the public is required."""

    name = _text(
        _("Votre nom"),
        NAME_LIMIT,
        _("Tel que vous voulez qu’on vous appelle, et qu’il figure sur vos badges."),
    )
    audience = RadioField(
        _("Vous venez parce que…"),
        description=_("Pour vous proposer le parcours et les séances qui vous correspondent."),
        choices=[SelectChoice(a.value, label) for a, label in AUDIENCE_LABELS.items()],
        validators=[InputRequired(message=_("Choisissez la phrase la plus proche."))],
    )
    teaches_what = _text(
        _("Ce que vous enseignez"),
        120,
        _("Si vous enseignez : SNT, NSI, mathématiques… Pour réunir des collègues."),
    )
    teaches_where = _text(
        _("À quel niveau, ou dans quel établissement"),
        120,
        _("Si vous enseignez : pour l’attestation remise à votre employeur."),
    )
    town = _text(_("Ville"), 120, _("Pour savoir d’où l’on vient et choisir les horaires."))
    country = SelectField(_("Pays"), choices=list_countries, default="FR")
    aims = _text(
        _("Ce que vous aimeriez savoir faire"),
        1000,
        _("Quelques mots suffisent, pour mieux vous orienter."),
        area=True,
    )
    age_band = SelectField(
        _("Tranche d’âge"),
        description=_(
            "Pour voir, en nombre seulement, si le lieu sert à tous les âges. "
            "Jamais affichée avec votre nom."
        ),
        choices=[
            SelectChoice("", _("Je préfère ne pas le dire")),
            *(SelectChoice(a.value, label) for a, label in AGE_LABELS.items()),
        ],
    )
    gender = SelectField(
        _("Genre"),
        description=_(
            "L’égalité entre femmes et hommes en informatique est une priorité du lieu : la "
            "réponse sert à la mesurer, en nombre seulement. Elle ne change rien à vos droits."
        ),
        choices=[
            SelectChoice("", _("Je préfère ne pas le dire")),
            *(SelectChoice(g.value, label) for g, label in GENDER_LABELS.items()),
        ],
    )
    gender_described = _text(_("Avec vos mots"), 60, _("Si vous avez choisi de le dire ainsi."))

    def values(self) -> dict[str, Any]:
        """What :func:`tierslieu.people.rules.save_profile` takes."""
        return {
            "audience": Audience(self.audience.data),
            "teaches_what": self.teaches_what.data or "",
            "teaches_where": self.teaches_where.data or "",
            "town": self.town.data or "",
            "country": self.country.data,
            "aims": self.aims.data or "",
            "age_band": _as(AgeBand)(self.age_band.data),
            "gender": _as(Gender)(self.gender.data),
            "gender_described": self.gender_described.data or "",
        }


class AddressForm(Form):
    """An address that is asked to be one's own, and what for."""

    email = EmailField(
        _("Nouvelle adresse"),
        [DataRequired(_("Écrivez votre adresse mail.")), Length(max=320), no_control_characters],
        filters=[tidy],
        render_kw={"autocomplete": "email"},
    )
    use = RadioField(
        _("Pour quoi faire"),
        choices=[
            SelectChoice("account", _("En faire l’adresse de mon compte")),
            SelectChoice("badges", _("La garder en plus, pour reconnaître mes badges")),
        ],
        default="account",
    )
