"""Every SELECT of the declared steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from courses.enrolments.models import Enrolment
from courses.paths.models import PathVersion, Step
from courses.progress.certificates.models import CertificateStep
from courses.progress.models import RecordState, StepRecord, StepWaiver, WaiverState
from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.people.models import FACILITATOR, User

WHOLE = (
    joinedload(StepRecord.step),
    joinedload(StepRecord.upload),
    joinedload(StepRecord.enrolment).joinedload(Enrolment.path),
    joinedload(StepRecord.enrolment).joinedload(Enrolment.user).selectinload(User.profile),
)


def list_records(db: Session, enrolment_ids: Sequence[UUID]) -> list[StepRecord]:
    """All tries in those enrolments, oldest first."""
    return list(
        db.scalars(
            select(StepRecord)
            .where(is_among(StepRecord.enrolment_id, enrolment_ids))
            .order_by(StepRecord.declared_at, StepRecord.id)
            .options(joinedload(StepRecord.upload))
        )
    )


def list_granted(db: Session, enrolment_ids: Sequence[UUID]) -> list[StepWaiver]:
    """The waivers that hold in those enrolments, oldest first."""
    return list(
        db.scalars(
            select(StepWaiver)
            .where(
                is_among(StepWaiver.enrolment_id, enrolment_ids),
                StepWaiver.state == WaiverState.GRANTED,
            )
            .order_by(StepWaiver.decided_at, StepWaiver.id)
        )
    )


def list_every_waiver(db: Session, enrolment_ids: Sequence[UUID]) -> list[StepWaiver]:
    """All waivers in those enrolments, whatever became of them, oldest first."""
    return list(
        db.scalars(
            select(StepWaiver)
            .where(is_among(StepWaiver.enrolment_id, enrolment_ids))
            .order_by(StepWaiver.asked_at, StepWaiver.id)
        )
    )


def list_tries(db: Session, enrolment_id: UUID, step_id: UUID) -> list[StepRecord]:
    """All tries of one step in one enrolment, newest first."""
    return list(
        db.scalars(
            select(StepRecord)
            .where(StepRecord.enrolment_id == enrolment_id, StepRecord.step_id == step_id)
            .order_by(StepRecord.declared_at.desc(), StepRecord.id.desc())
            .options(joinedload(StepRecord.upload), joinedload(StepRecord.decided_by))
        )
    )


def find_standing_record(db: Session, enrolment_id: UUID, step_id: UUID) -> StepRecord | None:
    """The try that waits or is validated, or None."""
    return db.scalar(
        select(StepRecord).where(
            StepRecord.enrolment_id == enrolment_id,
            StepRecord.step_id == step_id,
            StepRecord.state != RecordState.RETURNED,
        )
    )


def get_record(db: Session, record_id: UUID) -> StepRecord | None:
    """One try with its step, path, person and file, as it is now."""
    return db.scalar(
        select(StepRecord)
        .where(StepRecord.id == record_id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )


def find_record_for(db: Session, person: User, record_id: UUID) -> StepRecord | None:
    """One try, for the person who declared it or for a facilitator; None for anybody else."""
    query = select(StepRecord).join(StepRecord.enrolment).where(StepRecord.id == record_id)
    if not person.holds(FACILITATOR):
        query = query.where(Enrolment.user_id == person.id)
    return db.scalar(query.options(*WHOLE))


def _earlier_line() -> ColumnElement[bool]:
    """Whether a line before this one, of the same certificate and enrolment, waits too."""
    mine, theirs = aliased(CertificateStep), aliased(CertificateStep)
    other, before = aliased(StepRecord), aliased(Step)
    return exists().where(
        mine.record_id == StepRecord.id,
        theirs.certificate_id == mine.certificate_id,
        other.id == theirs.record_id,
        other.enrolment_id == StepRecord.enrolment_id,
        other.state == RecordState.DECLARED,
        before.id == other.step_id,
        before.version_id == Enrolment.version_id,
        before.position < Step.position,
    )


def waiting_for(person_id: UUID) -> Select[StepRecord]:
    """What waits for an answer that this person may give: not their own."""
    return (
        select(StepRecord)
        .join(StepRecord.enrolment)
        .join(Step, Step.id == StepRecord.step_id)
        .where(
            StepRecord.state == RecordState.DECLARED,
            Enrolment.user_id != person_id,
            # What was declared of a step that is gone from the version one follows waits for
            # nothing: it comes back with the step, if ever.
            Step.version_id == Enrolment.version_id,
            # A certificate of six steps is read once: the first line that still waits stands for
            # them all, whatever became of the others (an import, another version).
            ~_earlier_line(),
        )
    )


def count_waiting(db: Session, person_id: UUID) -> int:
    """How many declared steps wait for this facilitator or a colleague."""
    return db.scalar(select(func.count()).select_from(waiting_for(person_id).subquery())) or 0


def list_waiting(
    db: Session, person_id: UUID, *, limit: int | None = None, offset: int = 0
) -> list[StepRecord]:
    """The queue: declared steps, oldest first."""
    return list(
        db.scalars(
            waiting_for(person_id)
            .order_by(StepRecord.declared_at, StepRecord.id)
            .limit(limit)
            .offset(offset)
            .options(*WHOLE)
        )
    )


def list_records_of(db: Session, user_ids: Sequence[UUID]) -> list[StepRecord]:
    """All tries of those people, oldest first, with path and version."""
    if not user_ids:
        return []
    return list(
        db.scalars(
            select(StepRecord)
            .join(StepRecord.enrolment)
            .where(is_among(Enrolment.user_id, user_ids))
            .order_by(StepRecord.declared_at, StepRecord.id)
            .options(
                contains_eager(StepRecord.enrolment).joinedload(Enrolment.path),
                contains_eager(StepRecord.enrolment).joinedload(Enrolment.version),
                joinedload(StepRecord.step),
                joinedload(StepRecord.upload),
            )
        )
    )


def latest_declared(db: Session, among: Among = None) -> dict[UUID, datetime]:
    """When somebody last declared a step, or a report brought one, by person; of those alone if
    some are given."""
    query = select(Enrolment.user_id, func.max(StepRecord.declared_at)).join(StepRecord.enrolment)
    if among is not None:
        query = query.where(is_among(Enrolment.user_id, among))
    return {row[0]: row[1] for row in db.execute(query.group_by(Enrolment.user_id))}


def list_dated(db: Session, since: datetime, until: datetime) -> list[UUID]:
    """Who has a validated step that counts from an instant in [since, until), once."""
    at = func.coalesce(StepRecord.decided_at, StepRecord.declared_at)
    return list(
        db.scalars(
            select(Enrolment.user_id)
            .join(StepRecord, StepRecord.enrolment_id == Enrolment.id)
            .where(StepRecord.state == RecordState.VALIDATED, at >= since, at < until)
            .distinct()
            .order_by(Enrolment.user_id)
        )
    )


def list_doubles(db: Session) -> tuple[int, list[tuple[UUID, UUID]]]:
    """How many steps stand, and the (enrolment, step) of those that stand twice."""
    standing = (
        select(StepRecord.enrolment_id, StepRecord.step_id, func.count().label("times"))
        .where(StepRecord.state != RecordState.RETURNED)
        .group_by(StepRecord.enrolment_id, StepRecord.step_id)
    )
    count = db.scalar(select(func.count()).select_from(standing.subquery())) or 0
    rows = db.execute(
        standing.having(func.count() > 1).order_by(StepRecord.enrolment_id, StepRecord.step_id)
    )
    return count, [(enrolment_id, step_id) for enrolment_id, step_id, _times in rows]


def list_strangers(db: Session) -> list[UUID]:
    """Records whose step is of no version of the path that the enrolment follows."""
    return list(
        db.scalars(
            select(StepRecord.id)
            .join(Enrolment, Enrolment.id == StepRecord.enrolment_id)
            .join(Step, Step.id == StepRecord.step_id)
            .join(PathVersion, PathVersion.id == Step.version_id)
            .where(PathVersion.path_id != Enrolment.path_id)
            .order_by(StepRecord.id)
        )
    )


def list_validated(db: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """(person, path) of the enrolments begun in [since, until) with a validated step, once."""
    rows = db.execute(
        select(Enrolment.user_id, Enrolment.path_id)
        .join(StepRecord, StepRecord.enrolment_id == Enrolment.id)
        .where(
            StepRecord.state == RecordState.VALIDATED,
            Enrolment.started_at >= since,
            Enrolment.started_at < until,
        )
        .distinct()
        .order_by(Enrolment.path_id, Enrolment.user_id)
    )
    return [(row[0], row[1]) for row in rows]
