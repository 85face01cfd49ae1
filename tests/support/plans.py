"""Plans and checklists as tests need them; each call commits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tests.support.sessions import NOW
from tierslieu.people.models import User
from tierslieu.support.plans import agreeing
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.support.plans.checklists.rules import (
    Said,
    Thing,
    add_checklist,
    ship,
    write_item,
)
from tierslieu.support.plans.checklists.shipped import AIMS
from tierslieu.support.plans.models import Plan, PlanStep
from tierslieu.support.plans.rules import Aims, Asked, add_step, set_aims

TODAY = date(2026, 11, 19)


def in_days(count: int) -> date:
    """That day, counted from today."""
    return TODAY + timedelta(days=count)


def make_plan(db: Session, who: User, *steps: Asked, now: datetime = NOW) -> Plan:
    """A draft with these steps, by default one to do in twenty days."""
    ship(db, now=now)
    plan = set_aims(db, who.id, Aims([AIMS[0]], why="Transmettre"), now=now)
    for asked in steps or (Asked("Lire le programme", in_days(20)),):
        add_step(db, who.id, asked, now=now)
    db.commit()
    return plan


def agree_on(db: Session, plan: Plan, facilitator: User, *, now: datetime = NOW) -> Plan:
    """Shared, asked and agreed."""
    agreeing.share_plan(db, plan.user_id, now=now)
    agreeing.ask_agreement(db, plan.user_id, now=now)
    agreeing.agree(db, plan.id, facilitator.id, plan.revision, now=now)
    db.commit()
    return plan


def step_of(plan: Plan, title: str = "Lire le programme") -> PlanStep:
    """The step with this title."""
    return next(one for one in plan.steps if one.title == title)


def make_checklist(db: Session, *, now: datetime = NOW) -> Checklist:
    """Two items: one with a date in thirty days, one of about every year."""
    checklist = add_checklist(db, Said("DIU d’essai", url="https://example.org/diu"), now=now)
    write_item(db, checklist.id, None, Thing("S’inscrire", due=in_days(30)), now=now)
    write_item(db, checklist.id, None, Thing("Candidater", month=10, day=15), now=now)
    db.commit()
    return checklist
