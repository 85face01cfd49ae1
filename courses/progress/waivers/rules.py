"""Asking for a waiver, granting, refusing and taking it back. Each answer carries a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Step
from courses.paths.queries import find_step
from courses.progress.gathering import compute_progress
from courses.progress.models import StepWaiver, WaiverState
from courses.progress.rules import check_length
from courses.progress.waivers.queries import find_standing_waiver, get_waiver
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.mail.rules import write_mail

ASKED, GRANTED = WaiverState.ASKED, WaiverState.GRANTED
REFUSED, TAKEN_BACK = WaiverState.REFUSED, WaiverState.TAKEN_BACK


def ask_waiver(
    db: Session,
    enrolment_id: UUID,
    step_id: UUID,
    *,
    now: datetime,
    house: House,
    request: str,
) -> StepWaiver:
    """Ask the team not to have to do a step, and say why.

    Raises :class:`Refused` ``request_missing``, ``text_too_long``, ``not_active``,
    ``already_done``, ``waiver_asked`` or ``waiver_granted``; :class:`NotYours` if the step is not
    of this path.
    """
    enrolment, step = _lock(db, enrolment_id, step_id)
    request = request.strip()
    if not request:
        raise Refused(
            _("Dites en quelques mots ce que vous savez déjà faire, ou ce qui vous en empêche."),
            code="request_missing",
            field="request",
            status=422,
        )
    check_length(request, "request")
    _check_open(db, enrolment, step, house)
    standing = find_standing_waiver(db, enrolment_id, step_id)
    if standing is not None:
        raise _standing(standing)
    waiver = StepWaiver(
        enrolment_id=enrolment_id, step_id=step_id, state=ASKED, request=request, asked_at=now
    )
    db.add(waiver)
    db.flush()
    return waiver


def grant_waiver(
    db: Session,
    enrolment_id: UUID,
    step_id: UUID,
    *,
    actor_id: UUID,
    now: datetime,
    house: House,
    reason: str,
) -> StepWaiver:
    """Let somebody off a step, whether they asked for it or not; they are told by mail.

    Raises as :func:`ask_waiver` does, or ``own_waiver``, ``reason_missing``.
    """
    enrolment, step = _lock(db, enrolment_id, step_id)
    _check_open(db, enrolment, step, house)
    waiver = find_standing_waiver(db, enrolment_id, step_id)
    if waiver is not None and waiver.state is GRANTED:
        raise _standing(waiver)
    if waiver is None:
        waiver = StepWaiver(enrolment_id=enrolment_id, step_id=step_id, asked_at=now)
    return _decide(db, waiver, enrolment, step, GRANTED, actor_id, now, reason)


def decide_waiver(
    db: Session,
    waiver_id: UUID,
    state: WaiverState,
    *,
    actor_id: UUID,
    now: datetime,
    reason: str,
) -> StepWaiver:
    """Grant or refuse what was asked, or take back what was granted; the person is told.

    Raises :class:`Refused` ``own_waiver``, ``reason_missing``, ``text_too_long`` or
    ``waiver_decided`` (somebody was quicker).
    """
    found = get_waiver(db, waiver_id)
    if found is None:
        raise NotYours
    enrolment = _lock_enrolment(db, found.enrolment_id)
    db.refresh(found, ["state"])
    wanted = GRANTED if state is TAKEN_BACK else ASKED
    if found.state is not wanted:
        raise Refused(
            _("Quelqu’un de l’équipe a déjà répondu : la page montre maintenant cette réponse."),
            code="waiver_decided",
        )
    return _decide(db, found, enrolment, found.step, state, actor_id, now, reason)


def _lock(db: Session, enrolment_id: UUID, step_id: UUID) -> tuple[Enrolment, Step]:
    """The enrolment, and a step of the version it follows."""
    enrolment, step = _lock_enrolment(db, enrolment_id), find_step(db, step_id)
    if step is None or step.version_id != enrolment.version_id:
        raise NotYours
    return enrolment, step


def _lock_enrolment(db: Session, enrolment_id: UUID) -> Enrolment:
    """One at a time for each enrolment: two answers at once are given one after the other."""
    lock_for_writing(db)
    enrolment = db.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    )
    if enrolment is None:
        raise NotYours
    return enrolment


def _check_open(db: Session, enrolment: Enrolment, step: Step, house: House) -> None:
    if enrolment.status is not EnrolmentStatus.ACTIVE:
        raise Refused(
            _("Ce parcours n’est pas en cours : il faut d’abord le reprendre."), code="not_active"
        )
    progress = compute_progress(db, [enrolment], house)[enrolment.id]
    if any(s.step.id == step.id and s.state == "done" for s in progress.steps):
        raise Refused(
            _("Cette étape est déjà faite : il n’y a plus à en dispenser."), code="already_done"
        )


def _standing(waiver: StepWaiver) -> Refused:
    if waiver.state is GRANTED:
        return Refused(_("Cette étape est déjà dispensée."), code="waiver_granted")
    return Refused(
        _("Cette dispense est déjà demandée : l’équipe y répondra."), code="waiver_asked"
    )


def _decide(
    db: Session,
    waiver: StepWaiver,
    enrolment: Enrolment,
    step: Step,
    state: WaiverState,
    actor_id: UUID,
    now: datetime,
    reason: str,
) -> StepWaiver:
    if enrolment.user_id == actor_id:
        raise Refused(
            _("C’est votre propre parcours : quelqu’un d’autre de l’équipe en décide."),
            code="own_waiver",
        )
    reason = reason.strip()
    if not reason:
        raise Refused(
            _("Donnez la raison : la personne la lira, et elle reste dans son parcours."),
            code="reason_missing",
            field="reason",
            status=422,
        )
    check_length(reason, "reason")
    waiver.state, waiver.reason = state, reason
    waiver.decided_at, waiver.decided_by_id = now, actor_id
    db.add(waiver)
    db.flush()
    write_mail(
        db,
        enrolment.user.email,
        "progress_waiver",
        {
            "name": enrolment.user.name,
            "state": state.value,
            "step": step.title,
            "path": enrolment.path.short_title,
            "reason": reason,
            "path_url": f"/mes-parcours/{enrolment.id}",
        },
        now=now,
        due_key=f"step-waiver:{waiver.id}:{state.value}",
    )
    return waiver
