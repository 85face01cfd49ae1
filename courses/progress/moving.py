"""Going on in the newest version of a path: what is done is taken along, nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentEvent, EnrolmentStatus
from courses.paths.models import PathVersion, Step, StepKind
from courses.paths.queries import current_version, list_every_step, list_steps
from courses.progress.models import StepRecord, StepWaiver
from courses.progress.queries import list_every_waiver, list_records
from courses.progress.rules import close_asked
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused


@dataclass(frozen=True)
class Move:
    """What becomes of each step when one goes on in ``version``.

    ``kept``: the same in both, as the new version says it; ``new``: asked from now on; ``gone``:
    no longer part of the path, kept in the history.
    """

    version: PathVersion
    kept: Sequence[Step]
    new: Sequence[Step]
    gone: Sequence[Step]


def plan_move(db: Session, enrolment: Enrolment) -> Move | None:
    """What going on in the newest version would change; None when it is the newest."""
    newest = current_version(db, enrolment.path_id)
    if newest is None or newest.id == enrolment.version_id:
        return None
    here = {identity(step): step for step in list_steps(db, [enrolment.version_id])}
    there = {identity(step): step for step in newest.steps}
    return Move(
        newest,
        [step for one, step in there.items() if one in here],
        [step for one, step in there.items() if one not in here],
        [step for one, step in here.items() if one not in there],
    )


def identity(step: Step) -> tuple[str, StepKind]:
    """What makes it the same step in another version: a module done is not a badge held."""
    return step.key, step.kind


def move_to_newest(
    db: Session, enrolment_id: UUID, number: int, *, actor_id: UUID, now: datetime
) -> Enrolment:
    """Go on in the newest version, which must be ``number``: the one whose changes were shown.

    Records and waivers go along to the step of the same key; those of a step that is gone stay
    with it, for the history. Raises :class:`Refused` ``stopped``, ``already_newest`` or
    ``newer_still`` (another version was published meanwhile); :class:`NotYours`.
    """
    lock_for_writing(db)
    enrolment = db.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    )
    if enrolment is None:
        raise NotYours
    if enrolment.status is EnrolmentStatus.STOPPED:
        raise Refused(_("Ce parcours est arrêté : reprenez-le d’abord."), code="stopped")
    move = plan_move(db, enrolment)
    if move is None:
        raise Refused(_("Vous suivez déjà la dernière version."), code="already_newest")
    if move.version.number != number:
        raise Refused(
            _("Une version plus récente vient de paraître : relisez ce qui change."),
            code="newer_still",
        )
    _take_along(db, enrolment, move.version.steps, now)
    enrolment.version_id = move.version.id
    db.add(
        EnrolmentEvent(
            enrolment_id=enrolment.id,
            actor_id=actor_id,
            at=now,
            from_status=enrolment.status,
            to_status=enrolment.status,
            to_version_id=move.version.id,
        )
    )
    db.flush()
    db.expire(enrolment, ["events", "version"])
    return enrolment


def _take_along(db: Session, enrolment: Enrolment, steps: Sequence[Step], now: datetime) -> None:
    """From whichever version a line is: a step that was gone may be back."""
    known = {step.id: identity(step) for step in list_every_step(db, enrolment.path_id)}
    there = {identity(step): step for step in steps}
    lines: list[StepRecord | StepWaiver] = [*list_records(db, [enrolment.id])]
    lines += list_every_waiver(db, [enrolment.id])
    for line in lines:
        step = there.get(known[line.step_id])
        if step is not None:
            line.step_id = step.id
    db.flush()
    stay = {step.id for step in steps}
    gone = [(enrolment.id, line.step_id) for line in lines if line.step_id not in stay]
    close_asked(db, gone, _("Cette étape n’est plus du parcours suivi."), now=now)
    db.expire_all()
