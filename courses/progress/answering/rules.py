"""Answering one line or several, taking an answer back for a moment, one's habits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courses.progress.answering.models import AnswerHabits
from courses.progress.answering.queries import (
    find_habits,
    list_chosen,
    list_just_answered,
    list_recent_words,
)
from courses.progress.certificates import rules as certificates
from courses.progress.models import (
    RecordSource,
    RecordState,
    StepRecord,
    StepWaiver,
    WaiverState,
)
from courses.progress.queries import find_standing_record, get_record
from courses.progress.rules import answer_key, decide
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import take_back_mails

UNDO_FOR = timedelta(seconds=30)  # the mail leaves then, and not before
MOST_AT_ONCE = 50  # lines answered together
MOST_WORDS = 9  # one a key
MAX_USUAL = 300  # characters of a usual word


def usual_words() -> list[str]:
    """What is offered to whoever has no words of their own yet."""
    return [
        str(_("Le lien ne s’ouvre pas pour nous : vérifiez qu’il est partagé.")),
        str(_("Montrez aussi votre travail : une capture, un lien ou un fichier.")),
        str(_("Dites en quelques mots ce que vous avez essayé, et ce qui a résisté.")),
        str(_("C’est une autre étape que vous montrez : déclarez-la à sa place.")),
    ]


def offered_words(db: Session, person_id: UUID) -> list[str]:
    """The words on the keys 1 to 9: those one wrote down, then those used lately, then the usual
    ones; each once."""
    habits = find_habits(db, person_id)
    own = list(habits.words) if habits else []
    recent = [word for word in list_recent_words(db, person_id, MOST_WORDS) if "\n" not in word]
    short = [word for word in recent if len(word) <= MAX_USUAL]
    return list(dict.fromkeys([*own, *short, *usual_words()]))[:MOST_WORDS]


def answer(
    db: Session,
    record_id: UUID,
    state: RecordState,
    *,
    actor_id: UUID,
    now: datetime,
    word: str = "",
) -> StepRecord:
    """Validate or return one line; the person's mail leaves once it can be taken back no more.

    Raises as :func:`~courses.progress.rules.decide`.
    """
    record = decide(
        db, record_id, state, actor_id=actor_id, now=now, word=word, leaves_at=now + UNDO_FOR
    )
    certificates.follow_answer(db, record)
    return record


def validate_several(
    db: Session, record_ids: Sequence[UUID], *, actor_id: UUID, now: datetime
) -> tuple[int, int]:
    """Validate lines of one step together; gives how many were, and how many had been answered or
    were gone meanwhile.

    Raises :class:`Refused` ``none_chosen``, ``too_many``, or ``not_alike`` when they are not all
    the same step.
    """
    lock_for_writing(db)
    chosen = check_alike(db, record_ids, actor_id)
    done = 0
    for record_id in sorted(one.id for one in chosen):  # in one order, whoever else answers
        try:
            answer(db, record_id, RecordState.VALIDATED, actor_id=actor_id, now=now)
        except Refused as refused:
            if refused.code not in ("already_decided", "not_found"):
                raise
        else:
            done += 1
    return done, len(set(record_ids)) - done


def check_alike(db: Session, record_ids: Sequence[UUID], actor_id: UUID) -> list[StepRecord]:
    """Those of the chosen that wait, if they may be answered together. Raises as
    :func:`validate_several`."""
    if not record_ids:
        raise Refused(
            _("Cochez d’abord les lignes à valider ensemble."), code="none_chosen", status=422
        )
    if len(set(record_ids)) > MOST_AT_ONCE:
        raise Refused(
            _("Validez %(most)s lignes au plus à la fois.", most=MOST_AT_ONCE),
            code="too_many",
            status=422,
        )
    chosen = list_chosen(db, actor_id, record_ids)
    if len({(one.enrolment.path_id, one.step.key) for one in chosen}) > 1 or any(
        one.source is not RecordSource.DECLARED for one in chosen
    ):
        raise Refused(
            _(
                "On ne valide ensemble que ce que des personnes ont déclaré d’une même étape : "
                "filtrez la liste par étape, puis choisissez."
            ),
            code="not_alike",
            status=422,
        )
    return chosen


def take_back(
    db: Session, record_id: UUID, *, actor_id: UUID, now: datetime
) -> Sequence[StepRecord]:
    """Undo the answer this person just gave, and those they gave in the same act: the lines wait
    again, and no mail leaves.

    Raises :class:`Refused` ``too_late`` after :data:`UNDO_FOR`, or ``declared_again`` when the
    person already declared a returned step anew.
    """
    lock_for_writing(db)
    db.execute(select(StepRecord.id).where(StepRecord.id == record_id).with_for_update())
    record = get_record(db, record_id)
    if record is None:
        raise NotYours
    at, since = record.decided_at, now - UNDO_FOR
    if at is None or record.decided_by_id != actor_id or at <= since:
        raise _too_late()
    records = list_just_answered(db, actor_id, since=since, at=at)
    if not records or not take_back_mails(db, [answer_key(one) for one in records], now=now):
        raise _too_late()
    for one in records:
        standing = find_standing_record(db, one.enrolment_id, one.step_id)
        if standing is not None and standing.id != one.id:
            raise Refused(
                _("La personne a déjà déclaré de nouveau cette étape : répondez à son essai."),
                code="declared_again",
            )
    for one in records:
        _wait_again(db, one, at)
    db.flush()
    for one in records:
        certificates.wait_again(db, one)
    return records


def count_answers(answered: Sequence[StepRecord]) -> int:
    """How many answers those lines are: a certificate is read once, whatever its steps."""
    return len(
        {one.enrolment_id if one.source is RecordSource.CERTIFICATE else one.id for one in answered}
    )


def seconds_left(answered: Sequence[StepRecord], now: datetime) -> int:
    """For how long these may still be taken back; at least one, for what is shown."""
    given = [one.decided_at for one in answered if one.decided_at is not None]
    left = UNDO_FOR - (now - max(given, default=now))
    return max(1, int(left.total_seconds()))


def _too_late() -> Refused:
    return Refused(
        _("C’est trop tard pour annuler : la réponse est partie."),
        code="too_late",
    )


def _wait_again(db: Session, record: StepRecord, at: datetime) -> None:
    record.state, record.word = RecordState.DECLARED, ""
    record.decided_at = record.decided_by_id = None
    # The waiver that validating closed waits again too.
    db.execute(
        update(StepWaiver)
        .where(
            StepWaiver.enrolment_id == record.enrolment_id,
            StepWaiver.step_id == record.step_id,
            StepWaiver.state == WaiverState.TAKEN_BACK,
            StepWaiver.decided_at == at,
            StepWaiver.decided_by_id.is_(None),
        )
        .values(state=WaiverState.ASKED, reason="", decided_at=None)
    )


def keep_words(db: Session, person_id: UUID, text: str) -> list[str]:
    """Write down one's usual words, one a line; at most nine. Gives those that are kept.

    Raises :class:`Refused` ``too_many_words`` or ``text_too_long``, beside ``words``.
    """
    words = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(words) > MOST_WORDS:
        raise Refused(
            _("Neuf mots au plus, un par ligne : il n’y a que neuf touches."),
            code="too_many_words",
            field="words",
            status=422,
        )
    for word in words:
        if len(word) > MAX_USUAL:
            raise Refused(
                _(
                    "Un de ces mots est trop long : %(max)s caractères sont possibles.",
                    max=MAX_USUAL,
                ),
                code="text_too_long",
                field="words",
                status=422,
            )
    _habits(db, person_id).words = words
    db.flush()
    return words


def set_shortcuts(db: Session, person_id: UUID, *, is_on: bool) -> None:
    """Whether single keys act for this person."""
    _habits(db, person_id).has_shortcuts = is_on
    db.flush()


def _habits(db: Session, person_id: UUID) -> AnswerHabits:
    lock_for_writing(db)
    habits = find_habits(db, person_id)
    if habits is None:
        habits = AnswerHabits(user_id=person_id, words=[], has_shortcuts=True)
        db.add(habits)
    return habits
