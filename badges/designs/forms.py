"""The form of a badge class: parse and shape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.validators import Optional as Maybe
from wtforms.widgets import CheckboxInput, ListWidget

from badges.designs.criteria_forms import CriteriaFields, changed_rows, criteria_values
from badges.designs.frameworks import Skill, find_skill, search_skills
from badges.designs.models import BadgeClass
from badges.designs.rules import Design
from tierslieu.agenda.forms import CountField
from tierslieu.web.forms import Form, no_control_characters, tidy

SHAPE_NAMES = {
    "hexagon": _("Hexagone"),
    "circle": _("Cercle"),
    "square": _("Carré"),
    "shield": _("Écu"),
    "flower": _("Rosace"),
}
COLOUR_NAMES = {
    "mer": _("Mer"),
    "terra": _("Terre"),
    "olive": _("Olive"),
    "soleil": _("Soleil"),
    "nuit": _("Nuit"),
}
ICON_NAMES = {
    "code": _("Code"),
    "robot": _("Robot"),
    "data": _("Données"),
    "web": _("Web"),
    "network": _("Réseau"),
    "book": _("Livre"),
    "people": _("Groupe"),
    "bulb": _("Idée"),
    "compass": _("Boussole"),
    "chip": _("Puce"),
}
VALIDITY = [
    SelectChoice("", _("Sans limite de durée")),
    SelectChoice("12", _("1 an")),
    SelectChoice("24", _("2 ans")),
    SelectChoice("36", _("3 ans")),
    SelectChoice("60", _("5 ans")),
]


def _choices(names: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in names.items()]


def _unix_lines(text: str | None) -> str | None:
    """Browsers send CRLF; what is signed should not depend on that."""
    return text.replace("\r\n", "\n") if text else text


class _Checkboxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BadgeForm(CriteriaFields, Form):
    """What a badge is, what it asks, how it looks."""

    name = StringField(
        _("Nom du badge"),
        [DataRequired(_("Donnez un nom au badge.")), Length(max=90), no_control_characters],
        filters=[tidy],
        description=_("Court et parlant : « Enseigner SNT : Python »."),
    )
    description = TextAreaField(
        _("Ce que sait faire la personne"),
        [
            DataRequired(_("Dites en une phrase ce que sait faire la personne.")),
            Length(max=600),
            no_control_characters,
        ],
        filters=[tidy, _unix_lines],
        description=_("Une ou deux phrases, lues par qui reçoit le badge."),
    )
    criteria = TextAreaField(
        _("Critères, en toutes lettres"),
        [
            DataRequired(_("Dites ce qu’il faut avoir fait.")),
            Length(max=4000),
            no_control_characters,
        ],
        filters=[tidy, _unix_lines],
        description=_("Mise en forme Markdown : **gras**, listes avec des tirets, liens."),
    )
    hours = CountField(
        _("Heures de travail"),
        [
            Maybe(),
            NumberRange(1, 2000, _("Écrivez un nombre entier d’heures, de 1 à 2 000.")),
        ],
    )
    valid_months = SelectField(_("Durée de validité"), choices=VALIDITY, default="")
    skill_search = StringField(
        _("Chercher une compétence"),
        [Length(max=80)],
        filters=[tidy],
        description=_("Par mot ou par code : « programmer », « CRCN 3.4 », « Python »…"),
    )
    skills = _Checkboxes(_("Compétences attestées"))
    shape = RadioField(_("Forme"), choices=_choices(SHAPE_NAMES), default="hexagon")
    colour = RadioField(_("Couleur"), choices=_choices(COLOUR_NAMES), default="mer")
    icon = RadioField(_("Signe"), choices=_choices(ICON_NAMES), default="code")

    def __init__(self, db: Session, badge: BadgeClass | None = None, **kwargs: Any) -> None:
        changed = changed_rows()
        if changed is not None:
            kwargs["formdata"] = changed
        super().__init__(**kwargs, data=_values_of(badge) if badge else None)
        self.offer_criteria(db, badge)
        self.offer_skills()

    def offer_skills(self) -> None:
        """The boxes to tick: those ticked, then those found."""
        ticked = [s for key in self.skills.data or () if (s := find_skill(key)) is not None]
        found = search_skills(self.skill_search.data or "")
        shown: dict[str, Skill] = {skill.key: skill for skill in (*ticked, *found)}
        self.skills.choices = [SelectChoice(key, skill.label) for key, skill in shown.items()]

    def to_design(self) -> Design:
        """What the form says."""
        return Design(
            name=self.name.data,
            description=self.description.data,
            criteria=self.criteria.data,
            hours=self.hours.data,
            valid_months=int(self.valid_months.data) if self.valid_months.data else None,
            shape=self.shape.data,
            colour=self.colour.data,
            icon=self.icon.data,
            skills=[s for key in self.skills.data or () if (s := find_skill(key)) is not None],
            groups=self.to_groups(),
            automatic=self.automatic.data,
        )


def _values_of(badge: BadgeClass) -> dict[str, Any]:
    return {
        "name": badge.name,
        "description": badge.description,
        "criteria": badge.criteria,
        "hours": badge.hours,
        "valid_months": str(badge.valid_months or ""),
        "shape": badge.shape,
        "colour": badge.colour,
        "icon": badge.icon,
        "skills": [f"{skill.framework}:{skill.code}" for skill in badge.skills],
        **criteria_values(badge),
    }
