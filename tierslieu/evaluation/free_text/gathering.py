"""Whose words may be read, and which: only the study's key tells whose a sheet is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.anonymity import K
from tierslieu.evaluation.queries import SLICE, list_answered, list_sheets, list_values
from tierslieu.surveys.instruments.items import (
    NO_ANSWER,
    NOT_ASKED,
    NOT_CONCERNED,
    PREFERS_NOT,
    Item,
)
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Study, Wave
from tierslieu.surveys.pseudonyms import sheet_key
from tierslieu.surveys.studies.queries import list_text_participants

_CODES = {str(code) for code in (NOT_CONCERNED, NOT_ASKED, PREFERS_NOT, NO_ANSWER)}


@dataclass(frozen=True)
class Question:
    """A question that is answered in one's own words, in a wave."""

    wave: Wave
    item: Item

    @property
    def key(self) -> tuple[UUID, str]:
        """What tells it apart in its study."""
        return self.wave.id, self.item.name


def list_questions(study: Study) -> list[Question]:
    """Every question of the study that is answered in words, as the waves ask them."""
    return [
        Question(wave, item)
        for wave in study.waves
        for item in read_questionnaire(wave.instrument.content).items()
        if not item.is_coded
    ]


@dataclass(frozen=True)
class Written:
    """What somebody wrote. ``user_id`` is for counting people, and is kept nowhere."""

    user_id: UUID
    sheet_id: UUID
    wave_id: UUID
    item: str
    text: str


def find_owners(
    db: Session, study: Study, key: bytes, people: Sequence[UUID] | None = None
) -> dict[str, UUID]:
    """Whose each sheet is, by its key: of ``people``, or of all whose words may be let out."""
    allowed = list_text_participants(db, study)
    if people is not None:
        allowed = [one for one in allowed if one in set(people)]
    waves = [wave.id for wave in study.waves]
    return {
        sheet_key(key, one.invitation_id): one.user_id for one in list_answered(db, waves, allowed)
    }


def gather(
    db: Session,
    study: Study,
    key: bytes,
    asked: Collection[tuple[UUID, str]],
    known: Collection[tuple[UUID, str]],
) -> list[Written]:
    """What was written to the questions asked, but for what is ``known`` (sheet, item); nothing of
    a question to which fewer than five people wrote."""
    found = list(_written(db, study, key, asked, known))
    writers: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for one in found:
        writers[one.wave_id, one.item].add(one.user_id)
    return [one for one in found if len(writers[one.wave_id, one.item]) >= K]


def _written(
    db: Session,
    study: Study,
    key: bytes,
    asked: Collection[tuple[UUID, str]],
    known: Collection[tuple[UUID, str]],
) -> Iterator[Written]:
    owners = find_owners(db, study, key)
    items = {item for _wave, item in asked}
    sheets = list_sheets(db, sorted(owners))
    for start in range(0, len(sheets), SLICE):
        part = sheets[start : start + SLICE]
        values = list_values(db, [sheet.sheet_key for sheet in part])
        for sheet in part:
            for item, text in values.get(sheet.sheet_key, {}).items():
                is_asked = item in items and (sheet.wave_id, item) in asked
                if not is_asked or (sheet.id, item) in known:
                    continue
                if text.strip() and text not in _CODES:
                    yield Written(owners[sheet.sheet_key], sheet.id, sheet.wave_id, item, text)
