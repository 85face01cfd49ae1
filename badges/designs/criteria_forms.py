"""The part of a badge's form that says what it asks: groups of conditions, row by row.

Rows are added and removed by ordinary buttons of the form, which draw it again: the numbers in
the names of the fields are made anew each time, so that they follow one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import has_request_context, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, Length

from badges.designs.asking import MAX_CONDITIONS, Condition, Group
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.queries import list_askable_badges, list_current_steps, list_paths
from tierslieu.agenda.forms import CountField
from tierslieu.web.forms import PartForm, no_control_characters, tidy
from tierslieu.web.written import Theirs

KIND_NAMES = {
    CriterionKind.PATH_COMPLETED: _("Parcours terminé"),
    CriterionKind.STEP_DONE: _("Étape faite"),
    CriterionKind.HALF_DAYS: _("Demi-journées de présence"),
    CriterionKind.HOURS: _("Heures de présence et de travail"),
    CriterionKind.BADGE_HELD: _("Autre badge détenu"),
    CriterionKind.JUDGEMENT: _("Jugement de l’équipe, preuve à l’appui"),
    CriterionKind.SESSION_ATTENDED: _("Présence à la séance d’où l’on attribue"),
}
#: What a row of each kind has to fill in.
FIELDS = {
    CriterionKind.PATH_COMPLETED: ("path",),
    CriterionKind.STEP_DONE: ("step",),
    CriterionKind.HALF_DAYS: ("count", "path"),
    CriterionKind.HOURS: ("count", "path"),
    CriterionKind.BADGE_HELD: ("badge",),
    CriterionKind.JUDGEMENT: ("statement",),
    CriterionKind.SESSION_ATTENDED: (),
}
#: Rows where no path means: whatever the path.
ANY_PATH = (CriterionKind.HALF_DAYS, CriterionKind.HOURS)

MAX_COUNT = 2000

_ACTION = re.compile(r"(add|remove):(\d{1,2})(?::(\d{1,2}))?|add-group")
_NAME = re.compile(r"groups-(\d{1,2})-(?:conditions-(\d{1,2})-)?([a-z]+)")
Row = dict[str, str]


class ConditionForm(PartForm):
    """One condition: its kind, and what that kind has to fill in."""

    kind = HiddenField(validators=[AnyOf([kind.value for kind in CriterionKind])])
    count = CountField(_("Combien"))
    path = SelectField(_("Parcours"), default="", validate_choice=True)
    step = SelectField(_("Étape"), default="")
    badge = SelectField(_("Badge"), default="")
    statement = TextAreaField(
        _("Ce que l’équipe doit avoir constaté"),
        [Length(max=300), no_control_characters],
        filters=[tidy],
        description=_("À la troisième personne : « a conduit une séance devant une classe »."),
    )

    @property
    def chosen(self) -> CriterionKind | None:
        """The kind of this row."""
        try:
            return CriterionKind(self.kind.data)
        except ValueError:
            return None

    @property
    def shown(self) -> list[Any]:
        """The fields that this kind of condition has."""
        kind = self.chosen
        return [self[name] for name in FIELDS[kind]] if kind else []

    @property
    def title(self) -> str:
        """What kind of condition this is."""
        kind = self.chosen
        return str(KIND_NAMES[kind]) if kind else ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Only what this kind fills in is looked at."""
        kind = self.chosen
        if kind is None:
            self.kind.errors = [gettext("Choisissez une condition de la liste.")]
            return False
        wrong = [name for name in FIELDS[kind] if not self._check(kind, name)]
        return not wrong

    def _check(self, kind: CriterionKind, name: str) -> bool:
        field = self[name]
        if not field.validate(self):
            return False
        is_out = name == "count" and not 1 <= (field.data or 0) <= MAX_COUNT
        if is_out or (not field.data and not (name == "path" and kind in ANY_PATH)):
            field.errors = [_blank(name)]
        return not field.errors

    def to_condition(self) -> Condition:
        """What this row asks."""
        kind = CriterionKind(self.kind.data)
        said = {name: self[name].data for name in FIELDS[kind]}
        return Condition(
            kind,
            path_id=_id(said.get("path")),
            step_id=_id(said.get("step")),
            asked_badge_id=_id(said.get("badge")),
            count=said.get("count") or 1,
            statement=said.get("statement") or "",
        )


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _blank(name: str) -> str:
    sentences: dict[str, str] = {
        "count": gettext("Écrivez un nombre, de 1 à 2 000."),
        "path": gettext("Choisissez un parcours."),
        "step": gettext("Choisissez une étape."),
        "badge": gettext("Choisissez un badge."),
        "statement": gettext("Dites ce que l’équipe doit avoir constaté."),
    }
    return sentences[name]


