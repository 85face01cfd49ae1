"""Asking for free texts, reading them one by one, agreeing or not, taking an agreement back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.anonymity import K
from tierslieu.evaluation.free_text.gathering import find_owners, gather, list_questions
from tierslieu.evaluation.free_text.models import (
    AskedQuestion,
    ReadingState,
    ReadText,
    TextRequest,
    TextRequestState,
)
from tierslieu.evaluation.free_text.queries import (
    find_to_read,
    list_copies,
    list_decided,
    list_requests_of,
    list_waiting_for,
)
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import COORDINATOR
from tierslieu.people.queries import list_holders
from tierslieu.surveys.studies.queries import allows_texts, find_study, may_research

STRUCK = "[…]"  # what stands where a passage was
MOST_PASSAGE = 200


def path_of(request: TextRequest) -> str:
    """The address of its page."""
    return f"/etudes/{request.study_id}/textes/{request.id}"


def ask_texts(
    db: Session,
    study_id: UUID,
    questions: Collection[tuple[UUID, str]],
    reason: str,
    *,
    user_id: UUID,
    now: datetime,
) -> TextRequest:
    """A researcher of the study asks that the answers to these questions (wave, item) be let out;
    who coordinates is told.

    Raises :class:`NotYours`; :class:`Refused` ``draft``, ``consent_silent`` (no text of agreement
    says that texts may be let out), ``no_question``, ``already_asked``.
    """
    lock_for_writing(db)
    study = find_study(db, study_id)
    if study is None or not may_research(db, study, user_id):
        raise NotYours
    if study.opened_at is None:
        raise Refused(_("Cette étude n’est pas ouverte : rien n’y a été répondu."), code="draft")
    if not study.has_own_consent:
        raise Refused(
            _(
                "Cette étude repose sur l’accord donné avec le compte, qui ne dit pas que des "
                "réponses écrites peuvent sortir : elles restent au lieu."
            ),
            code="consent_silent",
        )
    if not allows_texts(db, study):
        raise Refused(
            _(
                "Le texte d’accord de l’étude ne dit pas que des réponses écrites peuvent sortir. "
                "Publiez une version qui le dit ; seules les personnes qui l’acceptent seront lues."
            ),
            code="consent_silent",
        )
    known = {one.key for one in list_questions(study)}
    if not questions or not set(questions) <= known:
        raise Refused(_("Choisissez au moins une question."), code="no_question", field="questions")
    request = TextRequest(study_id=study_id, reason=reason, asked_by_id=user_id, asked_at=now)
    request.questions = [
        AskedQuestion(wave_id=wave_id, item=item) for wave_id, item in sorted(set(questions))
    ]
    try:
        with db.begin_nested():
            db.add(request)
    except IntegrityError:
        raise Refused(
            _("Une demande attend déjà la coordination : la suivante pourra être faite après."),
            code="already_asked",
        ) from None
    for person in list_holders(db, COORDINATOR):
        if any(one.id == request.id for one in list_waiting_for(db, person.id)):
            write_mail(
                db,
                person.email,
                "texts_asked",
                {"name": person.name, "study": study.title, "path": path_of(request)},
                now=now,
                due_key=f"texts-asked:{request.id}:{person.id}",
            )
    return request


def _hold(db: Session, study_id: UUID, request_id: UUID, user_id: UUID) -> TextRequest:
    """A request this person may read, held for writing. Raises :class:`NotYours`."""
    lock_for_writing(db)
    if find_to_read(db, study_id, request_id, user_id) is None:
        raise NotYours
    return db.get_one(TextRequest, request_id, with_for_update=True, populate_existing=True)


def _hold_asked(db: Session, study_id: UUID, request_id: UUID, user_id: UUID) -> TextRequest:
    request = _hold(db, study_id, request_id, user_id)
    if request.state is not TextRequestState.ASKED:
        raise Refused(_("Cette demande a déjà reçu sa réponse."), code="already_decided")
    return request


def begin_reading(
    db: Session, study_id: UUID, request_id: UUID, key: bytes, *, user_id: UUID, now: datetime
) -> TextRequest:
    """Take a copy of every text the request is about, to be read; those written later wait for
    another request. A second time changes nothing.

    Raises :class:`Refused` ``too_few_texts`` when no question has texts of five people.
    """
    request = _hold_asked(db, study_id, request_id, user_id)
    if request.gathered_at is not None:
        return request
    study = find_study(db, study_id)
    assert study is not None
    asked = {(one.wave_id, one.item) for one in request.questions}
    written = gather(db, study, key, asked, list_decided(db, study_id))
    if not written:
        raise Refused(
            _(
                "Aucune de ces questions n’a de réponses nouvelles de %(count)d personnes au "
                "moins qui ont accepté qu’on les relise : il n’y a rien à lire. Refusez la "
                "demande, ou revenez plus tard.",
                count=K,
            ),
            code="too_few_texts",
        )
    db.add_all(
        ReadText(
            request_id=request_id,
            sheet_id=one.sheet_id,
            wave_id=one.wave_id,
            item=one.item,
            text=one.text,
        )
        for one in written
    )
    request.gathered_at = now
    db.flush()
    return request


def list_readable(db: Session, request: TextRequest, key: bytes) -> list[ReadText]:
    """What this reading is about now: whoever took their yes back is not read any more."""
    study = find_study(db, request.study_id)
    assert study is not None
    owners = find_owners(db, study, key)
    return [one.text for one in list_copies(db, request.id) if one.sheet_key in owners]


class Progress(NamedTuple):
    """How far a reading is: how many texts, how many of them not read, how many may go out."""

    texts: int
    waiting: int
    let_out: int


def count_progress(texts: Collection[ReadText]) -> Progress:
    """How far the reading of these is."""
    states = [one.state for one in texts]
    return Progress(
        len(states), states.count(ReadingState.WAITING), states.count(ReadingState.LET_OUT)
    )


def _hold_text(
    db: Session, study_id: UUID, request_id: UUID, text_id: UUID, key: bytes, user_id: UUID
) -> ReadText:
    request = _hold_asked(db, study_id, request_id, user_id)
    for one in list_readable(db, request, key):
        if one.id == text_id:
            return one
    raise NotYours


def wording_of(text: ReadText) -> str:
    """What tells this wording of a text from another: 32 hexadecimal digits."""
    return hashlib.sha256(text.text.encode()).hexdigest()[:32]


def let_out(
    db: Session,
    study_id: UUID,
    request_id: UUID,
    text_id: UUID,
    key: bytes,
    *,
    seen: str,
    user_id: UUID,
) -> ReadText:
    """This text was read and may go out as it stands. ``seen``: which wording was read
    (:func:`wording_of`). Raises ``already_kept``: its words are gone from the reading;
    ``wording_changed``: somebody else has replaced a passage meanwhile."""
    text = _hold_text(db, study_id, request_id, text_id, key, user_id)
    if text.state is ReadingState.KEPT:
        raise Refused(_("Ce texte reste au lieu : c’est décidé."), code="already_kept")
    if seen != wording_of(text):
        raise Refused(
            _("Ce texte a été modifié pendant que vous le lisiez : relisez-le."),
            code="wording_changed",
        )
    text.state = ReadingState.LET_OUT
    db.flush()
    return text


def keep_in(
    db: Session, study_id: UUID, request_id: UUID, text_id: UUID, key: bytes, *, user_id: UUID
) -> ReadText:
    """This text stays in the house: the copy of its words is erased."""
    text = _hold_text(db, study_id, request_id, text_id, key, user_id)
    text.state, text.text = ReadingState.KEPT, ""
    db.flush()
    return text


def replace_passage(
    db: Session,
    study_id: UUID,
    request_id: UUID,
    text_id: UUID,
    key: bytes,
    *,
    passage: str,
    by: str,
    user_id: UUID,
) -> ReadText:
    """Put ``by`` (or «[…]») wherever ``passage`` stands, capitals or not; the text is to be looked
    at once more then.

    Raises :class:`Refused` ``not_there`` (field ``passage``), ``already_kept``.
    """
    text = _hold_text(db, study_id, request_id, text_id, key, user_id)
    if text.state is ReadingState.KEPT:
        raise Refused(_("Ce texte reste au lieu : c’est décidé."), code="already_kept")
    words = by.strip() or STRUCK
    # Spaces and line breaks are as one sees them: any may stand for any.
    sought = r"\s+".join(re.escape(word) for word in passage.split())
    if not sought or not re.search(sought, text.text, re.IGNORECASE):
        raise Refused(
            _("Ces mots ne sont pas dans le texte : recopiez-les comme ils y sont."),
            code="not_there",
            field="passage",
        )
    text.text = re.sub(sought, lambda _match: words, text.text, flags=re.IGNORECASE)
    text.state = ReadingState.WAITING
    db.flush()
    return text


def agree(
    db: Session,
    study_id: UUID,
    request_id: UUID,
    key: bytes,
    word: str,
    *,
    user_id: UUID,
    now: datetime,
) -> TextRequest:
    """What was let out in this reading may go out with the next packages.

    Raises :class:`Refused` ``still_unread``, ``nothing_let_out``, ``already_decided``.
    """
    request = _hold_asked(db, study_id, request_id, user_id)
    readable = list_readable(db, request, key)
    progress = count_progress(readable)
    if request.gathered_at is None or progress.waiting:
        raise Refused(
            _("Des textes attendent encore d’être lus : rien ne sort sans avoir été lu."),
            code="still_unread",
        )
    if not progress.let_out:
        raise Refused(
            _("Aucun texte ne peut sortir : refusez la demande, en disant pourquoi."),
            code="nothing_let_out",
        )
    # Unread, of people who took their yes back meanwhile: whoever says yes again is read again.
    db.execute(
        delete(ReadText).where(
            ReadText.request_id == request_id, ReadText.state == ReadingState.WAITING
        )
    )
    request.state = TextRequestState.AGREED
    return _answer(db, request, word, user_id, now)


def refuse(
    db: Session, study_id: UUID, request_id: UUID, word: str, *, user_id: UUID, now: datetime
) -> TextRequest:
    """Nothing goes out, and the copies are erased. Raises :class:`Refused` ``why`` without a
    word."""
    request = _hold_asked(db, study_id, request_id, user_id)
    if not word:
        raise Refused(_("Dites pourquoi, en une phrase."), code="why", field="word")
    db.execute(delete(ReadText).where(ReadText.request_id == request_id))
    request.state = TextRequestState.REFUSED
    return _answer(db, request, word, user_id, now)


def _answer(
    db: Session, request: TextRequest, word: str, user_id: UUID, now: datetime
) -> TextRequest:
    request.word, request.decided_by_id, request.decided_at = word, user_id, now
    db.flush()
    _tell(db, request, now)
    return request


def withdraw(
    db: Session, study_id: UUID, request_id: UUID, *, user_id: UUID, now: datetime
) -> TextRequest:
    """Take an agreement back: the next packages are without these texts, whose copies are erased.
    A second time changes nothing. Raises :class:`Refused` ``not_agreed``."""
    request = _hold(db, study_id, request_id, user_id)
    if request.state is TextRequestState.WITHDRAWN:
        return request
    if request.state is not TextRequestState.AGREED:
        raise Refused(_("Il n’y a pas d’accord à reprendre."), code="not_agreed")
    db.execute(delete(ReadText).where(ReadText.request_id == request_id))
    request.state = TextRequestState.WITHDRAWN
    request.withdrawn_at, request.withdrawn_by_id = now, user_id
    db.flush()
    _tell(db, request, now)
    return request


def _tell(db: Session, request: TextRequest, now: datetime) -> None:
    person = request.asked_by
    if person is None or not person.active:
        return
    write_mail(
        db,
        person.email,
        "texts_decided",
        {
            "name": person.name,
            "study": request.study.title,
            "state": request.state.value,
            "word": request.word,
            "path": path_of(request),
        },
        now=now,
        due_key=f"texts-decided:{request.id}:{request.state.value}",
    )


def forget_person(db: Session, user_id: UUID) -> None:
    """Take this person's name off what they asked for and decided; that it was stays."""
    for one in list_requests_of(db, user_id):
        for column in ("asked_by_id", "decided_by_id", "withdrawn_by_id"):
            if getattr(one, column) == user_id:
                setattr(one, column, None)
    db.flush()
