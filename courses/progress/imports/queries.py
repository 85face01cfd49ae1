"""Every SELECT of importing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import func as sql
from sqlalchemy.orm import Session, joinedload

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path
from courses.progress.imports.models import (
    CompletionSettings,
    GradeImport,
    GradeImportLine,
    GradeSettings,
    Outlook,
    OutsideUsername,
    Provider,
)
from courses.progress.models import RecordState, StepRecord
from tierslieu.among import is_among
from tierslieu.people.models import User
from tierslieu.people.queries import proved_addresses


def find_settings(db: Session, path_id: UUID) -> GradeSettings | None:
    """How this path's reports are read; None for the defaults."""
    return db.get(GradeSettings, path_id)


def find_completion_settings(db: Session, path_id: UUID) -> CompletionSettings | None:
    """How this path's reports of Moodle are read; None where nobody said anything yet."""
    return db.get(CompletionSettings, path_id)


def list_usernames(db: Session, user_id: UUID) -> list[OutsideUsername]:
    """What a person said of themselves, a provider each."""
    return list(
        db.scalars(
            select(OutsideUsername)
            .where(OutsideUsername.user_id == user_id)
            .order_by(OutsideUsername.provider)
        )
    )


def find_username(db: Session, provider: Provider, folded: str) -> OutsideUsername | None:
    """Who said this username to be theirs."""
    return db.scalar(
        select(OutsideUsername).where(
            OutsideUsername.provider == provider, OutsideUsername.folded == folded
        )
    )


def match_addresses(db: Session, emails: Sequence[str]) -> dict[str, UUID]:
    """Whose these addresses are, of those that somebody proved."""
    if not emails:
        return {}
    proved = proved_addresses()
    rows = db.execute(
        select(proved.c.email, proved.c.user_id)
        .where(proved.c.email.in_(emails))
        .order_by(proved.c.email, proved.c.user_id)
    )
    return {row.email: row.user_id for row in rows}


def match_usernames(db: Session, provider: Provider, folded: Sequence[str]) -> dict[str, UUID]:
    """Who declared these usernames, of open accounts whose address is confirmed."""
    if not folded:
        return {}
    rows = db.execute(
        select(OutsideUsername.folded, OutsideUsername.user_id)
        .join(User, User.id == OutsideUsername.user_id)
        .where(
            OutsideUsername.provider == provider,
            OutsideUsername.folded.in_(folded),
            User.active.is_(True),
            User.confirmed_at.is_not(None),
        )
        .order_by(OutsideUsername.folded)
    )
    return {row.folded: row.user_id for row in rows}


def lock_path(db: Session, path_id: UUID) -> None:
    """One import of a path at a time; who enrols meanwhile is not held up."""
    db.execute(select(Path.id).where(Path.id == path_id).with_for_update(key_share=True))


def living_enrolments(
    db: Session, path_id: UUID, user_ids: Sequence[UUID], *, locked: bool
) -> dict[UUID, tuple[UUID, UUID]]:
    """The enrolment and its version of each of these people who follows the path, by person."""
    query = (
        select(Enrolment.user_id, Enrolment.id, Enrolment.version_id)
        .where(
            Enrolment.path_id == path_id,
            is_among(Enrolment.user_id, user_ids),
            Enrolment.status != EnrolmentStatus.STOPPED,
        )
        .order_by(Enrolment.id)
    )
    rows = db.execute(query.with_for_update(key_share=True) if locked else query)
    return {user_id: (enrolment_id, version_id) for user_id, enrolment_id, version_id in rows}


def standing_records(
    db: Session, enrolment_ids: Sequence[UUID], *, locked: bool
) -> dict[tuple[UUID, UUID], tuple[UUID, RecordState]]:
    """What waits or is validated: record and state, by enrolment and step."""
    if not enrolment_ids:
        return {}
    query = (
        select(StepRecord.enrolment_id, StepRecord.step_id, StepRecord.id, StepRecord.state)
        .where(
            is_among(StepRecord.enrolment_id, enrolment_ids),
            StepRecord.state != RecordState.RETURNED,
        )
        .order_by(StepRecord.id)
    )
    rows = db.execute(query.with_for_update(key_share=True) if locked else query)
    return {(enrolment, step): (record, state) for enrolment, step, record, state in rows}


