"""Reading the packages that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.clockwork import nobody_at
from tierslieu.evaluation.free_text.models import TextRequest
from tierslieu.evaluation.models import PackageParticipant, PackageState, ResearchPackage
from tierslieu.people.models import User
from tierslieu.surveys.models import Study, Wave

SLICE = 1000  # a database takes only so many values at once


def find_package(db: Session, package_id: UUID) -> ResearchPackage | None:
    """One package with its study."""
    return db.scalar(
        select(ResearchPackage)
        .where(ResearchPackage.id == package_id)
        .options(joinedload(ResearchPackage.study))
        .execution_options(populate_existing=True)
    )


def find_asked(db: Session, study_id: UUID) -> ResearchPackage | None:
    """The package of a study that waits for the worker."""
    return db.scalar(
        select(ResearchPackage).where(
            ResearchPackage.study_id == study_id, ResearchPackage.state == PackageState.ASKED
        )
    )


def list_packages(db: Session, study_id: UUID, limit: int = 20) -> Sequence[ResearchPackage]:
    """Those of a study, the last asked for first."""
    return db.scalars(
        select(ResearchPackage)
        .where(ResearchPackage.study_id == study_id)
        .order_by(ResearchPackage.asked_at.desc(), ResearchPackage.id.desc())
        .limit(limit)
    ).all()


def find_next(db: Session, now: datetime) -> ResearchPackage | None:
    """The one that waits longest and at which no worker is, held."""
    return db.scalar(
        select(ResearchPackage)
        .where(
            ResearchPackage.state == PackageState.ASKED,
            nobody_at(ResearchPackage.leased_until, now),
        )
        .order_by(ResearchPackage.asked_at, ResearchPackage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def list_asked_by(db: Session, user_id: UUID) -> Sequence[ResearchPackage]:
    """What this person asked for, the first first."""
    return db.scalars(
        select(ResearchPackage)
        .where(ResearchPackage.asked_by_id == user_id)
        .options(joinedload(ResearchPackage.study))
        .order_by(ResearchPackage.asked_at, ResearchPackage.id)
    ).all()


def list_studies_with_waves(db: Session) -> Sequence[Study]:
    """Every study with its waves, the oldest first."""
    return (
        db.scalars(
            select(Study)
            .options(joinedload(Study.waves).joinedload(Wave.instrument))
            .order_by(Study.created_at, Study.id)
        )
        .unique()
        .all()
    )


def list_living(db: Session, user_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these people whose account is still there."""
    found: list[UUID] = []
    for start in range(0, len(user_ids), SLICE):
        asked = user_ids[start : start + SLICE]
        found += db.scalars(select(User.id).where(User.id.in_(asked)).order_by(User.id))
    return found


def list_with_others(db: Session, package_ids: Sequence[UUID], standing: Select[UUID]) -> set[UUID]:
    """Those of these packages that hold data of somebody who is not among ``standing``."""
    return set(
        db.scalars(
            select(PackageParticipant.package_id)
            .where(
                PackageParticipant.package_id.in_(package_ids),
                PackageParticipant.user_id.not_in(standing),
            )
            .distinct()
            .order_by(PackageParticipant.package_id)
        )
    )


def list_with_withdrawn_texts(db: Session, package_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these packages that may hold free texts whose agreement was taken back since."""
    return set(
        db.scalars(
            select(ResearchPackage.id)
            .join(TextRequest, TextRequest.study_id == ResearchPackage.study_id)
            .where(
                ResearchPackage.id.in_(package_ids),
                TextRequest.withdrawn_at.is_not(None),
                ResearchPackage.asked_at <= TextRequest.withdrawn_at,
                ResearchPackage.decided_at >= TextRequest.decided_at,
            )
            .distinct()
            .order_by(ResearchPackage.id)
        )
    )


def list_last_people(db: Session, study_id: UUID) -> list[UUID]:
    """Whose data the last package of a study holds, of those whose account is still there."""
    last = (
        select(ResearchPackage.id)
        .where(ResearchPackage.study_id == study_id, ResearchPackage.state == PackageState.BUILT)
        .order_by(ResearchPackage.decided_at.desc(), ResearchPackage.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return list(
        db.scalars(
            select(PackageParticipant.user_id)
            .where(PackageParticipant.package_id == last)
            .order_by(PackageParticipant.user_id)
        )
    )


def list_built(db: Session) -> Sequence[ResearchPackage]:
    """Every package that was built, the first first."""
    return db.scalars(
        select(ResearchPackage)
        .where(ResearchPackage.state == PackageState.BUILT)
        .order_by(ResearchPackage.decided_at, ResearchPackage.id)
    ).all()


def list_to_keep(db: Session) -> Sequence[str]:
    """The SHA-256 of every file of a package that may still leave, once."""
    return db.scalars(
        select(ResearchPackage.sha256)
        .where(ResearchPackage.state == PackageState.BUILT, ResearchPackage.forgotten_at.is_(None))
        .distinct()
        .order_by(ResearchPackage.sha256)
    ).all()


def list_holding(
    db: Session, user_id: UUID, study_id: UUID | None = None
) -> Sequence[ResearchPackage]:
    """The packages (of a study, or of all) that hold this person's data, the last built first."""
    query = (
        select(ResearchPackage)
        .join(PackageParticipant, PackageParticipant.package_id == ResearchPackage.id)
        .where(PackageParticipant.user_id == user_id)
    )
    if study_id is not None:
        query = query.where(ResearchPackage.study_id == study_id)
    return db.scalars(
        query.order_by(ResearchPackage.decided_at.desc(), ResearchPackage.id.desc())
    ).all()


def iterate_said(db: Session, study_id: UUID) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """(person, what it says of them) for every package of a study, the first built first; read as
    it is gone through."""
    rows = db.execute(
        select(PackageParticipant.user_id, PackageParticipant.said)
        .join(ResearchPackage, ResearchPackage.id == PackageParticipant.package_id)
        .where(ResearchPackage.study_id == study_id)
        .order_by(ResearchPackage.decided_at, ResearchPackage.id, PackageParticipant.user_id)
        .execution_options(yield_per=SLICE)
    )
    yield from ((row[0], row[1]) for row in rows)
