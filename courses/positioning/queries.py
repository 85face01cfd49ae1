"""Every SELECT of the questions, the drafts and what people kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from courses.enrolments.models import Enrolment
from courses.paths.models import Path
from courses.positioning.models import ChosenStep, KeptAnswers, QuizDraft, QuizVersion

_WHOLE = (joinedload(KeptAnswers.path), joinedload(KeptAnswers.version))


def current_quiz(db: Session, path_id: UUID) -> QuizVersion | None:
    """The questions of a path as they are asked now, or None."""
    return db.scalar(
        select(QuizVersion)
        .where(QuizVersion.path_id == path_id)
        .order_by(QuizVersion.number.desc())
        .limit(1)
    )


def find_version(db: Session, path_id: UUID, version_id: UUID) -> QuizVersion | None:
    """A version of the questions of this path, an older one too."""
    return db.scalar(
        select(QuizVersion).where(QuizVersion.id == version_id, QuizVersion.path_id == path_id)
    )


def list_current(db: Session) -> list[QuizVersion]:
    """The questions of all paths as they are asked now, in the order of the catalogue."""
    newest = (
        select(QuizVersion.path_id, func.max(QuizVersion.number).label("number"))
        .group_by(QuizVersion.path_id)
        .subquery()
    )
    return list(
        db.scalars(
            select(QuizVersion)
            .join(
                newest,
                (newest.c.path_id == QuizVersion.path_id) & (newest.c.number == QuizVersion.number),
            )
            .join(Path, Path.id == QuizVersion.path_id)
            .order_by(Path.position, Path.slug)
            .options(joinedload(QuizVersion.path))
        )
    )


def find_draft(db: Session, path_id: UUID) -> QuizDraft | None:
    """What is being written for that path, or None."""
    return db.scalar(select(QuizDraft).where(QuizDraft.path_id == path_id))


def list_drafts(db: Session) -> list[QuizDraft]:
    """All that is being written, in the order of the catalogue."""
    return list(
        db.scalars(
            select(QuizDraft)
            .join(QuizDraft.path)
            .order_by(Path.position, Path.slug)
            .options(joinedload(QuizDraft.path))
        )
    )


def find_kept(db: Session, user_id: UUID, kept_id: UUID) -> KeptAnswers | None:
    """This person's own answers, or None."""
    return db.scalar(
        select(KeptAnswers)
        .where(KeptAnswers.id == kept_id, KeptAnswers.user_id == user_id)
        .options(*_WHOLE)
    )


def find_kept_of_path(db: Session, user_id: UUID, path_id: UUID) -> KeptAnswers | None:
    """What this person kept of that path's questions, or None."""
    return db.scalar(
        select(KeptAnswers)
        .where(KeptAnswers.user_id == user_id, KeptAnswers.path_id == path_id)
        .options(*_WHOLE)
    )


def list_kept(db: Session, user_id: UUID) -> list[KeptAnswers]:
    """All that this person kept, the latest first."""
    return list(
        db.scalars(
            select(KeptAnswers)
            .where(KeptAnswers.user_id == user_id)
            .order_by(KeptAnswers.kept_at.desc(), KeptAnswers.id)
            .options(*_WHOLE)
        )
    )


def list_shared(db: Session, user_id: UUID) -> list[KeptAnswers]:
    """What this person shows to the team, the latest first."""
    return list(
        db.scalars(
            select(KeptAnswers)
            .where(KeptAnswers.user_id == user_id, KeptAnswers.shared_at.is_not(None))
            .order_by(KeptAnswers.kept_at.desc(), KeptAnswers.id)
            .options(*_WHOLE)
        )
    )


def list_old(db: Session, before: datetime, limit: int) -> Sequence[UUID]:
    """Some answers that were kept before then."""
    return db.scalars(
        select(KeptAnswers.id)
        .where(KeptAnswers.kept_at < before)
        .order_by(KeptAnswers.kept_at, KeptAnswers.id)
        .limit(limit)
    ).all()


def list_chosen(db: Session, enrolment_id: UUID) -> list[str]:
    """The keys of the steps somebody chose to begin with."""
    return list(
        db.scalars(
            select(ChosenStep.key)
            .where(ChosenStep.enrolment_id == enrolment_id)
            .order_by(ChosenStep.chosen_at, ChosenStep.key)
        )
    )


def list_chosen_of(db: Session, user_id: UUID) -> list[ChosenStep]:
    """All steps that this person chose to begin with, in all their paths."""
    return list(
        db.scalars(
            select(ChosenStep)
            .join(ChosenStep.enrolment)
            .where(Enrolment.user_id == user_id)
            .order_by(ChosenStep.chosen_at, ChosenStep.enrolment_id, ChosenStep.key)
            .options(joinedload(ChosenStep.enrolment).joinedload(Enrolment.path))
        )
    )
