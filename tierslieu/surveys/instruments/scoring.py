"""What a scale says: the mean or the sum of its items, some of them reversed.

A reversed item counts as ``lowest + highest - value`` of its own codes. With items left out, and
as long as ``least`` were answered, the mean of those answered stands for the others. ``between``
stretches the score from the bounds it can reach to others: the ten items of the System Usability
Scale, 1 to 5, half of them reversed, give 0 to 100 as Brooke's rule (1996) does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tierslieu.surveys.instruments.items import (
    ItemVariable,
    Questionnaire,
    Scale,
    beside_codes,
)

DECIMALS = 4  # of a score in the data


@dataclass(frozen=True)
class Score:
    """A score, None with too few answers, and from how many items it comes."""

    value: float | None
    answered: int


def bounds_of(variable: ItemVariable) -> tuple[float, float]:
    """The least and the most that this variable can be."""
    if variable.options:
        codes = [option.value for option in variable.options]
        return min(codes), max(codes)
    return variable.minimum, variable.maximum


def turned_values(
    questionnaire: Questionnaire, scale: Scale, answers: Mapping[str, str]
) -> dict[str, float]:
    """The items of a scale that were answered, those reversed turned round."""
    known = {one.name: one for one in questionnaire.variables()}
    found = {}
    for name in scale.items:
        value = float(answers.get(name, "-99"))
        if value >= 0:
            low, high = bounds_of(known[name])
            found[name] = low + high - value if name in scale.reversed_items else value
    return found


def score(questionnaire: Questionnaire, scale: Scale, answers: Mapping[str, str]) -> Score:
    """What these answers give on a scale: None with too few of them, and never a code that says why
    there is no answer (an instrument of before bounds were watched may reach below zero)."""
    values = turned_values(questionnaire, scale, answers)
    if len(values) < scale.least:
        return Score(None, len(values))
    known = {one.name: one for one in questionnaire.variables()}
    count = len(scale.items) if scale.is_sum else 1
    found = sum(values.values()) / len(values) * count
    if scale.between is not None:
        reach = [bounds_of(known[name]) for name in scale.items]
        each = len(scale.items) / count
        low, high = sum(one[0] for one in reach) / each, sum(one[1] for one in reach) / each
        start, end = scale.between
        found = start + (found - low) / (high - low) * (end - start)
    if not math.isfinite(found):
        return Score(None, len(values))
    return Score(beside_codes(round(found, DECIMALS)), len(values))
