"""Everything that a page of results says of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
from tierslieu.evaluation.rules import WaveRates, distribute, last_answers, wave_rates
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
class Results:
    """A study's results, which need no transaction any more: ``rates`` has each wave's title.

    ``waves`` and ``changes`` need the key: None without.
    """

    rates: Sequence[tuple[str, WaveRates]]
    attrition: Sequence[Attrition]
    waves: Sequence[WaveResults] | None
    changes: Sequence[ScaleChange] | None


def study_results(db: Session, study: Study, key: bytes | None, now: datetime) -> Results:
    """The results of a study as they may be shown; without its key, those that read no answers."""
    rates = [(wave.title, wave_rates(db, wave)) for wave in study.waves]
    attrition = study_attrition(db, study, now)
    if key is None:
        return Results(rates, attrition, None, None)
    answered = [_read(db, wave, key) for wave in study.waves]
    return Results(
        rates, attrition, [_wave_results(one) for one in answered], measure_changes(answered)
    )


def _read(db: Session, wave: Wave, key: bytes) -> AnsweredWave:
    questionnaire = read_questionnaire(wave.instrument.content)
    answers = last_answers(db, wave, key)
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