class GroupForm(PartForm):
    """Conditions, and how many of them are asked."""

    needed = SelectField(
        _("Combien en faut-il"),
        default="",
        choices=[
            SelectChoice("", _("Toutes ces conditions")),
            SelectChoice("1", _("Au moins une de ces conditions")),
            *(
                SelectChoice(str(n), _("Au moins %(count)s de ces conditions", count=n))
                for n in range(2, MAX_CONDITIONS + 1)
            ),
        ],
    )
    conditions = FieldList(FormField(ConditionForm))
    new = SelectField(
        _("Ajouter une condition"),
        default="path_completed",
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
    )

    def to_group(self) -> Group:
        """What this group asks."""
        return Group(
            [entry.form.to_condition() for entry in self.conditions.entries],
            int(self.needed.data) if self.needed.data else None,
        )


class Groups(FieldList):
    """The groups; what is wrong in any of them is told as sentences, for the summary on top."""

    errors: list[Any]

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        super().validate(form, extra_validators)
        self.errors = list(dict.fromkeys(_sentences(self.errors)))
        return not self.errors


def _sentences(errors: Any) -> Iterable[str]:
    if isinstance(errors, Mapping):
        for value in errors.values():
            yield from _sentences(value)
    elif isinstance(errors, list | tuple):
        for value in errors:
            yield from _sentences(value)
    elif errors:
        yield str(errors)


class CriteriaFields:
    """What a badge asks and how it is awarded: a part of its form."""

    groups = Groups(FormField(GroupForm), label=_("Ce que le badge demande"), min_entries=1)
    automatic = BooleanField(
        _("Attribuer sans relecture, dès que tout est rempli"),
        description=_(
            "Décoché, l’équipe voit qui remplit les critères et décide. Coché, la personne reçoit "
            "le badge aussitôt, et sa page dit que personne ne l’a relu."
        ),
    )

    def offer_criteria(self, db: Session, badge: BadgeClass | None) -> None:
        """The choices of every row. ``badge``: the one that is changed or begun from; what it
        asks stays choosable, and it does not ask for itself."""
        focus = row_focus()
        paths = [SelectChoice(str(p.id), Theirs(p.title)) for p in list_paths(db)]
        steps = _step_choices(db, badge)
        badges = _badge_choices(db, badge)
        for group in self.groups.entries:
            _focus_on([group.form.new], focus)
            for entry in group.form.conditions.entries:
                row = entry.form
                _focus_on(row.shown, focus)
                every = _("Tous les parcours et ateliers")
                none = SelectChoice("", every if row.chosen in ANY_PATH else _("Choisir"))
                row.path.choices = [none, *paths]
                row.step.choices = [SelectChoice("", _("Choisir")), *steps]
                row.badge.choices = [SelectChoice("", _("Choisir")), *badges]
                row.count.label.text = (
                    gettext("Nombre d’heures")
                    if row.chosen is CriterionKind.HOURS
                    else gettext("Nombre de demi-journées")
                )

    def to_groups(self) -> list[Group]:
        """What the badge asks."""
        return [entry.form.to_group() for entry in self.groups.entries]


def _focus_on(fields: Iterable[Any], wanted: str) -> None:
    """Whoever added a row goes on writing in it."""
    for field in fields:
        if field.id == wanted:
            field.render_kw = {**(field.render_kw or {}), "autofocus": True}


def criteria_values(badge: BadgeClass) -> dict[str, Any]:
    """What a badge asks, as the form holds it."""
    return {
        "automatic": badge.automatic,
        "groups": [
            {
                "needed": str(group.needed or ""),
                "conditions": [
                    {
                        "kind": condition.kind.value,
                        "count": condition.count,
                        "path": str(condition.path_id or ""),
                        "step": str(condition.step_id or ""),
                        "badge": str(condition.asked_badge_id or ""),
                        "statement": condition.statement,
                    }
                    for condition in group.conditions
                ],
            }
            for group in badge.groups
        ],
    }