def waiting_records(db: Session, record_ids: Sequence[UUID]) -> list[StepRecord]:
    """These records with their step, path and person, as they are now."""
    return list(
        db.scalars(
            select(StepRecord)
            .where(is_among(StepRecord.id, record_ids))
            .order_by(StepRecord.id)
            .options(
                joinedload(StepRecord.step),
                joinedload(StepRecord.enrolment).joinedload(Enrolment.path),
                joinedload(StepRecord.enrolment).joinedload(Enrolment.user),
            )
            .execution_options(populate_existing=True)
        )
    )


def _seen_by(user_id: UUID) -> ColumnElement[bool]:
    """A dry run is its author's; what was applied is the whole team's to see."""
    return or_(GradeImport.applied_at.is_not(None), GradeImport.created_by_id == user_id)


def find_import_for(
    db: Session, user_id: UUID, path_id: UUID, import_id: UUID
) -> GradeImport | None:
    """The import of that path, if this member of the team may see it."""
    return db.scalar(
        select(GradeImport)
        .where(GradeImport.id == import_id, GradeImport.path_id == path_id, _seen_by(user_id))
        .options(joinedload(GradeImport.path), joinedload(GradeImport.created_by))
    )


def list_imports_for(
    db: Session, user_id: UUID, path_id: UUID, *, offset: int, limit: int
) -> list[GradeImport]:
    """The imports of a path, the newest first."""
    return list(
        db.scalars(
            select(GradeImport)
            .where(GradeImport.path_id == path_id, _seen_by(user_id))
            .order_by(GradeImport.created_at.desc(), GradeImport.id.desc())
            .options(joinedload(GradeImport.created_by))
            .offset(offset)
            .limit(limit)
        )
    )


def count_imports_for(db: Session, user_id: UUID, path_id: UUID) -> int:
    """How many :func:`list_imports_for` would find."""
    return (
        db.scalar(
            select(sql.count())
            .select_from(GradeImport)
            .where(GradeImport.path_id == path_id, _seen_by(user_id))
        )
        or 0
    )


def list_lines(
    db: Session, import_id: UUID, *, outlook: Outlook | None, offset: int, limit: int
) -> list[GradeImportLine]:
    """Lines of an import in the order of the file, all or of one kind."""
    query = select(GradeImportLine).where(GradeImportLine.import_id == import_id)
    if outlook is not None:
        query = query.where(GradeImportLine.outlook == outlook)
    return list(
        db.scalars(
            query.options(joinedload(GradeImportLine.user))
            .order_by(GradeImportLine.position, GradeImportLine.id)
            .offset(offset)
            .limit(limit)
        )
    )


def count_lines(db: Session, import_id: UUID) -> int:
    """How many lines are still kept: none a day after."""
    return (
        db.scalar(
            select(sql.count())
            .select_from(GradeImportLine)
            .where(GradeImportLine.import_id == import_id)
        )
        or 0
    )


def list_stale(db: Session, before: datetime) -> list[UUID]:
    """Dry runs of before then that nobody applied."""
    return list(
        db.scalars(
            select(GradeImport.id)
            .where(GradeImport.applied_at.is_(None), GradeImport.created_at < before)
            .order_by(GradeImport.id)
        )
    )


def list_to_forget(db: Session, before: datetime) -> list[UUID]:
    """Imports applied before then whose lines still name people."""
    return list(
        db.scalars(
            select(GradeImport.id)
            .where(
                GradeImport.applied_at < before,
                select(GradeImportLine.id)
                .where(GradeImportLine.import_id == GradeImport.id)
                .exists(),
            )
            .order_by(GradeImport.id)
        )
    )


def list_lines_about(db: Session, user_id: UUID) -> list[GradeImportLine]:
    """Lines that say something of this person, oldest first."""
    return list(
        db.scalars(
            select(GradeImportLine)
            .where(GradeImportLine.user_id == user_id)
            .order_by(GradeImportLine.id)
        )
    )
