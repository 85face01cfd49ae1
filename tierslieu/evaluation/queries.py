"""Reading what an evaluation is made of, people as pseudonyms as early as can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.among import is_among
from tierslieu.evaluation.models import PackageDownload, PackageState, ResearchPackage
from tierslieu.people.models import Consent, ConsentKind, Profile
from tierslieu.surveys.models import Answer, Invitation, ResponseSheet

SLICE = 1000  # a database takes only so many values at once


def count_people_by_fate(db: Session, wave_id: UUID) -> tuple[int, int, int]:
    """(answered at least once, else declined at least once, neither): each invited person once."""
    one = (
        select(
            Invitation.user_id,
            func.count(Invitation.answered_at).label("answered"),
            func.count(Invitation.declined_at).label("declined"),
        )
        .where(Invitation.wave_id == wave_id)
        .group_by(Invitation.user_id)
        .subquery()
    )
    answered = one.c.answered > 0
    declined = (one.c.answered == 0) & (one.c.declined > 0)
    row = db.execute(
        select(
            func.count().filter(answered),
            func.count().filter(declined),
            func.count().filter(~answered & ~declined),
        ).select_from(one)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


class Answered(NamedTuple):
    """An invitation that was answered."""

    invitation_id: UUID
    user_id: UUID
    at: datetime


class SheetHead(NamedTuple):
    """A submitted sheet without what it holds."""

    sheet_key: str
    id: UUID
    wave_id: UUID
    language: str


def list_answered(
    db: Session, wave_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[Answered]:
    """The invitations to those waves that these people answered, the first answered first."""
    rows = db.execute(
        select(Invitation.id, Invitation.user_id, Invitation.answered_at)
        .where(
            Invitation.wave_id.in_(wave_ids),
            is_among(Invitation.user_id, user_ids),
            Invitation.answered_at.is_not(None),
        )
        .order_by(Invitation.answered_at, Invitation.id)
    )
    return [Answered(which, whose, at) for which, whose, at in rows if at is not None]


def list_sheets(db: Session, sheet_keys: Sequence[str]) -> list[SheetHead]:
    """The submitted sheets under those keys (``surveys.pseudonyms.sheet_key``)."""
    found: list[SheetHead] = []
    for start in range(0, len(sheet_keys), SLICE):
        rows = db.execute(
            select(
                ResponseSheet.sheet_key,
                ResponseSheet.id,
                ResponseSheet.wave_id,
                ResponseSheet.language,
            )
            .where(
                ResponseSheet.sheet_key.in_(sheet_keys[start : start + SLICE]),
                ResponseSheet.is_submitted.is_(True),
            )
            .order_by(ResponseSheet.sheet_key)
        )
        found += [SheetHead(*row) for row in rows]
    return found


def list_values(db: Session, sheet_keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """What the sheets under those keys hold, by key, then by variable; at most :data:`SLICE` keys
    at once. A sheet without an answer is left out."""
    rows = db.execute(
        select(ResponseSheet.sheet_key, Answer.item, Answer.value)
        .join(Answer, Answer.sheet_id == ResponseSheet.id)
        .where(ResponseSheet.sheet_key.in_(sheet_keys))
        .order_by(ResponseSheet.sheet_key, Answer.item)
    )
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for key, item, value in rows:
        found[key][item] = value
    return dict(found)


def list_invited_people(
    db: Session, wave_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[tuple[UUID, UUID]]:
    """(wave, person) for each of these people asked in each of these waves."""
    rows = db.execute(
        select(Invitation.wave_id, Invitation.user_id)
        .where(Invitation.wave_id.in_(wave_ids), is_among(Invitation.user_id, user_ids))
        .distinct()
        .order_by(Invitation.wave_id, Invitation.user_id)
    )
    return [(row[0], row[1]) for row in rows]


def list_profiles(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """The profiles of these people that have one."""
    found = db.scalars(
        select(Profile).where(is_among(Profile.user_id, user_ids)).order_by(Profile.user_id)
    )
    return {profile.user_id: profile for profile in found}


def list_consent_versions(db: Session, user_ids: Sequence[UUID]) -> list[str]:
    """The versions of the research consent that stand among these people."""
    return list(
        db.scalars(
            select(Consent.text_version)
            .where(
                Consent.kind == ConsentKind.RESEARCH,
                Consent.withdrawn_at.is_(None),
                is_among(Consent.user_id, user_ids),
            )
            .distinct()
            .order_by(Consent.text_version)
        )
    )


def list_downloads(db: Session, study_id: UUID, limit: int = 50) -> Sequence[PackageDownload]:
    """What left, the last first."""
    return db.scalars(
        select(PackageDownload)
        .where(PackageDownload.study_id == study_id)
        .options(joinedload(PackageDownload.user))
        .order_by(PackageDownload.at.desc(), PackageDownload.id.desc())
        .limit(limit)
    ).all()


def list_downloads_of(db: Session, user_id: UUID) -> Sequence[PackageDownload]:
    """What this person downloaded, the first first."""
    return db.scalars(
        select(PackageDownload)
        .where(PackageDownload.user_id == user_id)
        .options(joinedload(PackageDownload.study))
        .order_by(PackageDownload.at, PackageDownload.id)
    ).all()


def list_hashes(db: Session, study_id: UUID, since: datetime | None) -> list[str]:
    """The SHA-256 of every package built since then, the first first."""
    query = select(ResearchPackage.sha256).where(
        ResearchPackage.study_id == study_id, ResearchPackage.state == PackageState.BUILT
    )
    if since is not None:
        query = query.where(ResearchPackage.decided_at >= since)
    return list(db.scalars(query.order_by(ResearchPackage.decided_at, ResearchPackage.id)))
