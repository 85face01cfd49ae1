"""The form of a badge class: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.validators import Optional as Maybe

from badges.designs.criteria_forms import CriteriaFields, changed_rows, criteria_values
from badges.designs.fields import HANDED_IN, PictureForm, SkillForm, picture_values
from badges.designs.models import BadgeClass, Level
from badges.designs.rules import Design
from tierslieu.agenda.forms import CountField
from tierslieu.errors import Refused
from tierslieu.web.forms import no_control_characters, tidy

VALIDITY = [
    SelectChoice("", _("Sans limite de durée")),
    SelectChoice("12", _("1 an")),
    SelectChoice("24", _("2 ans")),
    SelectChoice("36", _("3 ans")),
    SelectChoice("60", _("5 ans")),
]
# A level's name with what it means: both are read before one chooses.
LEVELS = [
    SelectChoice("", _("Sans niveau")),
    SelectChoice(
        Level.INITIATION.value,
        _("Initiation : sait faire dans une situation simple, avec de l’aide"),
    ),
    SelectChoice(
        Level.PRACTICE.value,
        _("Approfondissement : sait faire en autonomie, dans les situations courantes"),
    ),
    SelectChoice(
        Level.EXPERTISE.value,
        _("Expertise : sait faire dans des situations nouvelles, et y guide d’autres personnes"),
    ),
]


def _unix_lines(text: str | None) -> str | None:
    """Browsers send CRLF; what is signed should not depend on that."""
    return text.replace("\r\n", "\n") if text else text


class BadgeForm(CriteriaFields, PictureForm, SkillForm):
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
    suspendable = BooleanField(
        _("Peut être suspendu"),
        description=_(
            "Pour une habilitation qui peut s’interrompre puis reprendre. Certains vérificateurs "
            "n’admettent qu’une raison de retrait par badge : ne cochez qu’au besoin."
        ),
    )
    level = RadioField(_("Niveau"), choices=LEVELS, default="")
    name_en = StringField(
        _("Nom anglais"),
        [Length(max=90), no_control_characters],
        filters=[tidy],
        default="",
        render_kw={"lang": "en"},
    )
    description_en = TextAreaField(
        _("Phrase en anglais"),
        [Length(max=600), no_control_characters],
        filters=[tidy, _unix_lines],
        default="",
        render_kw={"lang": "en"},
    )
    criteria_en = TextAreaField(
        _("Critères en anglais"),
        [Length(max=4000), no_control_characters],
        filters=[tidy, _unix_lines],
        default="",
        render_kw={"lang": "en"},
    )

    def __init__(self, db: Session, badge: BadgeClass | None = None, **kwargs: Any) -> None:
        changed = changed_rows()
        if changed is not None:
            kwargs["formdata"] = changed
        super().__init__(**kwargs, data=_values_of(badge) if badge else None)
        self.offer_criteria(db, badge)
        self.offer_skills()

    def to_design(self) -> Design:
        """What the form says."""
        own = self.own_picture()
        if own is None and self.source.data == HANDED_IN:
            raise Refused(
                _("Choisissez le fichier de l’image, ou composez-la ici."),
                code="picture_missing",
                field="own_file",
                status=422,
            )
        drawing = self.drawing
        return Design(
            name=self.name.data,
            description=self.description.data,
            criteria=self.criteria.data,
            hours=self.hours.data,
            valid_months=int(self.valid_months.data) if self.valid_months.data else None,
            shape=drawing.shape,
            colour=drawing.colour,
            icon=drawing.icon,
            skills=self.ticked,
            groups=self.to_groups(),
            automatic=self.automatic.data,
            suspendable=self.suspendable.data,
            level=Level(self.level.data) if self.level.data else None,
            name_en=self.name_en.data or "",
            description_en=self.description_en.data or "",
            criteria_en=self.criteria_en.data or "",
            text=drawing.text,
            ground=drawing.ground,
            mark=drawing.mark,
            own=own,
        )


def _values_of(badge: BadgeClass) -> dict[str, Any]:
    return {
        "name": badge.name,
        "description": badge.description,
        "criteria": badge.criteria,
        "hours": badge.hours,
        "valid_months": str(badge.valid_months or ""),
        "suspendable": badge.suspendable,
        "level": badge.level.value if badge.level else "",
        "name_en": badge.name_en,
        "description_en": badge.description_en,
        "criteria_en": badge.criteria_en,
        **picture_values(badge),
        "skills": [f"{skill.framework}:{skill.code}" for skill in badge.skills],
        **criteria_values(badge),
    }
