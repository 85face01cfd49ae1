"""Two accounts of one person become one: a path followed by both is followed once, and what was
done in either is done."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentEvent, EnrolmentStatus
from courses.paths.queries import list_every_step
from courses.progress.models import (
    RecordState,
    StepRecord,
    StepWaiver,
    WaiverState,
)
from courses.progress.moving import identity
from courses.progress.queries import list_every_waiver, list_records
from tierslieu.db import lock_for_writing
from tierslieu.people.joining.rows import drop_doubles, list_columns, turn

Line = TypeVar("Line", StepRecord, StepWaiver)
_STANDING = (RecordState.VALIDATED, RecordState.DECLARED)
#: Whose lines were told apart one by one; elsewhere the same said twice is said once.
_SEEN_TO = frozenset({StepRecord.__tablename__, StepWaiver.__tablename__})
_STANDING_WAIVERS = (WaiverState.GRANTED, WaiverState.ASKED)


def join_enrolments(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Of two living enrolments in a path the one in the newer version goes on (the first begun, of
    equals), with the steps, the waivers and the history of both."""
    lock_for_writing(db)
    living = db.scalars(
        select(Enrolment)
        .where(Enrolment.user_id.in_([gone, kept]), Enrolment.status != EnrolmentStatus.STOPPED)
        .order_by(Enrolment.path_id, Enrolment.id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).all()
    ours = {one.path_id: one for one in living if one.user_id == kept}
    for theirs in (one for one in living if one.user_id == gone):
        other = ours.get(theirs.path_id)
        if other is not None:
            goes_on, ends = sorted(
                (other, theirs), key=lambda one: (-one.version.number, one.started_at, one.id)
            )
            _join_two(db, ends, goes_on, now)


def _join_two(db: Session, ends: Enrolment, goes_on: Enrolment, now: datetime) -> None:
    steps = {step.id: identity(step) for step in list_every_step(db, goes_on.path_id)}
    there = {steps[step.id]: step.id for step in goes_on.version.steps}
    pair = [goes_on.id, ends.id]
    records, waivers = list_records(db, pair), list_every_waiver(db, pair)
    # The latest first, for it is the one shown; before it what the team said yes to.
    tries = sorted(records, key=lambda one: (one.declared_at, one.id), reverse=True)
    asked = sorted(waivers, key=lambda one: (one.asked_at, one.id), reverse=True)
    _keep_one(
        [one for state in _STANDING for one in tries if one.state is state],
        lambda one: steps[one.step_id],
        lambda one: _return(one, now),
    )
    _keep_one(
        [one for state in _STANDING_WAIVERS for one in asked if one.state is state],
        lambda one: steps[one.step_id],
        lambda one: _take_back(one, now),
    )
    db.flush()
    lines: list[StepRecord | StepWaiver] = [*records, *waivers]
    for line in lines:
        line.step_id = there.get(steps[line.step_id], line.step_id)
    db.flush()
    goes_on.started_at = min(goes_on.started_at, ends.started_at)
    goes_on.cohort_id = goes_on.cohort_id or ends.cohort_id
    said = max((ends, goes_on), key=lambda one: max(event.at for event in one.events)).status
    if said is not goes_on.status:  # the last word about it, in whichever account
        db.add(
            EnrolmentEvent(
                enrolment_id=goes_on.id, at=now, from_status=goes_on.status, to_status=said
            )
        )
        goes_on.status = said
    name = Enrolment.__tablename__
    for column in list_columns(name):
        if column.table.name not in _SEEN_TO:
            drop_doubles(db, column.table.name, ends.id, goes_on.id, of=name)
    turn(db, name, ends.id, goes_on.id)
    db.expire_all()
    db.delete(ends)
    db.flush()


def _keep_one(  # one line a step, the first; the others are history
    lines: Sequence[Line],
    step: Callable[[Line], Hashable],
    give_up: Callable[[Line], None],
) -> None:
    best: dict[Hashable, Line] = {}
    for line in lines:
        if step(line) in best:
            give_up(line)
        else:
            best[step(line)] = line


def _return(record: StepRecord, now: datetime) -> None:
    """It becomes history; what the team answered, and when, stays beside it."""
    record.state, record.decided_at = RecordState.RETURNED, record.decided_at or now
    record.word = _append(
        record.word, _("Vos deux comptes n’en font plus qu’un : l’autre envoi est gardé.")
    )


def _take_back(waiver: StepWaiver, now: datetime) -> None:
    waiver.state, waiver.decided_at = WaiverState.TAKEN_BACK, waiver.decided_at or now
    waiver.reason = _append(
        waiver.reason, _("Vos deux comptes n’en font plus qu’un : l’autre dispense est gardée.")
    )


def _append(words: str, sentence: str) -> str:
    return f"{words}\n{sentence}".strip()


def count_judged(db: Session, judge: UUID, about: UUID) -> int:
    """How many steps and waivers of the one the other decided or brought."""
    records = (
        select(func.count())
        .select_from(StepRecord)
        .join(Enrolment, Enrolment.id == StepRecord.enrolment_id)
        .where(
            Enrolment.user_id == about,
            or_(StepRecord.decided_by_id == judge, StepRecord.brought_by_id == judge),
        )
    )
    waivers = (
        select(func.count())
        .select_from(StepWaiver)
        .join(Enrolment, Enrolment.id == StepWaiver.enrolment_id)
        .where(Enrolment.user_id == about, StepWaiver.decided_by_id == judge)
    )
    return (db.scalar(records) or 0) + (db.scalar(waivers) or 0)
