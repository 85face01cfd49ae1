"""Every SELECT of the certificates."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from courses.enrolments.models import Enrolment
from courses.paths.models import Path, Step, StepKind
from courses.progress.certificates.models import (
    EVERY_STEP,
    CertificateClash,
    CertificateSettings,
    CertificateStep,
    OutsideCertificate,
)
from courses.progress.models import RecordState, StepRecord
from tierslieu.people.models import User

BY_DEFAULT = "elements-of-ai"  # how the slugs of the paths begin whose certificates count


def find_worth(db: Session, path: Path) -> str:
    """What a certificate of this path fulfils: '' nothing, '*' every online step, or a key."""
    settings = db.get(CertificateSettings, path.id)
    if settings is not None:
        return settings.fulfils
    return EVERY_STEP if path.slug.startswith(BY_DEFAULT) else ""


def list_fulfilled(db: Session, version_id: UUID, worth: str) -> list[Step]:
    """The online steps of a version that a certificate of such worth fulfils, in their order."""
    query = select(Step).where(Step.version_id == version_id, Step.kind == StepKind.ONLINE)
    if worth != EVERY_STEP:
        query = query.where(Step.key == worth)
    return list(db.scalars(query.order_by(Step.position)))


def find_standing(db: Session, code: str) -> OutsideCertificate | None:
    """This certificate, if somebody gave it and it was not returned."""
    return db.scalar(
        select(OutsideCertificate).where(
            OutsideCertificate.code == code, OutsideCertificate.state != RecordState.RETURNED
        )
    )


def find_certificate_of(db: Session, record_id: UUID) -> OutsideCertificate | None:
    """The certificate that this line rests on."""
    return db.scalar(
        select(OutsideCertificate)
        .join(CertificateStep, CertificateStep.certificate_id == OutsideCertificate.id)
        .where(CertificateStep.record_id == record_id)
    )


def list_lines(db: Session, certificate_id: UUID) -> list[CertificateStep]:
    """The lines that rest on a certificate, with their step."""
    return list(
        db.scalars(
            select(CertificateStep)
            .where(CertificateStep.certificate_id == certificate_id)
            .order_by(CertificateStep.record_id)
            .options(joinedload(CertificateStep.record))
        )
    )


def list_clashes(db: Session, certificate_id: UUID) -> list[CertificateClash]:
    """Who else gave this certificate, the first first."""
    return list(
        db.scalars(
            select(CertificateClash)
            .where(CertificateClash.certificate_id == certificate_id)
            .order_by(CertificateClash.at, CertificateClash.id)
            .options(joinedload(CertificateClash.user))
        )
    )


def list_open_clashes(db: Session) -> list[tuple[CertificateClash, OutsideCertificate, str]]:
    """Certificates that somebody else gave too and that nobody has settled, the first first: the
    clash, the certificate, and the name of whose it is, or was, here."""
    rows = db.execute(
        select(CertificateClash, OutsideCertificate, User.name)
        .join(OutsideCertificate, OutsideCertificate.id == CertificateClash.certificate_id)
        .join(User, User.id == OutsideCertificate.user_id)
        .order_by(CertificateClash.at, CertificateClash.id)
        .options(joinedload(CertificateClash.user))
    )
    return [(clash, certificate, name) for clash, certificate, name in rows]


def list_unneeded(db: Session, user_id: UUID) -> set[UUID]:
    """Which of a person's certificates nobody read and nobody has to: their steps were attested
    otherwise, or are gone from the path."""
    waiting = (
        select(CertificateStep.certificate_id)
        .join(StepRecord, StepRecord.id == CertificateStep.record_id)
        .join(Step, Step.id == StepRecord.step_id)
        .join(Enrolment, Enrolment.id == StepRecord.enrolment_id)
        .where(StepRecord.state == RecordState.DECLARED, Step.version_id == Enrolment.version_id)
    )
    return set(
        db.scalars(
            select(OutsideCertificate.id).where(
                OutsideCertificate.user_id == user_id,
                OutsideCertificate.state == RecordState.DECLARED,
                OutsideCertificate.id.not_in(waiting),
            )
        )
    )


def list_certificates(db: Session, user_id: UUID) -> list[OutsideCertificate]:
    """Those a person gave, the first first."""
    return list(
        db.scalars(
            select(OutsideCertificate)
            .where(OutsideCertificate.user_id == user_id)
            .order_by(OutsideCertificate.given_at, OutsideCertificate.id)
        )
    )
