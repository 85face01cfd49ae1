"""A plan as its paper says it: plain facts, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from tierslieu.support.plans.models import Plan, PlanState, PlanStep
from tierslieu.support.plans.words import say_aims, say_state
from tierslieu.web.formats import long_day, upper_first
from tierslieu.web.written import Theirs


@dataclass(frozen=True)
class Line:
    """A step: what, by when, done or not."""

    title: str
    due: str
    is_done: bool
    done: str


@dataclass(frozen=True)
class Part:
    """The steps under one heading."""

    title: str
    url: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PlanPaper:
    """All that the paper prints."""

    name: str
    state: str
    aims: tuple[str, ...]
    why: str
    parts: tuple[Part, ...]
    made_on: str


def compose_paper(plan: Plan, now: datetime, *, with_why: bool) -> PlanPaper:
    """What the paper of this plan prints today."""
    own = [step for step in plan.steps if step.checklist_id is None]
    parts = [Part(_("Étapes"), "", _lines(own))] if own else []
    for one in plan.checklists:
        steps = [step for step in plan.steps if step.checklist_id == one.id]
        parts.append(Part(Theirs(one.title), one.url, _lines(steps)))
    return PlanPaper(
        name=plan.user.name,
        state=_say_state(plan),
        aims=tuple(say_aims(plan)),
        why=plan.why if with_why else "",
        parts=tuple(parts),
        made_on=long_day(now),
    )


def _lines(steps: list[PlanStep]) -> tuple[Line, ...]:
    return tuple(
        Line(
            step.title,
            long_day(step.due) if step.due else Theirs(step.advice),
            step.done_at is not None,
            long_day(step.done_at) if step.done_at else "",
        )
        for step in steps
    )


def _say_state(plan: Plan) -> str:
    """``Convenu avec Nadia Benali le 22 octobre 2026``; what changed since says so."""
    said = upper_first(say_state(plan))
    if not plan.agreements:
        return said
    last = plan.agreements[-1]
    day = long_day(last.agreed_at)
    name = last.agreed_by.name if last.agreed_by is not None else _("l’équipe")
    agreed = str(_("Convenu avec %(name)s le %(day)s", name=name, day=day))
    return agreed if plan.state is PlanState.AGREED else f"{said}. {agreed}."
