"""Plans in words: where one stands, what happened, by when."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from tierslieu.support.plans.models import Plan, PlanEvent, PlanState, PlanStep, PlanTurn

SOON = 14  # days


def state_words() -> dict[PlanState, str]:
    """Where a plan stands."""
    return {
        PlanState.DRAFT: _("brouillon"),
        PlanState.AGREED: _("convenu"),
        PlanState.DONE: _("terminé"),
    }


STATE_TONES = {PlanState.DRAFT: "plain", PlanState.AGREED: "ok", PlanState.DONE: "mer"}


def say_state(plan: Plan) -> str:
    """Where it stands: a draft that was agreed before is a change."""
    if plan.state is PlanState.DRAFT and plan.agreements:
        return str(_("en changement"))
    return state_words()[plan.state]


def say_aims(plan: Plan) -> list[str]:
    """Everything it aims at."""
    return [*plan.aims, *([plan.own_aim] if plan.own_aim else [])]


def turn_words() -> dict[PlanTurn, str]:
    """What happened."""
    return {
        PlanTurn.BEGUN: _("Plan commencé"),
        PlanTurn.SHARED: _("Montré à l’équipe"),
        PlanTurn.WITHDRAWN: _("Caché à l’équipe"),
        PlanTurn.PROPOSED: _("Changement proposé"),
        PlanTurn.ASKED: _("Accord demandé"),
        PlanTurn.AGREED: _("Plan convenu"),
        PlanTurn.REOPENED: _("Changé après l’accord"),
        PlanTurn.DONE: _("Plan terminé"),
    }


def say_actor(event: PlanEvent) -> str:
    """Who did it."""
    return event.actor.name if event.actor is not None else str(_("une personne qui est partie"))


def say_left(step: PlanStep, today: date) -> str:
    """How far its day is, where that matters: late, today, in a few days; else empty."""
    if step.due is None or step.done_at is not None:
        return ""
    left = (step.due - today).days
    if left < 0:
        return str(_("en retard"))
    if left == 0:
        return str(_("aujourd’hui"))
    return str(ngettext("dans %(num)s jour", "dans %(num)s jours", left)) if left <= SOON else ""


def last_proposal(plan: Plan) -> PlanEvent | None:
    """What the team proposed and the person has not answered by asking anew."""
    for event in reversed(plan.events):
        if event.turn is PlanTurn.PROPOSED:
            return event
        if event.turn in (PlanTurn.ASKED, PlanTurn.AGREED, PlanTurn.DONE):
            return None
    return None
