"""Giving a certificate by its link; what its answer does to every step that rests on it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path
from courses.progress.certificates.links import link_of, read_link
from courses.progress.certificates.models import (
    EVERY_STEP,
    CertificateClash,
    CertificateSettings,
    CertificateStep,
    OutsideCertificate,
)
from courses.progress.certificates.queries import (
    find_certificate_of,
    find_standing,
    find_worth,
    list_fulfilled,
    list_lines,
)
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.queries import find_standing_record
from courses.progress.rules import close_asked
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused


def give_certificate(
    db: Session, enrolment_id: UUID, link: str, *, now: datetime
) -> OutsideCertificate:
    """Show a certificate: every step it fulfils, and that neither waits nor is done, waits for the
    team, who opens the link. Given once more by the same person, it is shown for the steps that
    came since: another version of the path, another path.

    Raises :class:`NotYours`; :class:`Refused` ``bad_certificate``, ``not_taken`` (a path without
    certificates), ``not_active``, ``certificate_given`` (by this person, and all it shows waits
    or is done), ``certificate_taken`` (by somebody else; see :func:`note_clash`),
    ``nothing_left``.
    """
    code = read_link(link)
    lock_for_writing(db)
    enrolment = db.get(
        Enrolment, enrolment_id, with_for_update={"of": Enrolment}, populate_existing=True
    )
    if enrolment is None:
        raise NotYours
    worth = find_worth(db, enrolment.path)
    if not worth:
        raise Refused(_("Ce parcours ne se valide pas par un certificat."), code="not_taken")
    if enrolment.status is not EnrolmentStatus.ACTIVE:
        raise Refused(
            _("Reprenez d’abord ce parcours, puis donnez votre certificat."), code="not_active"
        )
    standing = find_standing(db, code)
    if standing is not None and standing.user_id != enrolment.user_id:
        raise _taken()
    steps = [
        step
        for step in list_fulfilled(db, enrolment.version_id, worth)
        if find_standing_record(db, enrolment.id, step.id) is None
    ]
    if not steps and standing is not None:
        raise _given()
    if not steps:
        raise Refused(
            _("Toutes les étapes que ce certificat validerait attendent déjà ou sont faites."),
            code="nothing_left",
        )
    certificate = standing or _take(db, code, enrolment.user_id, now)
    for step in steps:
        record = StepRecord(
            enrolment_id=enrolment.id,
            step_id=step.id,
            source=RecordSource.CERTIFICATE,
            proof=str(_("certificat %(code)s", code=code)),
            evidence_url=link_of(code),
            declared_at=now,
        )
        db.add(record)
        db.flush()
        db.add(CertificateStep(record_id=record.id, certificate_id=certificate.id))
    # It is theirs after all: nobody has to settle it any more.
    same = select(OutsideCertificate.id).where(OutsideCertificate.code == code)
    db.execute(
        delete(CertificateClash).where(
            CertificateClash.user_id == enrolment.user_id, CertificateClash.certificate_id.in_(same)
        )
    )
    db.flush()
    return certificate


def _take(db: Session, code: str, user_id: UUID, now: datetime) -> OutsideCertificate:
    certificate = OutsideCertificate(code=code, user_id=user_id, given_at=now)
    try:
        with db.begin_nested():
            db.add(certificate)
    except IntegrityError:  # given by two at the same instant
        raise _taken() from None
    return certificate


def _given() -> Refused:
    return Refused(
        _("Vous avez déjà donné ce certificat : vous n’avez rien d’autre à faire."),
        code="certificate_given",
        field="link",
    )


def _taken() -> Refused:
    return Refused(
        _(
            "Ce certificat a déjà été donné ici : il ne peut servir qu’une fois. S’il est à vous, "
            "l’équipe le voit et vous aidera : parlez-lui-en."
        ),
        code="certificate_taken",
        field="link",
    )


def note_clash(db: Session, link: str, user_id: UUID, *, now: datetime) -> None:
    """Tell the team that this person gave a certificate that is somebody else's here."""
    lock_for_writing(db)
    standing = find_standing(db, read_link(link))
    if standing is None or standing.user_id == user_id:
        return
    known = select(CertificateClash.id).where(
        CertificateClash.certificate_id == standing.id, CertificateClash.user_id == user_id
    )
    if db.scalar(known) is None:
        db.add(CertificateClash(certificate_id=standing.id, user_id=user_id, at=now))
        db.flush()


