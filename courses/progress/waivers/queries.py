"""Every SELECT of the waivers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from courses.enrolments.models import Enrolment
from courses.progress.models import StepWaiver, WaiverState
from tierslieu.among import is_among

_STANDING = (WaiverState.ASKED, WaiverState.GRANTED)
_WHOLE = (
    joinedload(StepWaiver.step),
    contains_eager(StepWaiver.enrolment).joinedload(Enrolment.path),
    contains_eager(StepWaiver.enrolment).joinedload(Enrolment.user),
)


def find_standing_waiver(db: Session, enrolment_id: UUID, step_id: UUID) -> StepWaiver | None:
    """The waiver that is asked for or holds, or None."""
    return db.scalar(
        select(StepWaiver).where(
            StepWaiver.enrolment_id == enrolment_id,
            StepWaiver.step_id == step_id,
            StepWaiver.state.in_(_STANDING),
        )
    )


def find_last_waiver(db: Session, enrolment_id: UUID, step_id: UUID) -> StepWaiver | None:
    """The latest waiver of a step, whatever became of it, or None."""
    return db.scalar(
        select(StepWaiver)
        .where(StepWaiver.enrolment_id == enrolment_id, StepWaiver.step_id == step_id)
        .order_by(StepWaiver.asked_at.desc(), StepWaiver.id.desc())
        .limit(1)
    )


def get_waiver(db: Session, waiver_id: UUID) -> StepWaiver | None:
    """One waiver with its step, path and person: for the team."""
    return db.scalar(
        select(StepWaiver)
        .join(StepWaiver.enrolment)
        .where(StepWaiver.id == waiver_id)
        .options(*_WHOLE)
    )


def list_waivers(db: Session, enrolment_ids: Sequence[UUID]) -> list[StepWaiver]:
    """All waivers of those enrolments, whatever became of them, oldest first."""
    return list(
        db.scalars(
            select(StepWaiver)
            .join(StepWaiver.enrolment)
            .where(is_among(StepWaiver.enrolment_id, enrolment_ids))
            .order_by(StepWaiver.asked_at, StepWaiver.id)
            .options(*_WHOLE)
        )
    )


def list_waivers_of(db: Session, user_id: UUID) -> list[StepWaiver]:
    """All waivers of one person, oldest first."""
    return list(
        db.scalars(
            select(StepWaiver)
            .join(StepWaiver.enrolment)
            .where(Enrolment.user_id == user_id)
            .order_by(StepWaiver.asked_at, StepWaiver.id)
            .options(*_WHOLE)
        )
    )


def _asked(person_id: UUID) -> Select[StepWaiver]:
    """What waits for an answer that this person may give: not their own."""
    return (
        select(StepWaiver)
        .join(StepWaiver.enrolment)
        .where(StepWaiver.state == WaiverState.ASKED, Enrolment.user_id != person_id)
    )


def count_asked(db: Session, person_id: UUID) -> int:
    """How many waivers wait for this facilitator or a colleague."""
    return db.scalar(select(func.count()).select_from(_asked(person_id).subquery())) or 0


def list_asked(db: Session, person_id: UUID, *, offset: int, limit: int) -> list[StepWaiver]:
    """The waivers that are asked for, oldest first."""
    return list(
        db.scalars(
            _asked(person_id)
            .order_by(StepWaiver.asked_at, StepWaiver.id)
            .offset(offset)
            .limit(limit)
            .options(*_WHOLE)
        )
    )
