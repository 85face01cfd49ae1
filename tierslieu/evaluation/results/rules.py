"""Everything that a page of results says of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.disclosure import STAFF, Hiding
from tierslieu.evaluation.results.attrition import Attrition, study_attrition
from tierslieu.evaluation.results.bars import Block, lay_blocks
from tierslieu.evaluation.results.scales import (
    AnsweredWave,
    ScaleChange,
    ScaleScores,
    measure_changes,
    measure_scales,
)
from tierslieu.evaluation.rules import Distribution, WaveRates, distribute, last_answers
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Study, Wave


@dataclass(frozen=True)
class WaveResults:
    """What those who consent answered in a wave, by its title.

    ``respondents``: how many they are, None when too few to be shown; then there are neither scores
    nor blocks.
    """

    wave: str
    respondents: int | None
    scores: Sequence[ScaleScores]
    blocks: Sequence[Block]

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why everything is hidden; empty where it is not."""
        return (Hiding.TOO_FEW,) if self.respondents is None else ()


@dataclass(frozen=True)
class Answers:
    """What a study's answers come to, as it may be shown, in the language that was spoken then.

    ``waves``, ``changes`` and ``distributions`` need the key: None without. ``distributions``: by
    wave.
    """

    attrition: Sequence[Attrition]
    waves: Sequence[WaveResults] | None
    changes: Sequence[ScaleChange] | None
    distributions: Mapping[UUID, Sequence[Distribution]] | None


@dataclass(frozen=True)
class Results:
    """A study's results, which need no transaction any more: ``rates`` has each wave's title."""

    rates: Sequence[tuple[str, WaveRates]]
    answers: Answers


# Of each wave what each person answered last, by pid.
LastAnswers = Sequence[Mapping[str, Mapping[str, str]]]


def read_last(db: Session, study: Study, key: bytes | None) -> LastAnswers | None:
    """What each person answered last in each wave of a study; None without its key."""
    return None if key is None else [last_answers(db, wave, key) for wave in study.waves]


def study_answers(db: Session, study: Study, last: LastAnswers | None, now: datetime) -> Answers:
    """What the answers of a study come to, in the language that is spoken; without its key
    (``last`` is None), what reads none."""
    attrition = study_attrition(db, study, now)
    if last is None:
        return Answers(attrition, None, None, None)
    answered = [_distribute(wave, one) for wave, one in zip(study.waves, last, strict=True)]
    return Answers(
        attrition,
        [_wave_results(one) for one in answered],
        measure_changes(answered),
        {wave.id: one.distributions for wave, one in zip(study.waves, answered, strict=True)},
    )


def _distribute(wave: Wave, answers: Mapping[str, Mapping[str, str]]) -> AnsweredWave:
    questionnaire = read_questionnaire(wave.instrument.content)
    return AnsweredWave(
        wave.title, questionnaire, answers, distribute(questionnaire, list(answers.values()))
    )


def _wave_results(one: AnsweredWave) -> WaveResults:
    count = len(one.answers)
    if count < STAFF.respondents:
        return WaveResults(one.wave, None if count else 0, (), ())
    return WaveResults(
        one.wave,
        count,
        measure_scales(one),
        lay_blocks(one.questionnaire, list(one.distributions)),
    )
