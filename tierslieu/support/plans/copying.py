"""Putting a checklist into one's plan: a copy of its items, which the team's later changes leave
alone; the person is told that there are some."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.errors import NotYours, Refused
from tierslieu.support.plans.checklists.queries import find_checklist
from tierslieu.support.plans.checklists.words import say_yearly
from tierslieu.support.plans.models import PlanChecklist, PlanStep
from tierslieu.support.plans.rules import changing, check_room, next_position


def copy_checklist(
    db: Session, user_id: UUID, checklist_id: UUID, *, now: datetime
) -> PlanChecklist:
    """Copy it into one's open plan. Raises :class:`Refused` ``there_already``, ``too_many``;
    NotYours for a checklist that is no longer proposed."""
    with changing(db, user_id, now) as plan:
        found = find_checklist(db, checklist_id)
        if found is None or found.retired_at is not None:
            raise NotYours
        if any(one.checklist_id == checklist_id for one in plan.checklists):
            raise Refused(_("Cette liste est déjà dans votre plan."), code="there_already")
        check_room(plan, len(found.items))
        copy = PlanChecklist(
            plan=plan,
            checklist=found,
            version=found.version,
            title=found.title,
            url=found.url,
            year=found.year,
            verified_on=found.verified_on,
            added_at=now,
        )
        db.add(copy)
        first = next_position(plan)
        for position, item in enumerate(found.items, start=first):
            step = PlanStep(
                plan=plan,
                checklist=copy,
                position=position,
                title=item.text,
                url=item.url,
                advice=say_yearly(item.month, item.day),
                due=item.due,
                dated_at=now if item.due is not None else None,
            )
            db.add(step)
    return copy


def drop_checklist(db: Session, user_id: UUID, copy_id: UUID, *, now: datetime) -> None:
    """Take it out of one's plan, with what was ticked."""
    with changing(db, user_id, now) as plan:
        copy = next((one for one in plan.checklists if one.id == copy_id), None)
        if copy is None:
            raise NotYours
        for step in [one for one in plan.steps if one.checklist_id == copy_id]:
            plan.steps.remove(step)
        db.flush()
        plan.checklists.remove(copy)
