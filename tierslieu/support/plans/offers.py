"""What plans offer to the pages that gather."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.clock import to_local, to_utc
from tierslieu.house import (
    Card,
    Finding,
    HomeCard,
    Invariant,
    PersonalData,
    Scene,
    Setup,
    TimelineEvent,
    TimelineSource,
)
from tierslieu.house_joining import Joining
from tierslieu.people.models import FACILITATOR, ROLES
from tierslieu.register import Basis
from tierslieu.settings import Settings
from tierslieu.support.plans import words
from tierslieu.support.plans.checklists.rules import ship
from tierslieu.support.plans.freezing import says_the_same
from tierslieu.support.plans.jobs import JOBS, RULES
from tierslieu.support.plans.models import PlanTurn
from tierslieu.support.plans.queries import (
    count_agreed,
    find_open,
    list_agreed,
    list_all_of,
    list_waiting,
    list_with_dates,
)
from tierslieu.support.plans.retention import export, forget_helper, forget_owner
from tierslieu.support.plans.scenes import play
from tierslieu.web.written import Theirs

OWN = "/mon-plan"
SHOWN = 3
NOON = time(12)
_TOLD = (PlanTurn.BEGUN, PlanTurn.AGREED, PlanTurn.DONE)


def home_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """What falls due in one's plan, and that the team proposes something."""
    plan = find_open(db, user_id)
    if plan is None:
        return
    steps = list_with_dates(db, user_id)[:SHOWN]
    has_proposal = words.last_proposal(plan) is not None
    if not steps and not has_proposal:
        return
    today = to_local(now).date()
    is_near = has_proposal or bool(steps and words.say_left(steps[0], today))
    context = {"steps": steps, "has_proposal": has_proposal, "today": today, "words": words}
    yield Card(
        "support/_card_plan.html",
        context,
        urgency=6 if is_near else 45,
        tone="ask" if has_proposal else "",
    )


def team_cards(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """The plans that wait for the team's agreement."""
    count = len(list_waiting(db, user_id))
    if count:
        yield Card("support/_card_plans_waiting.html", {"count": count}, urgency=12, tone="ask")


def timeline(db: Session, user_id: UUID, now: datetime) -> Iterable[TimelineEvent]:
    """What one meant to do by a day, what is done, and the turns of one's plans."""
    for plan in list_all_of(db, user_id):
        for event in plan.events:
            if event.turn in _TOLD:
                title = words.turn_words()[event.turn]
                yield TimelineEvent(event.at, title, "", "plan", OWN)
        for step in plan.steps:
            if step.done_at is not None:
                yield TimelineEvent(step.done_at, Theirs(step.title), str(_("fait")), "plan", OWN)
            elif step.due is not None and plan.closed_at is None:
                at = to_utc(datetime.combine(step.due, NOON))
                yield TimelineEvent(
                    at, Theirs(step.title), str(_("échéance de mon plan")), "plan", OWN
                )


def _set_up(db: Session, settings: Settings) -> None:
    ship(db, now=clock.now())


def _erase(db: Session, user_id: UUID) -> None:
    forget_owner(db, user_id)
    forget_helper(db, user_id)


def check_agreed(db: Session) -> Finding:
    """A plan that stands agreed says what its last agreement says."""
    broken = [
        str(plan.id)
        for plan in list_agreed(db)
        if not plan.agreements or not says_the_same(plan, plan.agreements[-1].content)
    ]
    return Finding(count_agreed(db), broken)


def blocks(db: Session, gone: UUID, kept: UUID) -> Iterable[str]:
    """Two plans under way: which goes on is the person's to say."""
    if find_open(db, gone) is not None and find_open(db, kept) is not None:
        yield _(
            "Les deux comptes ont un plan en cours : terminez d’abord celui que vous ne gardez pas."
        )


OFFERS = (
    Joining("plans", tables=frozenset({"plan"}), blocks=blocks),
    HomeCard("plan", frozenset(ROLES), home_cards),
    HomeCard("plans_waiting", frozenset({FACILITATOR}), team_cards),
    TimelineSource("plans", timeline),
    PersonalData(
        name="plans",
        what=_l(
            "Vos plans : ce que vous visez et pourquoi, les étapes et leurs dates, ce qui a été "
            "convenu, ce que l’équipe vous en a dit."
        ),
        why=_l("Pour vous aider à avancer ; l’équipe ne les lit que si vous les montrez."),
        basis=_l("L’exécution du service que vous demandez (RGPD, article 6.1.b)."),
        how_long=_l(
            "Trois ans après le dernier changement, ou jusqu’à la fermeture de votre compte."
        ),
        export=export,
        erase=_erase,
        treatment="support",
        grounds=(Basis.CONTRACT,),
        swept_by=("plans_forgotten",),
    ),
    Invariant(
        "plans_as_agreed",
        "Un plan convenu dit ce qui a été convenu",
        check_agreed,
    ),
    Setup("plan_lists", _set_up),
    Scene("plans", play),
    *JOBS,
    *RULES,
)
