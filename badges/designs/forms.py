"""The form of a badge class: parse and shape only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    FieldList,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.validators import Optional as Maybe

from badges.designs.fields import HANDED_IN, PictureForm, SkillForm, picture_values
from badges.designs.models import BadgeClass, BadgeCriterion, CriterionKind, Level
from badges.designs.queries import list_current_steps, list_paths
from badges.designs.rules import Condition, Design
from tierslieu.agenda.forms import CountField
from tierslieu.errors import Refused
from tierslieu.web.forms import no_control_characters, tidy

STEPS_ASKED = 3

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


class BadgeForm(PictureForm, SkillForm):
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
    path = SelectField(_("Parcours à terminer"), default="")
    steps = FieldList(SelectField(_("Étape à faire"), default=""), min_entries=STEPS_ASKED)
    half_days = CountField(
        _("Demi-journées de présence"),
        [Maybe(), NumberRange(1, 100, _("Écrivez un nombre de demi-journées, de 1 à 100."))],
    )
    half_days_path = SelectField(_("Présence comptée"), default="")
    session = BooleanField(_("Avoir été présent à la séance pour laquelle on attribue le badge"))

    def __init__(self, db: Session, badge: BadgeClass | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs, data=_values_of(badge) if badge else None)
        paths = list_paths(db)
        self.path.choices = [
            SelectChoice("", _("Aucun")),
            *(SelectChoice(str(p.id), p.title) for p in paths),
        ]
        self.half_days_path.choices = [
            SelectChoice("", _("Tous les parcours et ateliers")),
            *(SelectChoice(str(p.id), p.short_title) for p in paths),
        ]
        steps = _step_choices(db, badge)
        for position, entry in enumerate(self.steps.entries, start=1):
            entry.choices = steps
            entry.label.text = f"{_('Étape à faire')} {position}"
        self.offer_skills()

    def to_design(self) -> Design:
        """What the form says."""
        conditions: list[Condition] = []
        if self.path.data:
            conditions.append(Condition(CriterionKind.PATH_COMPLETED, path_id=UUID(self.path.data)))
        steps = dict.fromkeys(entry.data for entry in self.steps.entries if entry.data)
        conditions += [Condition(CriterionKind.STEP_DONE, step_id=UUID(step)) for step in steps]
        if self.half_days.data:
            about = UUID(self.half_days_path.data) if self.half_days_path.data else None
            conditions.append(
                Condition(CriterionKind.HALF_DAYS, path_id=about, count=self.half_days.data)
            )
        if self.session.data:
            conditions.append(Condition(CriterionKind.SESSION_ATTENDED))
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
            conditions=conditions,
            level=Level(self.level.data) if self.level.data else None,
            name_en=self.name_en.data or "",
            description_en=self.description_en.data or "",
            criteria_en=self.criteria_en.data or "",
            text=drawing.text,
            ground=drawing.ground,
            mark=drawing.mark,
            own=own,
        )


def _step_choices(db: Session, badge: BadgeClass | None) -> list[SelectChoice]:
    choices = [SelectChoice("", _("Aucune"))]
    for title, steps in list_current_steps(db).items():
        choices += [SelectChoice(str(step.id), step.title, optgroup=title) for step in steps]
    known = {choice.value for choice in choices}
    # A step of an older version stays choosable on the badge that asks for it.
    older = [c.step for c in (badge.conditions if badge else ()) if c.step is not None]
    for step in older:
        if str(step.id) not in known:
            group = str(_("Version antérieure"))
            choices.append(SelectChoice(str(step.id), step.title, optgroup=group))
    return choices


def _values_of(badge: BadgeClass) -> dict[str, Any]:
    def of_kind(kind: CriterionKind) -> list[BadgeCriterion]:
        return [condition for condition in badge.conditions if condition.kind is kind]

    half_days = of_kind(CriterionKind.HALF_DAYS)
    path = of_kind(CriterionKind.PATH_COMPLETED)
    steps = [str(c.step_id) for c in of_kind(CriterionKind.STEP_DONE)]
    return {
        "name": badge.name,
        "description": badge.description,
        "criteria": badge.criteria,
        "hours": badge.hours,
        "valid_months": str(badge.valid_months or ""),
        "level": badge.level.value if badge.level else "",
        "name_en": badge.name_en,
        "description_en": badge.description_en,
        "criteria_en": badge.criteria_en,
        **picture_values(badge),
        "skills": [f"{skill.framework}:{skill.code}" for skill in badge.skills],
        "path": str(path[0].path_id) if path else "",
        "steps": (steps + [""] * STEPS_ASKED)[: max(STEPS_ASKED, len(steps))],
        "half_days": half_days[0].count if half_days else None,
        "half_days_path": str(half_days[0].path_id or "") if half_days else "",
        "session": bool(of_kind(CriterionKind.SESSION_ATTENDED)),
    }
