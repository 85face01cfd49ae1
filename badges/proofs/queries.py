"""Every SELECT about badges that prove steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from badges.proofs.models import BadgeProof, BadgeWorth, ProvingBadge, TrustedIssuer
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path, PathVersion, Step
from courses.progress.imports.applying import GRADED
from courses.progress.models import RecordState, StepRecord


def is_trusted(db: Session, issuer: str) -> bool:
    """Whether the team trusts this issuer."""
    found = select(TrustedIssuer.id).where(TrustedIssuer.issuer == issuer)
    return bool(issuer) and db.scalar(found) is not None


def is_worth(db: Session, issuer: str, achievement: str, path_id: UUID, step_key: str) -> bool:
    """Whether the team said that such a badge is worth this step."""
    found = select(BadgeWorth.id).where(
        BadgeWorth.issuer == issuer,
        BadgeWorth.achievement == achievement,
        BadgeWorth.path_id == path_id,
        BadgeWorth.step_key == step_key,
    )
    return bool(achievement) and db.scalar(found) is not None


def list_trusted(db: Session) -> Sequence[TrustedIssuer]:
    """The issuers the place trusts, by name."""
    return db.scalars(
        select(TrustedIssuer)
        .options(joinedload(TrustedIssuer.added_by))
        .order_by(TrustedIssuer.name, TrustedIssuer.id)
    ).all()


def list_worths(db: Session) -> Sequence[BadgeWorth]:
    """What badges of others are worth, by name."""
    return db.scalars(
        select(BadgeWorth)
        .options(joinedload(BadgeWorth.path))
        .order_by(BadgeWorth.name, BadgeWorth.path_id, BadgeWorth.id)
    ).all()


def list_met_issuers(db: Session) -> Sequence[tuple[str, str]]:
    """Issuers of badges that people gave and that nobody trusts yet: (identifier, name)."""
    known = exists().where(TrustedIssuer.issuer == ProvingBadge.issuer)
    rows = db.execute(
        select(ProvingBadge.issuer, ProvingBadge.issuer_name)
        .where(~known, ProvingBadge.issuer != "")
        .distinct()
        .order_by(ProvingBadge.issuer_name, ProvingBadge.issuer)
    )
    return [(issuer, name) for issuer, name in rows]


def list_met_classes(db: Session) -> Sequence[tuple[str, str, str, str]]:
    """Classes that people gave and that are worth nothing yet: (issuer, its name, class, name)."""
    known = exists().where(
        BadgeWorth.issuer == ProvingBadge.issuer,
        BadgeWorth.achievement == ProvingBadge.achievement,
    )
    rows = db.execute(
        select(
            ProvingBadge.issuer,
            ProvingBadge.issuer_name,
            ProvingBadge.achievement,
            ProvingBadge.name,
        )
        .where(~known, ProvingBadge.issuer != "", ProvingBadge.achievement != "")
        .distinct()
        .order_by(ProvingBadge.name, ProvingBadge.achievement)
    )
    return [(a, b, c, d) for a, b, c, d in rows]


def list_open_steps(db: Session, user_id: UUID) -> Sequence[tuple[Enrolment, Step]]:
    """The steps of one's paths under way that a badge could prove: neither waiting nor done."""
    standing = exists().where(
        StepRecord.enrolment_id == Enrolment.id,
        StepRecord.step_id == Step.id,
        StepRecord.state != RecordState.RETURNED,
    )
    rows = db.execute(
        select(Enrolment, Step)
        .join(Step, Step.version_id == Enrolment.version_id)
        .options(joinedload(Enrolment.path))
        .where(
            Enrolment.user_id == user_id,
            Enrolment.status == EnrolmentStatus.ACTIVE,
            Step.kind.in_(GRADED),
            ~standing,
        )
        .order_by(Enrolment.started_at, Enrolment.id, Step.position)
    )
    return [(enrolment, step) for enrolment, step in rows]


def list_provable_steps(db: Session) -> Sequence[tuple[Path, Step]]:
    """The steps of every path's newest version that a badge may be worth."""
    newer = PathVersion.__table__.alias()
    newest = ~exists().where(
        newer.c.path_id == PathVersion.path_id, newer.c.number > PathVersion.number
    )
    rows = db.execute(
        select(Path, Step)
        .join(PathVersion, PathVersion.path_id == Path.id)
        .join(Step, Step.version_id == PathVersion.id)
        .where(newest, Path.retired_at.is_(None), Step.kind.in_(GRADED))
        .order_by(Path.short_title, Path.id, Step.position)
    )
    return [(path, step) for path, step in rows]


def find_proving(db: Session, fingerprint: str) -> ProvingBadge | None:
    """This badge, if it proves something here already; held."""
    return db.scalar(
        select(ProvingBadge).where(ProvingBadge.fingerprint == fingerprint).with_for_update()
    )


def has_standing_proof(db: Session, badge_id: UUID, *, since: datetime) -> bool:
    """Whether a line that rests on this badge waits, is validated, or was returned after then."""
    return (
        db.scalar(
            select(StepRecord.id)
            .join(BadgeProof, BadgeProof.record_id == StepRecord.id)
            .where(
                BadgeProof.badge_id == badge_id,
                or_(StepRecord.state != RecordState.RETURNED, StepRecord.decided_at > since),
            )
            .limit(1)
        )
        is not None
    )


def find_proof(db: Session, record_id: UUID) -> BadgeProof | None:
    """The badge on which a line rests."""
    return db.scalar(
        select(BadgeProof)
        .where(BadgeProof.record_id == record_id)
        .options(joinedload(BadgeProof.badge))
    )


def list_proving_of(db: Session, user_id: UUID) -> Sequence[ProvingBadge]:
    """The badges with which a person proved something, the first first."""
    return db.scalars(
        select(ProvingBadge)
        .where(ProvingBadge.user_id == user_id)
        .order_by(ProvingBadge.first_at, ProvingBadge.id)
    ).all()
