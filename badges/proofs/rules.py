"""A badge from elsewhere proves a step; whom the team trusts, and what their badges are worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards import checks as words
from badges.backpack.examining import find_wrong
from badges.backpack.models import KeptBadge
from badges.engine import recipients
from badges.engine.report import Report
from badges.proofs.models import BadgeProof, BadgeWorth, ProvingBadge, TrustedIssuer
from badges.proofs.queries import (
    find_proving,
    has_standing_proof,
    is_trusted,
    is_worth,
    list_provable_steps,
)
from badges.proofs.reading import Kind, find_doubts, kind_of
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Step
from courses.progress.answering.rules import UNDO_FOR
from courses.progress.imports.applying import GRADED
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.queries import find_standing_record
from courses.progress.rules import close_asked
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR

MOST = 300  # characters of an issuer's identifier or name


def give_badge(
    db: Session,
    kept: KeptBadge,
    report: Report,
    addresses: Sequence[str],
    *,
    enrolment_id: UUID,
    step_id: UUID,
    now: datetime,
) -> StepRecord:
    """Prove a step of one's path with a badge one keeps, as it was just verified (``report``).

    The line is validated at once where the badge is genuine, made out to one of ``addresses``
    (those the person proved), its issuer trusted and its class worth this step; else it waits for
    the team, with what could not be settled. Raises :class:`NotYours`; :class:`Refused`:
    ``badge_wrong``, ``recipient_mismatch``, ``not_active``, ``not_provable``, ``already_standing``,
    ``badge_taken``.
    """
    wrong = find_wrong(report)
    if wrong is not None:
        raise Refused(
            _("Ce badge ne prouve rien. %(why)s", why=words.say(wrong)), code="badge_wrong"
        )
    if recipients.compare(report.credential or {}, addresses) == "other":
        raise Refused(
            _("Ce badge a été délivré à une autre adresse que les vôtres."),
            code="recipient_mismatch",
        )
    lock_for_writing(db)
    enrolment, step = _find_step(db, kept.user_id, enrolment_id, step_id)
    kind = kind_of(report)
    proving = _take(db, kept, kind, now)
    doubts = find_doubts(
        report,
        addresses,
        is_trusted=is_trusted(db, kind.issuer),
        is_worth=is_worth(db, kind.issuer, kind.achievement, enrolment.path_id, step.key),
    )
    if enrolment.user.holds(FACILITATOR, ADMINISTRATOR):
        doubts.append("own")  # whoever trusts issuers does not validate their own steps by it
    record = StepRecord(
        enrolment_id=enrolment.id,
        step_id=step.id,
        source=RecordSource.BADGE,
        proof=str(_("« %(badge)s », de %(issuer)s", badge=kept.name, issuer=kept.issuer_name)),
        state=RecordState.DECLARED if doubts else RecordState.VALIDATED,
        declared_at=now,
        decided_at=None if doubts else now,
    )
    db.add(record)
    db.flush()
    db.add(
        BadgeProof(
            record_id=record.id,
            badge_id=proving.id,
            checks=[check.to_json() for check in report.checks],
            doubts=doubts,
        )
    )
    db.flush()
    if not doubts:
        close_asked(db, [(enrolment.id, step.id)], _("L’étape est faite."), now=now)
    return record


def _find_step(
    db: Session, user_id: UUID, enrolment_id: UUID, step_id: UUID
) -> tuple[Enrolment, Step]:
    enrolment = db.get(
        Enrolment, enrolment_id, with_for_update={"of": Enrolment}, populate_existing=True
    )
    step = db.get(Step, step_id)
    if enrolment is None or enrolment.user_id != user_id:
        raise NotYours
    if step is None or step.version_id != enrolment.version_id:
        raise NotYours
    if enrolment.status is not EnrolmentStatus.ACTIVE:
        raise Refused(
            _("Reprenez d’abord ce parcours, puis donnez votre badge."), code="not_active"
        )
    if step.kind not in GRADED:
        raise Refused(_("Cette étape se fait d’elle-même."), code="not_provable")
    if find_standing_record(db, enrolment.id, step.id) is not None:
        raise Refused(
            _("Cette étape attend déjà une réponse, ou elle est faite."), code="already_standing"
        )
    return enrolment, step


def _take(db: Session, kept: KeptBadge, kind: Kind, now: datetime) -> ProvingBadge:
    """The badge as a proof of this person's. What the team returned to somebody else is free."""
    proving = find_proving(db, kept.fingerprint)
    if proving is not None:
        if proving.user_id == kept.user_id:
            return proving
        # What was just returned may still be taken back.
        if has_standing_proof(db, proving.id, since=now - UNDO_FOR):
            raise _taken()
        db.execute(delete(BadgeProof).where(BadgeProof.badge_id == proving.id))
        proving.user_id, proving.first_at = kept.user_id, now
        return proving
    proving = ProvingBadge(
        fingerprint=kept.fingerprint,
        user_id=kept.user_id,
        issuer=kind.issuer[:MOST],
        issuer_name=kept.issuer_name[:MOST],
        achievement=kind.achievement[:MOST],
        name=kept.name[:MOST],
        first_at=now,
    )
    try:
        with db.begin_nested():
            db.add(proving)
    except IntegrityError:  # given by two at the same instant
        raise _taken() from None
    return proving


