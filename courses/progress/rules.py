"""Declaring a step done, answering, and computing progress."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Step, StepKind
from courses.paths.queries import find_step
from courses.paths.words import names_of
from courses.progress.computing import Progress, StepProgress
from courses.progress.gathering import compute_progress
from courses.progress.models import RecordState, StepRecord, StepWaiver, WaiverState
from courses.progress.queries import find_standing_record, get_record
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.mail.rules import Letter, write_mail
from tierslieu.people.models import User
from tierslieu.web.formats import day, hour, number
from tierslieu.web.links import clean_url

__all__ = ["Progress", "StepProgress", "compute_progress", "decide", "declare_step"]

MAX_TEXT = 4000  # characters, of evidence and of an answer


def check_declarable(db: Session, enrolment: Enrolment, step_id: UUID, house: House) -> Step:
    """The step, if it may be declared now. Raises :class:`Refused`: paused, stopped, attested
    elsewhere (by the roll, by a badge, by another path), locked, waiting already, validated
    already; :class:`NotYours` if not of this path."""
    if enrolment.status is EnrolmentStatus.PAUSED:
        raise Refused(
            _("Ce parcours est en pause : reprenez-le, puis déclarez l’étape."), code="paused"
        )
    if enrolment.status is EnrolmentStatus.STOPPED:
        raise Refused(
            _("Ce parcours est arrêté : reprenez-le, puis déclarez l’étape."), code="stopped"
        )
    step = find_step(db, step_id)
    if step is None or step.version_id != enrolment.version_id:
        raise NotYours
    _check_kind(step)
    standing = find_standing_record(db, enrolment.id, step_id)
    if standing is not None and standing.state is RecordState.VALIDATED:
        raise Refused(
            _("Cette étape est déjà validée : vous pouvez passer à la suivante."),
            code="already_validated",
        )
    if standing is not None:
        raise Refused(
            _(
                "Vous avez déjà déclaré cette étape : elle attend la réponse de l’équipe. "
                "Vous n’avez rien d’autre à faire."
            ),
            code="already_declared",
        )
    _check_lock(compute_progress(db, [enrolment], house)[enrolment.id], step)
    return step


def _check_kind(step: Step) -> None:
    """Some steps are not declared: what they ask is known from elsewhere."""
    if step.kind is StepKind.ATTENDANCE:
        raise Refused(
            _(
                "Cette étape se fait sur place : l’appel du jour l’atteste, vous n’avez rien "
                "à déclarer."
            ),
            code="attested_by_roll",
        )
    if step.kind is StepKind.BADGE:
        raise Refused(
            _(
                "Cette étape demande un badge : dès que vous l’avez, elle est faite, "
                "sans rien à déclarer."
            ),
            code="attested_by_badge",
        )
    if step.kind is StepKind.SUBPATH:
        raise Refused(
            _(
                "Cette étape est un parcours à part : dès qu’il est terminé, elle est faite, "
                "sans rien à déclarer."
            ),
            code="attested_by_path",
        )


def _check_lock(progress: Progress, step: Step) -> None:
    """Refuse a step while another that comes first is missing, and say which."""
    found = next((s for s in progress.steps if s.step.id == step.id), None)
    if found is None or found.state != "locked":
        return
    raise Refused(
        ngettext(
            "Cette étape s’ouvre quand une autre est faite : %(names)s. "
            "L’équipe peut vous en dispenser : demandez-le.",
            "Cette étape s’ouvre quand %(num)s autres sont faites : %(names)s. "
            "L’équipe peut vous en dispenser : demandez-le.",
            len(found.missing),
            names=names_of(found.missing),
        ),
        code="locked",
        more={"missing": [one.key for one in found.missing]},
    )


def declare_step(
    db: Session,
    enrolment_id: UUID,
    step_id: UUID,
    *,
    now: datetime,
    house: House,
    text: str = "",
    url: str = "",
    upload_id: UUID | None = None,
) -> StepRecord:
    """Say that a step is done, with at least one piece of evidence: words, a link or a file.

    Raises :class:`Refused` as :func:`check_declarable` does, or ``no_evidence``, ``bad_link``,
    ``text_too_long``.
    """
    lock_for_writing(db)
    enrolment = db.get(
        Enrolment, enrolment_id, with_for_update={"of": Enrolment}, populate_existing=True
    )
    if enrolment is None:
        raise NotYours
    check_declarable(db, enrolment, step_id, house)
    text, url = text.strip(), clean_url(url)
    if not (text or url or upload_id):
        raise Refused(
            _(
                "Montrez ce que vous avez fait : quelques mots, un lien ou un fichier. "
                "Un seul des trois suffit."
            ),
            code="no_evidence",
            field="text",
            status=422,
        )
    check_length(text, "text")
    record = StepRecord(
        enrolment_id=enrolment_id,
        step_id=step_id,
        state=RecordState.DECLARED,
        evidence_text=text,
        evidence_url=url,
        upload_id=upload_id,
        declared_at=now,
    )
    db.add(record)
    db.flush()
    return record


def check_length(text: str, field: str) -> None:
    if len(text) > MAX_TEXT:
        raise Refused(
            _("Ce texte est trop long : %(max)s caractères sont possibles.", max=number(MAX_TEXT)),
            code="text_too_long",
            field=field,
            status=422,
        )


def close_asked(
    db: Session, steps: Sequence[tuple[UUID, UUID]], reason: str, *, now: datetime
) -> None:
    """Waivers asked for those (enrolment, step) wait no more: there is nothing to waive."""
    for enrolment_id, step_id in steps:
        db.execute(
            update(StepWaiver)
            .where(
                StepWaiver.enrolment_id == enrolment_id,
                StepWaiver.step_id == step_id,
                StepWaiver.state == WaiverState.ASKED,
            )
            .values(state=WaiverState.TAKEN_BACK, reason=reason, decided_at=now)
        )


def decide(
    db: Session,
    record_id: UUID,
    state: RecordState,
    *,
    actor_id: UUID,
    now: datetime,
    word: str = "",
    leaves_at: datetime | None = None,
) -> StepRecord:
    """Validate a declared step, or return it with a word; the learner is told by mail, which does
    not leave before ``leaves_at``.

    Raises :class:`Refused` ``own_declaration``, ``already_decided`` (says by whom and when) or
    ``word_missing`` (a returned step says what to do).
    """
    if state is RecordState.DECLARED:
        raise ValueError("a decision validates or returns")
    lock_for_writing(db)
    db.execute(select(StepRecord.id).where(StepRecord.id == record_id).with_for_update())
    record = get_record(db, record_id)
    if record is None:
        raise NotYours
    if record.enrolment.user_id == actor_id:
        raise Refused(
            _("C’est votre propre déclaration : quelqu’un d’autre de l’équipe y répondra."),
            code="own_declaration",
        )
    if record.state is not RecordState.DECLARED:
        raise _already_decided(db, record)
    word = word.strip()
    if state is RecordState.RETURNED and not word:
        raise Refused(
            _("Écrivez un mot : la personne doit savoir quoi reprendre."),
            code="word_missing",
            field="word",
            status=422,
        )
    check_length(word, "word")
    record.state = state
    record.decided_at = now
    record.decided_by_id = actor_id
    record.word = word
    if state is RecordState.VALIDATED:
        close_asked(db, [(record.enrolment_id, record.step_id)], _("L’étape est validée."), now=now)
    db.flush()
    letter = answer_letter(record)
    write_mail(
        db,
        letter.recipient,
        letter.template,
        letter.context,
        now=now,
        due_key=letter.due_key,
        leaves_at=leaves_at,
    )
    return record


def _already_decided(db: Session, record: StepRecord) -> Refused:
    who = db.get(User, record.decided_by_id) if record.decided_by_id else None
    at = record.decided_at or record.declared_at
    values = {
        "who": who.name if who else _("quelqu’un de l’équipe"),
        "when": f"{day(at)}, {hour(at)}",
    }
    if record.state is RecordState.VALIDATED:
        message = _("Cette étape a déjà été validée par %(who)s (%(when)s).", **values)
    else:
        message = _("Cette étape a déjà été retournée par %(who)s (%(when)s).", **values)
    return Refused(message, code="already_decided")


def answer_key(record: StepRecord) -> str:
    """What makes the mail about this answer one."""
    return f"step-answered:{record.id}"


def answer_letter(record: StepRecord) -> Letter:
    """The mail that says what was answered to a declared step."""
    enrolment = record.enrolment
    return Letter(
        enrolment.user.email,
        "progress_answered",
        {
            "name": enrolment.user.name,
            "is_validated": record.state is RecordState.VALIDATED,
            "step": record.step.title,
            "path": enrolment.path.short_title,
            "word": record.word,
            "path_url": f"/mes-parcours/{enrolment.id}",
        },
        answer_key(record),
    )
