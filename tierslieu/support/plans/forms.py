"""Aims, a step, a word."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.agenda.forms import DayField, text_field
from tierslieu.support.plans.models import Plan, PlanStep, StepTarget
from tierslieu.support.plans.rules import MAX_AIM, MAX_TITLE, MAX_WORD, Aims
from tierslieu.support.plans.targets import Target, value_of
from tierslieu.web.forms import Form, OwnForm
from tierslieu.web.written import Theirs


class AimsForm(OwnForm):
    """What one aims at, and why."""

    aims = SelectMultipleField(
        _("Ce que vous visez"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,  # the rule says which is gone
    )
    own = text_field(_("Autre visée, dans vos mots"), MAX_AIM)
    why = text_field(
        _("Pourquoi"),
        MAX_WORD,
        area=True,
        description=_(
            "Ce qui vous y mène, ce qui compte pour vous. L’équipe le lit si vous montrez votre "
            "plan."
        ),
    )

    def __init__(self, labels: list[str], plan: Plan | None, **kwargs: Any) -> None:
        data = {"aims": plan.aims, "own": plan.own_aim, "why": plan.why} if plan else {}
        super().__init__(data=data, **kwargs)
        kept = [one for one in plan.aims if one not in labels] if plan else []
        self.aims.choices = [SelectChoice(one, Theirs(one)) for one in [*labels, *kept]]

    def asked(self) -> Aims:
        """What was chosen."""
        return Aims(self.aims.data or [], self.own.data or "", self.why.data or "")


class StepForm(OwnForm):
    """One step: what, by when, tied to what."""

    title = text_field(
        _("Ce qu’il y a à faire"),
        MAX_TITLE,
        description=_("Vide, l’étape prend le nom de ce à quoi elle est liée."),
    )
    due = DayField(_("Pour quand"), validators=[Optional()])
    target = SelectField(_("Liée à"), validate_choice=False, validators=[Optional()])

    def __init__(
        self, targets: dict[str, list[Target]], step: PlanStep | None = None, **kwargs: Any
    ) -> None:
        value = value_of(step) if step is not None else ""
        data = {"title": step.title, "due": step.due, "target": value} if step else {}
        super().__init__(data=data, **kwargs)
        known = {one.value for found in targets.values() for one in found}
        choices = [SelectChoice("", _("Rien en particulier"))]
        if step is not None and value and value not in known:
            choices.append(SelectChoice(value, Theirs(step.title)))
        for heading, found in targets.items():
            # The steps of a path stand under its title.
            group = Theirs(heading) if found[0].kind is StepTarget.STEP else heading
            choices += [SelectChoice(one.value, _name(one), optgroup=group) for one in found]
        self.target.choices = choices


def _name(target: Target) -> str:
    """An appointment is named by us; the rest bears the title that somebody gave it."""
    return target.name if target.kind is StepTarget.APPOINTMENT else Theirs(target.name)


class DateForm(Form):
    """The day by which one means to have done an item of a checklist."""

    due = DayField(_("Pour quand"), validators=[Optional()])


class WordForm(Form):
    """A word to the other, or at the end."""

    word = text_field(_("Votre mot"), MAX_WORD, area=True, required=_("Écrivez quelques mots."))