def settle_clash(db: Session, clash_id: UUID, *, actor_id: UUID) -> None:
    """The team has seen whose the certificate is. Raises :class:`NotYours`; :class:`Refused`
    ``own_clash``: who gave it does not say whose it is."""
    lock_for_writing(db)
    found = db.get(CertificateClash, clash_id)
    if found is None:
        raise NotYours
    if actor_id in (found.user_id, found.certificate.user_id):
        raise Refused(
            _("Vous avez donné ce certificat : quelqu’un d’autre de l’équipe dira à qui il est."),
            code="own_clash",
        )
    db.delete(found)
    db.flush()


def follow_answer(db: Session, record: StepRecord) -> None:
    """What was answered to the line of a certificate is answered to all that rest on it in this
    enrolment; one mail is enough."""
    certificate = find_certificate_of(db, record.id)
    if certificate is None:
        return
    for line in list_lines(db, certificate.id):
        other = line.record
        if other.id == record.id:
            line.is_read = True
        elif other.enrolment_id == record.enrolment_id and other.state is RecordState.DECLARED:
            line.is_read = True
            other.state, other.word = record.state, record.word
            other.decided_at, other.decided_by_id = record.decided_at, record.decided_by_id
            if record.state is RecordState.VALIDATED and record.decided_at is not None:
                line_of = [(other.enrolment_id, other.step_id)]
                close_asked(db, line_of, _("L’étape est validée."), now=record.decided_at)
    _settle(db, certificate)
    if certificate.state is record.state:
        certificate.decided_at, certificate.decided_by_id = record.decided_at, record.decided_by_id
    db.flush()


def _settle(db: Session, certificate: OutsideCertificate) -> None:
    """Returned for one path, it may stand for another; what a report attested says nothing of it.

    Raises :class:`Refused` ``certificate_taken`` where it stands again and somebody else gave it
    since it was returned.
    """
    lines = list_lines(db, certificate.id)
    waits = {RecordState.DECLARED for line in lines if line.record.state is RecordState.DECLARED}
    said = waits | {line.record.state for line in lines if line.is_read}
    order = (RecordState.VALIDATED, RecordState.DECLARED, RecordState.RETURNED)
    try:
        with db.begin_nested():
            certificate.state = next((one for one in order if one in said), certificate.state)
    except IntegrityError:
        raise _taken() from None


def wait_again(db: Session, record: StepRecord) -> None:
    """The answer to this line was taken back, and so the team's word about its certificate.
    Raises as :func:`_settle`."""
    line = db.get(CertificateStep, record.id)
    if line is None:
        return
    line.is_read, certificate = False, line.certificate
    _settle(db, certificate)
    if certificate.state is RecordState.DECLARED:
        certificate.decided_at = certificate.decided_by_id = None
    db.flush()


def set_worth(db: Session, path: Path, worth: str, keys: list[str]) -> None:
    """What a certificate of this path fulfils; ``keys``: those of its online steps. Raises
    :class:`Refused` ``no_such_step``."""
    if worth not in ("", EVERY_STEP, *keys):
        raise Refused(
            _("Choisissez une étape de ce parcours."),
            code="no_such_step",
            field="fulfils",
            status=422,
        )
    path_id = path.id
    lock_for_writing(db)
    settings = db.get(CertificateSettings, path_id)
    if settings is None:
        settings = CertificateSettings(path_id=path_id)
        db.add(settings)
    settings.fulfils = worth
    db.flush()
