"""Two accounts of one person become one: a path followed by both is followed once, and what was
done in either is done."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
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
from tierslieu.people.joining.rows import turn

Line = TypeVar("Line", StepRecord, StepWaiver)
_STANDING_WAIVERS = (WaiverState.ASKED, WaiverState.GRANTED)


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
    _keep_one(
        [one for one in records if one.state is not RecordState.RETURNED],
        lambda one: steps[one.step_id],
        lambda one: (one.state is not RecordState.VALIDATED, one.declared_at, one.id),
        lambda one: _return(one, now),
    )
    _keep_one(
        [one for one in waivers if one.state in _STANDING_WAIVERS],
        lambda one: steps[one.step_id],
        lambda one: (one.state is not WaiverState.GRANTED, one.asked_at, one.id),
        lambda one: _take_back(one, now),
    )
    db.flush()
    lines: list[StepRecord | StepWaiver] = [*records, *waivers]
    for line in lines:
        line.step_id = there.get(steps[line.step_id], line.step_id)
    db.flush()
    goes_on.started_at = min(goes_on.started_at, ends.started_at)
    goes_on.cohort_id = goes_on.cohort_id or ends.cohort_id
    if ends.status is EnrolmentStatus.ACTIVE:
        goes_on.status = EnrolmentStatus.ACTIVE
    turn(db, Enrolment.__tablename__, ends.id, goes_on.id)
    db.expire_all()
    db.delete(ends)
    db.flush()


def _keep_one(  # one standing line a step; the others are history
    lines: Sequence[Line],
    step: Callable[[Line], Hashable],
    worth: Callable[[Line], tuple[Any, ...]],
    give_up: Callable[[Line], None],
) -> None:
    best: dict[Hashable, Line] = {}
    for line in sorted(lines, key=worth):
        if step(line) in best:
            give_up(line)
        else:
            best[step(line)] = line


def _return(record: StepRecord, now: datetime) -> None:
    record.state, record.decided_at, record.decided_by_id = RecordState.RETURNED, now, None
    record.word = _("Vos deux comptes n’en font plus qu’un : l’autre envoi est gardé.")


def _take_back(waiver: StepWaiver, now: datetime) -> None:
    waiver.state, waiver.decided_at, waiver.decided_by_id = WaiverState.TAKEN_BACK, now, None
    waiver.reason = _("Vos deux comptes n’en font plus qu’un : l’autre dispense est gardée.")
