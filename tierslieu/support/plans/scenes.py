"""Plans of the demonstration: one agreed, one that waits for an agreement, one private, one done.
All invented; its dates too."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days, to_local
from tierslieu.house import Stage
from tierslieu.support.plans.agreeing import (
    agree,
    ask_agreement,
    close_plan,
    propose_change,
    share_plan,
)
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.support.plans.checklists.queries import list_checklists
from tierslieu.support.plans.checklists.rules import ship, verify_checklist
from tierslieu.support.plans.checklists.shipped import AIMS
from tierslieu.support.plans.copying import copy_checklist
from tierslieu.support.plans.models import Plan, StepTarget
from tierslieu.support.plans.rules import Aims, Asked, add_step, change_step, set_aims, tick_step
from tierslieu.support.plans.targets import Target

TEACH, CAPES, _THIRD, _AGREGATION, _DIU, VAE, BRUSH_UP = AIMS
WHY = "Dix ans de développement : je veux transmettre, et rester près de chez moi."


def play(db: Session, stage: Stage) -> None:
    """Whoever shows the place finds a plan at each of its turns."""
    ship(db, now=stage.today - days(120))
    people, learners = stage.props["people"], stage.props["learners"]
    nadia: UUID = people["facilitator@example.org"]
    lists = {one.key: one for one in list_checklists(db)}
    verify_checklist(db, lists["capes-nsi"].id, nadia, now=stage.today - days(20))
    _agreed(db, stage, people["learner@example.org"], nadia, lists["capes-nsi"])
    _waiting(db, stage, people["learner2@example.org"], nadia, lists["vae"])
    _plan(db, learners[9], [BRUSH_UP], ["Revoir les bases de Python"], stage.today - days(4))
    done = _plan(db, learners[10], [TEACH], ["Finir le parcours SNT"], stage.today - days(80))
    for step in list(done.steps):
        tick_step(db, learners[10], step.id, True, now=stage.today - days(30))
    word = "Je fais cours depuis la rentrée. Merci !"
    close_plan(db, learners[10], word, now=stage.today - days(25))


def _plan(db: Session, who: UUID, aims: list[str], steps: list[str], at: datetime) -> Plan:
    plan = set_aims(db, who, Aims(aims), now=at)
    for number, title in enumerate(steps, start=1):
        due = to_local(at).date() + timedelta(days=30 * number)
        add_step(db, who, Asked(title, due), now=at)
    return plan


def _agreed(db: Session, stage: Stage, who: UUID, nadia: UUID, capes: Checklist) -> None:
    """Career change towards teaching: agreed a while ago, half way, one step late."""
    begun, today = stage.today - days(40), to_local(stage.today).date()
    set_aims(db, who, Aims([TEACH, CAPES], why=WHY), now=begun)
    nsi = Target(StepTarget.PATH, "Suivre le parcours NSI", stage.props["paths"]["nsi"])
    first = add_step(db, who, Asked("", today - timedelta(days=20), nsi), now=begun)
    observe = Asked("Observer deux heures de cours dans un lycée", today - timedelta(days=3))
    add_step(db, who, observe, now=begun)
    add_step(db, who, Asked("Relire mon dossier avec Nadia", today + timedelta(days=9)), now=begun)
    copy = copy_checklist(db, who, capes.id, now=begun)
    items = [step for step in copy.plan.steps if step.checklist_id == copy.id]
    own_day = Asked("", today + timedelta(days=26))
    change_step(db, who, items[2].id, own_day, now=begun)
    share_plan(db, who, now=begun + days(1))
    ask_agreement(db, who, now=begun + days(1))
    word = "Bon plan. Et si vous observiez un cours avant de vous inscrire ?"
    propose_change(db, copy.plan_id, nadia, word, now=begun + days(2))
    ask_agreement(db, who, now=begun + days(3))
    agree(db, copy.plan_id, nadia, copy.plan.revision, now=begun + days(4))
    for step in (first, items[0]):
        tick_step(db, who, step.id, True, now=stage.today - days(12))


def _waiting(db: Session, stage: Stage, who: UUID, nadia: UUID, vae: Checklist) -> None:
    """A diploma through VAE: the team has yet to read it."""
    at = stage.today - days(2)
    plan = _plan(db, who, [VAE], ["Lister mes expériences et leurs preuves"], at)
    copy_checklist(db, who, vae.id, now=at)
    share_plan(db, plan.user_id, now=at)
    ask_agreement(db, plan.user_id, now=at)
