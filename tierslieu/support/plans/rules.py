"""A person's own hand on their plan: aims, steps, ticks.

Whatever changes what an agreement is about makes an agreed plan a draft again; what was agreed
stays readable as it was. Ticking, putting in order and saying why change nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.support.appointments.rules import hold_person
from tierslieu.support.plans import notices
from tierslieu.support.plans.checklists.queries import list_aims
from tierslieu.support.plans.freezing import freeze
from tierslieu.support.plans.models import Plan, PlanEvent, PlanState, PlanStep, PlanTurn
from tierslieu.support.plans.queries import find_open
from tierslieu.support.plans.targets import Target

MAX_AIM = 200  # characters
MAX_WORD = 2000
MAX_TITLE = 300
MOST_STEPS = 100  # in a plan, those of checklists included
FARTHEST = timedelta(days=10 * 366)


@dataclass(frozen=True)
class Aims:
    """What one aims at: labels that the place proposes, one's own words, and why."""

    labels: Sequence[str]
    own: str = ""
    why: str = ""


@dataclass(frozen=True)
class Asked:
    """What a step says."""

    title: str
    due: date | None = None
    target: Target | None = None


def lock_plan(db: Session, plan_id: UUID) -> None:
    """Whoever changes this plan does so in turn."""
    lock_for_writing(db)
    db.get(Plan, plan_id, with_for_update=True, populate_existing=True)


def lock_own(db: Session, user_id: UUID) -> Plan:
    """One's open plan, locked and as it is now. Raises NotYours."""
    lock_for_writing(db)
    found = find_open(db, user_id)
    if found is not None:
        lock_plan(db, found.id)
        found = find_open(db, user_id)
    if found is None:
        raise NotYours
    return found


def tell(
    db: Session, plan: Plan, turn: PlanTurn, actor_id: UUID | None, now: datetime, word: str = ""
) -> PlanEvent:
    """Write a line into its history."""
    event = PlanEvent(plan=plan, at=now, turn=turn, actor_id=actor_id, word=word)
    db.add(event)
    plan.changed_at = now
    db.flush()
    return event


@contextmanager
def changing(db: Session, user_id: UUID, now: datetime) -> Iterator[Plan]:
    """One's open plan, to be changed; what follows from the change is done at the end."""
    plan = lock_own(db, user_id)
    before = freeze(plan)
    yield plan
    plan.changed_at = now
    db.flush()
    if freeze(plan) == before:
        return
    plan.revision += 1
    # An agreement is asked for what is there: what is changed since is asked for anew.
    plan.asked_at = None
    if plan.state is PlanState.AGREED:
        plan.state = PlanState.DRAFT
        event = tell(db, plan, PlanTurn.REOPENED, user_id, now)
        notices.tell_reopened(db, plan, event, now)
    db.flush()


def set_aims(db: Session, user_id: UUID, aims: Aims, *, now: datetime) -> Plan:
    """Say what one aims at; without an open plan, one begins. Raises :class:`Refused`
    ``no_aim``, ``unknown_aim``, ``too_long``."""
    lock_for_writing(db)
    hold_person(db, user_id)
    plan = find_open(db, user_id)
    if plan is None:
        _check_aims(db, aims, ())
        plan = Plan(user_id=user_id, created_at=now, changed_at=now)
        db.add(plan)
        _write_aims(plan, aims)
        tell(db, plan, PlanTurn.BEGUN, user_id, now)
        return plan
    with changing(db, user_id, now) as plan:
        _check_aims(db, aims, plan.aims)
        _write_aims(plan, aims)
    return plan


def _write_aims(plan: Plan, aims: Aims) -> None:
    plan.aims, plan.own_aim, plan.why = list(aims.labels), aims.own, aims.why


def _check_aims(db: Session, aims: Aims, kept: Sequence[str]) -> None:
    if not aims.labels and not aims.own:
        raise Refused(
            _("Choisissez au moins une visée, ou dites la vôtre."),
            code="no_aim",
            field="aims",
            status=422,
        )
    known = {one.label for one in list_aims(db)} | set(kept)
    if not set(aims.labels) <= known:
        raise Refused(
            _("Une de ces visées n’est plus proposée : choisissez-en une autre."),
            code="unknown_aim",
            field="aims",
            status=422,
        )
    check_length(aims.own, MAX_AIM, "own")
    check_length(aims.why, MAX_WORD, "why")


