"""What is kept of plans, and what becomes of them when somebody leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.support.plans import notices
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.support.plans.models import Plan, PlanAgreement, PlanEvent, PlanStep
from tierslieu.support.plans.queries import list_all_of, list_unchanged_since, list_words_by

KEPT = timedelta(days=3 * 365)  # since anybody touched it
AT_ONCE = 200


def forget_old(db: Session, *, now: datetime) -> int:
    """Erase plans that nobody has touched for three years; returns how many."""
    lock_for_writing(db)
    found = list_unchanged_since(db, now - KEPT, AT_ONCE, today=to_local(now).date())
    for plan in found:
        notices.forget(db, plan)
        db.delete(plan)
    db.flush()
    return len(found)


def forget_owner(db: Session, user_id: UUID) -> None:
    """Somebody leaves: their plans are gone, with what the team said there."""
    lock_for_writing(db)
    for plan in list_all_of(db, user_id):
        notices.forget(db, plan)
        db.delete(plan)
    db.flush()


def forget_helper(db: Session, user_id: UUID) -> None:
    """Somebody of the team leaves: what they said stays with whom it was said to, unsigned."""
    lock_for_writing(db)
    db.execute(update(PlanEvent).where(PlanEvent.actor_id == user_id).values(actor_id=None))
    db.execute(
        update(PlanAgreement).where(PlanAgreement.agreed_by_id == user_id).values(agreed_by_id=None)
    )
    db.execute(
        update(Checklist).where(Checklist.verified_by_id == user_id).values(verified_by_id=None)
    )
    db.expire_all()


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """One's plans, whole; of others' plans, when one did what, without their words."""
    return {
        "mine": [_exported(plan) for plan in list_all_of(db, user_id)],
        # What they say is of others: when and what kind, no more.
        "in_plans_of_others": [
            {"at": event.at.isoformat(), "turn": event.turn.value}
            for event in list_words_by(db, user_id)
        ],
    }


def _exported(plan: Plan) -> dict[str, Any]:
    return {
        "state": plan.state.value,
        "aims": list(plan.aims),
        "own_aim": plan.own_aim,
        "why": plan.why,
        "created_at": plan.created_at.isoformat(),
        "shared_at": plan.shared_at.isoformat() if plan.shared_at else None,
        "closed_at": plan.closed_at.isoformat() if plan.closed_at else None,
        "close_word": plan.close_word,
        "checklists": [one.title for one in plan.checklists],
        "steps": [_exported_step(step) for step in plan.steps],
        "agreements": [
            {
                "content": one.content,
                "asked_at": one.asked_at.isoformat(),
                "agreed_at": one.agreed_at.isoformat(),
                "agreed_by": one.agreed_by.name if one.agreed_by else None,
            }
            for one in plan.agreements
        ],
        "history": [
            {
                "at": event.at.isoformat(),
                "turn": event.turn.value,
                "by": event.actor.name if event.actor else None,
                "word": event.word,
            }
            for event in plan.events
        ],
    }


def _exported_step(step: PlanStep) -> dict[str, Any]:
    return {
        "title": step.title,
        "checklist": step.checklist.title if step.checklist else None,
        "url": step.url,
        "due": step.due.isoformat() if step.due else None,
        "done_at": step.done_at.isoformat() if step.done_at else None,
        "tied_to": step.target.value if step.target else None,
    }
