"""Mails on a plan: that something changed, never what. None leaves at night."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.bookings.holding import next_waking
from tierslieu.mail.queries import list_of_key
from tierslieu.mail.rules import forget_mails, write_mail
from tierslieu.support.plans.models import Plan, PlanEvent
from tierslieu.support.plans.queries import list_followers


def tell_person(db: Session, plan: Plan, event: PlanEvent, now: datetime) -> None:
    """The team said something, or agreed."""
    write_mail(
        db,
        plan.user.email,
        "support_plan",
        {"name": plan.user.name, "path": "/mon-plan"},
        now=now,
        due_key=f"plan:{plan.id}:{event.id}",
        leaves_at=next_waking(now),
    )


def tell_asked(db: Session, plan: Plan, event: PlanEvent, now: datetime) -> None:
    """The person asks for an agreement; those of the team who have no part in this plan find it on
    their first page."""
    _tell_team(db, plan, event, now)


def tell_closed(db: Session, plan: Plan, event: PlanEvent, now: datetime) -> None:
    """The plan is done."""
    _tell_team(db, plan, event, now)


def tell_reopened(db: Session, plan: Plan, event: PlanEvent, now: datetime) -> None:
    """An agreed plan changes."""
    _tell_team(db, plan, event, now)


def _tell_team(db: Session, plan: Plan, event: PlanEvent, now: datetime) -> None:
    if plan.shared_at is None:
        return
    for user in list_followers(db, plan):
        write_mail(
            db,
            user.email,
            "support_plan_team",
            {"name": user.name, "who": plan.user.name, "path": f"/plans/{plan.id}"},
            now=now,
            due_key=f"plan:{plan.id}:{event.id}:{user.id}",
            leaves_at=next_waking(now),
        )


def forget(db: Session, plan: Plan) -> None:
    """A plan goes: its mails keep nothing of it."""
    forget_mails(db, list_of_key(db, f"plan:{plan.id}"))