def check_length(text: str, most: int, field: str) -> None:
    """Raises :class:`Refused` ``too_long`` beside that field."""
    if len(text) > most:
        raise Refused(
            _("Ce texte est trop long : %(most)s caractères au plus.", most=most),
            code="too_long",
            field=field,
            status=422,
        )


def add_step(db: Session, user_id: UUID, asked: Asked, *, now: datetime) -> PlanStep:
    """A step more, at the end. Raises :class:`Refused` ``no_title``, ``too_long``, ``wrong_date``,
    ``too_many``."""
    with changing(db, user_id, now) as plan:
        check_room(plan, 1)
        step = PlanStep(plan=plan, position=next_position(plan), title="")
        _write_step(step, asked, now)
        db.add(step)
    return step


def check_room(plan: Plan, more: int) -> None:
    """Raises :class:`Refused` ``too_many``."""
    if len(plan.steps) + more > MOST_STEPS:
        raise Refused(
            _("Un plan tient %(most)s étapes au plus : retirez-en d’abord.", most=MOST_STEPS),
            code="too_many",
        )


def next_position(plan: Plan) -> int:
    """After all others."""
    return max((one.position for one in plan.steps), default=0) + 1


def change_step(
    db: Session, user_id: UUID, step_id: UUID, asked: Asked, *, now: datetime
) -> PlanStep:
    """Change what it says; of an item of a checklist its date alone. Raises as for adding."""
    with changing(db, user_id, now) as plan:
        step = find_in(plan, step_id)
        if step.checklist_id is not None:
            _write_date(step, asked.due, now)
        else:
            _write_step(step, asked, now)
    return step


def find_in(plan: Plan, step_id: UUID) -> PlanStep:
    """A step of this plan. Raises NotYours."""
    found = next((one for one in plan.steps if one.id == step_id), None)
    if found is None:
        raise NotYours
    return found


def _write_step(step: PlanStep, asked: Asked, now: datetime) -> None:
    target = asked.target
    title = asked.title or (target.name if target is not None else "")
    if not title:
        raise Refused(
            _("Dites ce qu’il y a à faire, ou choisissez à quoi cette étape est liée."),
            code="no_title",
            field="title",
            status=422,
        )
    check_length(title, MAX_TITLE, "title")
    step.title = title
    step.target = target.kind if target is not None else None
    step.path_id = target.path_id if target is not None else None
    step.step_key = target.step_key if target is not None else ""
    step.appointment_id = target.appointment_id if target is not None else None
    _write_date(step, asked.due, now)


def _write_date(step: PlanStep, due: date | None, now: datetime) -> None:
    if due == step.due:
        return
    if due is not None and abs(due - to_local(now).date()) > FARTHEST:
        raise Refused(
            _("Cette date est à plus de dix ans d’ici : vérifiez l’année."),
            code="wrong_date",
            field="due",
            status=422,
        )
    step.due, step.dated_at = due, now if due is not None else None


def tick_step(db: Session, user_id: UUID, step_id: UUID, is_done: bool, *, now: datetime) -> None:
    """Done, or not after all; what was ticked keeps its hour."""
    with changing(db, user_id, now) as plan:
        step = find_in(plan, step_id)
        if is_done != (step.done_at is not None):
            step.done_at = now if is_done else None


def move_step(db: Session, user_id: UUID, step_id: UUID, up: bool, *, now: datetime) -> None:
    """One place up or down among its own; at the end of the list nothing happens."""
    with changing(db, user_id, now) as plan:
        step = find_in(plan, step_id)
        row = [one for one in plan.steps if one.checklist_id == step.checklist_id]
        place = row.index(step)
        other = place - 1 if up else place + 1
        if 0 <= other < len(row):
            row[place], row[other] = row[other], row[place]
        positions = sorted(one.position for one in row)
        for one, position in zip(row, positions, strict=True):
            one.position = position


def drop_step(db: Session, user_id: UUID, step_id: UUID, *, now: datetime) -> None:
    """Away with it."""
    with changing(db, user_id, now) as plan:
        plan.steps.remove(find_in(plan, step_id))


def drop_plan(db: Session, user_id: UUID) -> None:
    """Throw away a draft that was never agreed. Raises :class:`Refused` ``agreed_once``."""
    plan = lock_own(db, user_id)
    if plan.agreements:
        raise Refused(
            _("Ce plan a été convenu avec l’équipe : il ne se supprime plus, il se termine."),
            code="agreed_once",
        )
    notices.forget(db, plan)
    db.delete(plan)
    db.flush()
