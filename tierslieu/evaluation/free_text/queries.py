"""Every SELECT of the requests for free texts and of what was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.evaluation.free_text.models import (
    AskedQuestion,
    ReadingState,
    ReadText,
    TextRequest,
    TextRequestState,
)
from tierslieu.surveys.models import ResponseSheet, Wave
from tierslieu.surveys.studies.models import StudyResearcher


def _whole(query: Select[TextRequest]) -> Select[TextRequest]:
    return query.options(
        joinedload(TextRequest.study),
        selectinload(TextRequest.questions)
        .joinedload(AskedQuestion.wave)
        .joinedload(Wave.instrument),
    )


def _is_a_stranger(user_id: UUID) -> ColumnElement[bool]:
    """Whether this person neither runs the study nor asked: only then may they read."""
    runs = exists().where(
        StudyResearcher.study_id == TextRequest.study_id, StudyResearcher.user_id == user_id
    )
    return ~runs & or_(TextRequest.asked_by_id.is_(None), TextRequest.asked_by_id != user_id)


def find_request(db: Session, study_id: UUID, request_id: UUID) -> TextRequest | None:
    """One request of a study."""
    return db.scalar(
        _whole(select(TextRequest)).where(
            TextRequest.id == request_id, TextRequest.study_id == study_id
        )
    )


def find_to_read(
    db: Session, study_id: UUID, request_id: UUID, user_id: UUID
) -> TextRequest | None:
    """The same, for somebody of the coordination who has no part in the study."""
    return db.scalar(
        _whole(select(TextRequest)).where(
            TextRequest.id == request_id,
            TextRequest.study_id == study_id,
            _is_a_stranger(user_id),
        )
    )


def list_requests(db: Session, study_id: UUID) -> Sequence[TextRequest]:
    """The requests of a study, the last asked first."""
    return db.scalars(
        _whole(select(TextRequest))
        .where(TextRequest.study_id == study_id)
        .order_by(TextRequest.asked_at.desc(), TextRequest.id.desc())
    ).all()


def list_waiting_for(db: Session, user_id: UUID) -> Sequence[TextRequest]:
    """The requests that wait for a reading this person may do, the first asked first."""
    return db.scalars(
        _whole(select(TextRequest))
        .where(TextRequest.state == TextRequestState.ASKED, _is_a_stranger(user_id))
        .order_by(TextRequest.asked_at, TextRequest.id)
    ).all()


def list_requests_of(db: Session, user_id: UUID) -> Sequence[TextRequest]:
    """What this person asked for, decided or withdrew, the first asked first."""
    return db.scalars(
        select(TextRequest)
        .where(
            or_(
                TextRequest.asked_by_id == user_id,
                TextRequest.decided_by_id == user_id,
                TextRequest.withdrawn_by_id == user_id,
            )
        )
        .options(joinedload(TextRequest.study))
        .order_by(TextRequest.asked_at, TextRequest.id)
    ).all()


class TextToRead(NamedTuple):
    """A copy under the key of its sheet, which the study's key alone leads to somebody."""

    text: ReadText
    sheet_key: str


def list_copies(db: Session, request_id: UUID) -> list[TextToRead]:
    """The copies of a reading, question after question, in an order of chance."""
    rows = db.execute(
        select(ReadText, ResponseSheet.sheet_key)
        .join(ResponseSheet, ResponseSheet.id == ReadText.sheet_id)
        .join(ReadText.wave)
        .where(ReadText.request_id == request_id)
        .order_by(Wave.position, ReadText.item, ReadText.id)
    )
    return [TextToRead(row[0], row[1]) for row in rows]


def list_decided(db: Session, study_id: UUID) -> set[tuple[UUID, str]]:
    """(sheet, item) of what was read with an agreement that stands: not to be read again."""
    rows = db.execute(
        select(ReadText.sheet_id, ReadText.item)
        .join(TextRequest, TextRequest.id == ReadText.request_id)
        .where(TextRequest.study_id == study_id, TextRequest.state == TextRequestState.AGREED)
        .order_by(ReadText.id)
    )
    return {(row[0], row[1]) for row in rows}


class LetOut(NamedTuple):
    """A text that may go out, under the key of its sheet."""

    request_id: UUID
    wave_id: UUID
    item: str
    text: str
    sheet_key: str


def list_let_out(db: Session, study_id: UUID) -> list[LetOut]:
    """What was read and let out with an agreement that stands, request by request."""
    rows = db.execute(
        select(
            ReadText.request_id,
            ReadText.wave_id,
            ReadText.item,
            ReadText.text,
            ResponseSheet.sheet_key,
        )
        .join(ResponseSheet, ResponseSheet.id == ReadText.sheet_id)
        .join(TextRequest, TextRequest.id == ReadText.request_id)
        .where(
            TextRequest.study_id == study_id,
            TextRequest.state == TextRequestState.AGREED,
            ReadText.state == ReadingState.LET_OUT,
        )
        .order_by(TextRequest.decided_at, TextRequest.id, ReadText.id)
    )
    return [LetOut(*row) for row in rows]
