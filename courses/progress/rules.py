"""Declaring a step done, answering, and computing progress."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Step, StepKind
from courses.paths.queries import find_step, list_steps
from courses.progress.computing import (
    Progress,
    StepProgress,
    enrolment_progress,
    group_evidence,
)
from courses.progress.models import RecordState, StepRecord
from courses.progress.queries import find_standing_record, get_record, list_records
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.web.formats import day, hour, number

__all__ = ["Progress", "StepProgress", "compute_progress", "decide", "declare_step"]

MAX_TEXT = 4000  # characters, of evidence and of an answer
MAX_URL = 2000  # characters


def compute_progress(
    db: Session, enrolments: Sequence[Enrolment], house: House
) -> dict[UUID, Progress]:
    """Where each of ``enrolments`` stands, by enrolment id.

    Two queries and those of the evidence, however many enrolments there are.
    """
    if not enrolments:
        return {}
    steps: dict[UUID, list[Step]] = defaultdict(list)
    for step in list_steps(db, sorted({e.version_id for e in enrolments})):
        steps[step.version_id].append(step)
    records: dict[UUID, dict[UUID, list[StepRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in list_records(db, [e.id for e in enrolments]):
        records[record.enrolment_id][record.step_id].append(record)
    people = sorted({e.user_id for e in enrolments})
    step_ids = [step.id for of_version in steps.values() for step in of_version]
    evidence = group_evidence(house.find_evidence(db, people, step_ids))
    return {
        e.id: enrolment_progress(
            e.id, steps[e.version_id], records.get(e.id, {}), evidence.get(e.user_id, {})
        )
        for e in enrolments
    }


def check_declarable(db: Session, enrolment: Enrolment, step_id: UUID) -> Step:
    """The step, if it may be declared now. Raises :class:`Refused`: paused, stopped, attested by
    the roll, waiting already, validated already; :class:`NotYours` if not of this path."""
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
    if step.kind is StepKind.ATTENDANCE:
        raise Refused(
            _(
                "Cette étape se fait sur place : l’appel du jour l’atteste, vous n’avez rien "
                "à déclarer."
            ),
            code="attested_by_roll",
        )
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
    return step


def clean_url(url: str) -> str:
    """The link, if it leads to a page of the web. Raises :class:`Refused` (field ``url``)."""
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        host = None
        parts = urlsplit("")
    # Nothing invisible, nothing that turns the reading direction, nothing browsers read otherwise:
    # who answers must see where the link leads.
    is_plain = len(url) <= MAX_URL and not any(
        c.isspace() or c == "\\" or unicodedata.category(c)[0] == "C" for c in url
    )
    if parts.scheme.lower() not in ("http", "https") or not host or not is_plain:
        raise Refused(
            _("Ce lien n’est pas une adresse du Web : il doit commencer par https:// ou http://."),
            code="bad_link",
            field="url",
            status=422,
        )
    if "@" in parts.netloc:  # https://known.org@elsewhere.org leads elsewhere
        raise Refused(
            _(
                "Ce lien a un « @ » devant le nom du site, qui cache où il mène : copiez "
                "l’adresse que montre votre navigateur."
            ),
            code="bad_link",
            field="url",
            status=422,
        )
    return url


def declare_step(
    db: Session,
    enrolment_id: UUID,
    step_id: UUID,
    *,
    now: datetime,
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
    check_declarable(db, enrolment, step_id)
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
    _check_length(text, "text")
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


def _check_length(text: str, field: str) -> None:
    if len(text) > MAX_TEXT:
        raise Refused(
            _("Ce texte est trop long : %(max)s caractères sont possibles.", max=number(MAX_TEXT)),
            code="text_too_long",
            field=field,
            status=422,
        )


def decide(
    db: Session,
    record_id: UUID,
    state: RecordState,
    *,
    actor_id: UUID,
    now: datetime,
    word: str = "",
) -> StepRecord:
    """Validate a declared step, or return it with a word; the learner is told by mail.

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
    _check_length(word, "word")
    record.state = state
    record.decided_at = now
    record.decided_by_id = actor_id
    record.word = word
    db.flush()
    _tell(db, record, now)
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


def _tell(db: Session, record: StepRecord, now: datetime) -> None:
    enrolment = record.enrolment
    write_mail(
        db,
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
        now=now,
        due_key=f"step-answered:{record.id}",
    )
