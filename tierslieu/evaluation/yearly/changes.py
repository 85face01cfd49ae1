"""What a year changed for people: what they say they could do before their path, and can now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tierslieu.evaluation.disclosure import PUBLIC, Hiding, round_count
from tierslieu.evaluation.rules import last_answers
from tierslieu.evaluation.statistics.change import measure_change
from tierslieu.evaluation.statistics.verdict import Verdict, judge_change
from tierslieu.surveys.instruments.items import ItemVariable
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Study, Wave

BEFORE, NOW = "_before", "_now"


def measure_year(
    db: Session, study: Study, key: bytes, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """For each question of the place's study asked twice over in one questionnaire (``x_before``
    and ``x_now``, the same scale): the change for those who consent, answered in [since, until),
    as JSON. Fewer than ``PUBLIC`` people: hidden, and why."""
    found = []
    for wave in study.waves:
        questionnaire = read_questionnaire(wave.instrument.content)
        known = {one.name: one for one in questionnaire.variables()}
        pairs = [
            (one, known[one.name.removesuffix(NOW) + BEFORE])
            for one in known.values()
            if one.name.endswith(NOW) and one.name.removesuffix(NOW) + BEFORE in known
        ]
        if pairs:
            answers = last_answers(db, wave, key, (since, until))
            found += [_tell(wave, after, before, answers) for after, before in pairs]
    return found


def _tell(
    wave: Wave, after: ItemVariable, before: ItemVariable, answers: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    points = {str(option.value) for option in after.options}
    pairs = [
        (float(one[before.name]), float(one[after.name]))
        for one in answers.values()
        if one.get(before.name) in points and one.get(after.name) in points
    ]
    told: dict[str, Any] = {
        "wave": wave.title,
        "label": after.wording,
        "low": min(option.value for option in after.options),
        "high": max(option.value for option in after.options),
        "n": None,
        "why": Hiding.NOTHING.value,
    }
    if len(pairs) < PUBLIC.respondents:
        return told | {"why": Hiding.TOO_FEW.value}
    change = measure_change(pairs)
    interval = change.difference_interval
    # One decimal, and a rounded number of people: no one answer can be worked out.
    return told | {
        "n": round_count(len(pairs)),
        "before": round(change.before, 1) if change.before is not None else None,
        "after": round(change.after, 1) if change.after is not None else None,
        "difference": round(change.difference, 1) if change.difference is not None else None,
        "interval": [round(interval.low, 1), round(interval.high, 1)] if interval else None,
        "is_enough": judge_change(len(pairs)) is Verdict.ENOUGH,
    }