def _step_choices(db: Session, badge: BadgeClass | None) -> list[SelectChoice]:
    choices: list[SelectChoice] = []
    for title, steps in list_current_steps(db).items():
        choices += [
            SelectChoice(str(step.id), Theirs(step.title), optgroup=Theirs(title)) for step in steps
        ]
    known = {choice.value for choice in choices}
    # A step of an older version stays choosable on the badge that asks for it.
    for step in [c.step for c in (badge.conditions if badge else ()) if c.step is not None]:
        if str(step.id) not in known:
            group = str(_("Version antérieure"))
            choices.append(SelectChoice(str(step.id), Theirs(step.title), optgroup=group))
    return choices


def _badge_choices(db: Session, badge: BadgeClass | None) -> list[SelectChoice]:
    found = {b.id: b.name for b in list_askable_badges(db)}
    for condition in badge.conditions if badge else ():
        if condition.asked_badge is not None:
            found.setdefault(condition.asked_badge.id, condition.asked_badge.name)
    return [SelectChoice(str(badge_id), Theirs(name)) for badge_id, name in found.items()]


# Adding and removing rows


def changed_rows() -> MultiDict[str, str] | None:
    """What was sent, with the row that was asked for added or taken away; None when the button
    that was pressed is another."""
    if not has_request_context():
        return None
    action = _ACTION.fullmatch(request.form.get("search", ""))
    return _change(request.form, action) if action else None


def row_focus() -> str:
    """The field to be in after a row was added or removed: ``groups-0-new``; empty otherwise."""
    sent = request.form.get("search", "") if has_request_context() else ""
    action = _ACTION.fullmatch(sent)
    if action is None:
        return ""
    groups, _others = _read(request.form)
    if action[0] == "add-group":
        return f"groups-{len(groups)}-new"
    place = int(action[2])
    if action[1] == "add" and place < len(groups):
        kind = groups[place][0].get("new", "")
        known = {k.value for k in CriterionKind}
        names = FIELDS[CriterionKind(kind)] if kind in known else ()
        if names:
            return f"groups-{place}-conditions-{len(groups[place][1])}-{names[0]}"
    if action[1] == "remove" and action[3] is None:
        return f"groups-{max(0, place - 1)}-new"
    return f"groups-{place}-new"


def _read(form: MultiDict[str, str]) -> tuple[list[tuple[Row, list[Row]]], MultiDict[str, str]]:
    """The groups with their rows in order, and everything else that was sent."""
    groups: dict[int, tuple[Row, dict[int, Row]]] = {}
    others: MultiDict[str, str] = MultiDict()
    for name, value in form.items(multi=True):
        found = _NAME.fullmatch(name)
        if found is None:
            others.add(name, value)
            continue
        facts, rows = groups.setdefault(int(found[1]), ({}, {}))
        if found[2] is None:
            facts[found[3]] = value
        else:
            rows.setdefault(int(found[2]), {})[found[3]] = value
    in_order = [groups[place] for place in sorted(groups)]
    return [(facts, [rows[n] for n in sorted(rows)]) for facts, rows in in_order], others


def _change(form: MultiDict[str, str], action: re.Match[str]) -> MultiDict[str, str]:
    groups, changed = _read(form)
    if action[0] == "add-group":
        groups.append(({"needed": ""}, []))
    else:
        _change_group(groups, action[1], int(action[2]), action[3])
    for place, (facts, rows) in enumerate(groups or [({"needed": ""}, [])]):
        for name, value in facts.items():
            changed.add(f"groups-{place}-{name}", value)
        for position, row in enumerate(rows):
            for name, value in row.items():
                changed.add(f"groups-{place}-conditions-{position}-{name}", value)
    return changed


def _change_group(
    groups: list[tuple[Row, list[Row]]], what: str, place: int, row: str | None
) -> None:
    if place >= len(groups):
        return
    facts, rows = groups[place]
    if what == "add":
        rows.append({"kind": facts.get("new", "")})
    elif row is None:
        del groups[place]
    elif int(row) < len(rows):
        del rows[int(row)]
