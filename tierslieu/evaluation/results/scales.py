"""What a scale says of a wave, and how far the same people went between two waves.

Pure: answers by pid come in. Nothing is said of fewer people than ``disclosure.STAFF`` asks for,
nor what would give the answers of a few away beside the other figures of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from tierslieu.evaluation.disclosure import STAFF, Hiding, protect_count
from tierslieu.evaluation.rules import Distribution
from tierslieu.evaluation.statistics.change import Change, measure_change
from tierslieu.evaluation.statistics.reliability import Reliability, cronbach_alpha
from tierslieu.evaluation.statistics.verdict import Verdict, judge_alpha, judge_change
from tierslieu.surveys.instruments.items import Questionnaire, Scale
from tierslieu.surveys.instruments.scoring import bounds_of, score, turned_values


@dataclass(frozen=True)
class AnsweredWave:
    """A wave by its title, its questionnaire, each person's last answers by pid, and how they may
    be shown."""

    wave: str
    questionnaire: Questionnaire
    answers: Mapping[str, Mapping[str, str]]
    distributions: Sequence[Distribution]


@dataclass(frozen=True)
class ScaleScores:
    """The scores of a scale in a wave. ``n`` people have one; all is None where ``why`` hides.

    ``bounds``: the least and the most it can be. ``reliability`` has an n of its own, for it takes
    those who answered every item; it is None where these are too few to be shown.
    """

    label: str
    bounds: tuple[float, float]
    n: int | None
    mean: float | None
    sd: float | None
    reliability: Reliability | None
    why: Hiding

    @property
    def verdict(self) -> Verdict | None:
        """Whether the alpha may be relied on; None without one."""
        if self.reliability is None or self.reliability.alpha is None:
            return None
        return judge_alpha(self.reliability.n)


@dataclass(frozen=True)
class ScaleChange:
    """A scale in the first and the last wave that have it, by title, for the same people.

    ``n`` and ``change`` are None where ``why`` hides. ``shows_means``: the two means may stand
    beside those of the waves. ``is_comparable`` is False when the scale is not made of the same
    items in both: nothing is counted then.
    """

    label: str
    first: str
    last: str
    bounds: tuple[float, float]
    n: int | None
    change: Change | None
    shows_means: bool
    why: Hiding
    is_comparable: bool = True

    @property
    def verdict(self) -> Verdict | None:
        """Whether one may conclude; None where there is nothing to conclude from."""
        return None if self.n is None else judge_change(self.n)


def bounds_of_score(questionnaire: Questionnaire, scale: Scale) -> tuple[float, float]:
    """The least and the most that a score can be."""
    if scale.between is not None:
        return scale.between
    known = {one.name: one for one in questionnaire.variables()}
    reach = [bounds_of(known[name]) for name in scale.items]
    share = 1 if scale.is_sum else len(reach)
    return sum(low for low, _high in reach) / share, sum(high for _low, high in reach) / share


def measure_scales(one: AnsweredWave) -> list[ScaleScores]:
    """Every scale of a wave, in the order of the questionnaire."""
    return [_measure(one, scale) for scale in one.questionnaire.scales]


def _measure(one: AnsweredWave, scale: Scale) -> ScaleScores:
    questionnaire, answers = one.questionnaire, list(one.answers.values())
    values = list(scores_of(one, scale).values())
    nothing = ScaleScores(
        scale.label,
        bounds_of_score(questionnaire, scale),
        None,
        None,
        None,
        None,
        _why_hidden(one, scale, len(values)),
    )
    if nothing.why is not Hiding.NOTHING:
        return nothing
    turned = [turned_values(questionnaire, scale, each) for each in answers]
    reliability = cronbach_alpha([[row.get(name) for name in scale.items] for row in turned])
    return replace(
        nothing,
        n=len(values),
        mean=fmean(values),
        sd=stdev(values),
        reliability=reliability if reliability.n >= STAFF.respondents else None,
    )


def scores_of(one: AnsweredWave, scale: Scale) -> dict[str, float]:
    """The score of each person who has one, by pid."""
    found = {pid: score(one.questionnaire, scale, each) for pid, each in one.answers.items()}
    return {pid: each.value for pid, each in found.items() if each.value is not None}


def _why_hidden(one: AnsweredWave, scale: Scale, n: int) -> Hiding:
    """Too few people; or hidden counts of one item alone, which the mean would give away."""
    if n < STAFF.respondents:
        return Hiding.TOO_FEW
    items = [each for each in one.distributions if each.item.name in scale.items]
    if sum(not each.table.is_whole for each in items) == 1:
        return Hiding.COMPLEMENT
    return Hiding.NOTHING


def measure_changes(waves: Sequence[AnsweredWave]) -> list[ScaleChange]:
    """The change on each scale that is in two waves or more, by questionnaire and name.

    From the first wave that has it to the last one that somebody answered.
    """
    having: dict[tuple[str, str], list[tuple[AnsweredWave, Scale]]] = {}
    for one in waves:
        for scale in one.questionnaire.scales:
            having.setdefault((one.questionnaire.slug, scale.name), []).append((one, scale))
    found = []
    for first, *later in having.values():
        if later:
            answered = [each for each in later if each[0].answers]
            found.append(_compare(first, (answered or later)[-1]))
    return found


def _compare(first: tuple[AnsweredWave, Scale], last: tuple[AnsweredWave, Scale]) -> ScaleChange:
    before, after = scores_of(*first), scores_of(*last)
    pairs = [(before[pid], after[pid]) for pid in sorted(before.keys() & after.keys())]
    nothing = ScaleChange(
        last[1].label,
        first[0].wave,
        last[0].wave,
        bounds_of_score(last[0].questionnaire, last[1]),
        None,
        None,
        False,
        Hiding.NOTHING,
        _made_of(*first) == _made_of(*last),
    )
    if not nothing.is_comparable:
        return nothing
    # What the page says of a whole wave, less what it says of the pairs, is about these.
    only_first, only_last = len(before) - len(pairs), len(after) - len(pairs)
    if len(pairs) < STAFF.respondents:
        return replace(nothing, why=Hiding.TOO_FEW)
    if protect_count(only_first + only_last) is None or Hiding.COMPLEMENT in (
        _why_hidden(*first, len(before)),
        _why_hidden(*last, len(after)),
    ):
        return replace(nothing, why=Hiding.COMPLEMENT)
    change = measure_change(pairs)
    shows_means = None not in (protect_count(only_first), protect_count(only_last))
    if not shows_means:  # nor are they kept: beside the means of a whole wave they tell of few
        change = replace(change, before=None, after=None)
    return replace(nothing, n=len(pairs), change=change, shows_means=shows_means)


def _made_of(one: AnsweredWave, scale: Scale) -> object:
    """What must be the same for two scores to be of one measure."""
    known = {each.name: each for each in one.questionnaire.variables()}
    items = {name: (bounds_of(known[name]), name in scale.reversed_items) for name in scale.items}
    return items, scale.is_sum, scale.between