def _taken() -> Refused:
    return Refused(
        _(
            "Ce badge prouve déjà une étape pour quelqu’un d’autre. S’il est à vous, parlez-en à "
            "l’équipe."
        ),
        code="badge_taken",
    )


def trust_issuer(
    db: Session, issuer: str, name: str, *, now: datetime, actor_id: UUID
) -> TrustedIssuer:
    """Trust an issuer from now on; once is enough. Raises :class:`Refused` ``bad_issuer``."""
    issuer, name = issuer.strip(), " ".join(name.split())
    fits = issuer.isprintable() and " " not in issuer and len(issuer) <= MOST
    if not fits or not issuer.startswith(("did:", "https://", "http://")):
        raise Refused(
            _("Un émetteur se dit par son identifiant : « did:… » ou « https://… »."),
            code="bad_issuer",
            field="issuer",
            status=422,
        )
    lock_for_writing(db)
    found = db.scalar(select(TrustedIssuer).where(TrustedIssuer.issuer == issuer))
    if found is not None:
        return found
    trusted = TrustedIssuer(
        issuer=issuer, name=(name or issuer)[:MOST], added_at=now, added_by_id=actor_id
    )
    try:
        with db.begin_nested():
            db.add(trusted)
    except IntegrityError:  # by two at once
        return db.scalars(select(TrustedIssuer).where(TrustedIssuer.issuer == issuer)).one()
    note(db, Act.ISSUER_TRUSTED, now=now, about={"issuer": issuer}, actor_id=actor_id)
    return trusted


def distrust_issuer(db: Session, issuer_id: UUID) -> None:
    """Trust it no longer; what was validated stays. Raises :class:`NotYours`."""
    found = db.get(TrustedIssuer, issuer_id)
    if found is None:
        raise NotYours
    about = {"issuer": found.issuer}
    db.delete(found)
    db.flush()
    note(db, Act.ISSUER_DISTRUSTED, about=about)


def set_worth(db: Session, kind: Kind, name: str, path_id: UUID, step_key: str) -> BadgeWorth:
    """Such a badge is worth this step from now on. Raises :class:`Refused` ``bad_step``."""
    lock_for_writing(db)
    known = {(path.id, step.key) for path, step in list_provable_steps(db)}
    if (path_id, step_key) not in known or not kind.achievement:
        raise Refused(
            _("Choisissez l’étape que ce badge valide."), code="bad_step", field="step", status=422
        )
    found = db.scalar(
        select(BadgeWorth).where(
            BadgeWorth.issuer == kind.issuer,
            BadgeWorth.achievement == kind.achievement,
            BadgeWorth.path_id == path_id,
        )
    )
    if found is None:
        found = BadgeWorth(
            issuer=kind.issuer, achievement=kind.achievement, name=name[:MOST], path_id=path_id
        )
        db.add(found)
    found.step_key = step_key
    db.flush()
    note(db, Act.WORTH_SET, about=_about(found))
    return found


def _about(worth: BadgeWorth) -> dict[str, str]:
    return {
        "issuer": worth.issuer,
        "badge": worth.achievement,
        "path": str(worth.path_id),
        "step": worth.step_key,
    }


def drop_worth(db: Session, worth_id: UUID) -> None:
    """It is worth nothing any more; what was validated stays. Raises :class:`NotYours`."""
    found = db.get(BadgeWorth, worth_id)
    if found is None:
        raise NotYours
    about = _about(found)
    db.delete(found)
    db.flush()
    note(db, Act.WORTH_DROPPED, about=about)
