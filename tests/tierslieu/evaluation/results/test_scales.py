"""Scores and change: nothing that would give a few people's answers away beside the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.support.results import ITEMS, draw_answers, sure_content
from tierslieu.evaluation.disclosure import Hiding
from tierslieu.evaluation.results.bars import lay_blocks
from tierslieu.evaluation.results.scales import (
    AnsweredWave,
    ScaleChange,
    bounds_of_score,
    measure_changes,
    measure_scales,
)
from tierslieu.evaluation.results.words import between, decimal, share, signed
from tierslieu.evaluation.rules import distribute
from tierslieu.evaluation.statistics.intervals import Interval
from tierslieu.surveys.instruments.reading import read_questionnaire


def wave(
    answers: Sequence[Mapping[str, str] | None], title: str = "Avant", **scale: Any
) -> AnsweredWave:
    questionnaire = read_questionnaire(sure_content(**scale))
    given = {f"p{number:03}": one for number, one in enumerate(answers) if one}
    return AnsweredWave(
        title, questionnaire, given, distribute(questionnaire, list(given.values()))
    )


def change(
    before: Sequence[Mapping[str, str] | None], after: Sequence[Mapping[str, str] | None]
) -> ScaleChange:
    [found] = measure_changes([wave(before), wave(after, "Après")])
    return found


def two(only_first: int, only_last: int, both: int = 40) -> ScaleChange:
    count = both + only_first + only_last
    # The same answer to every item: as many are hidden in one as in the others.
    before: list[Any] = [dict.fromkeys(ITEMS, str(1 + n % 3)) for n in range(count)]
    after: list[Any] = [dict.fromkeys(ITEMS, str(2 + n % 4)) for n in range(count)]
    after[:only_first] = [None] * only_first
    before[count - only_last :] = [None] * only_last
    return change(before, after)


def test_the_reversed_item_is_turned_round_before_alpha() -> None:
    [found] = measure_scales(wave(draw_answers(40, 0, 1)))
    assert found.reliability is not None
    assert found.reliability.alpha is not None
    assert found.reliability.alpha > 0.8
    assert (found.n, found.reliability.n, found.reliability.k) == (40, 35, 4)


@pytest.mark.parametrize(
    ("scale", "bounds"),
    [({}, (1, 5)), ({"is_sum": True}, (4, 20)), ({"between": [0, 100]}, (0, 100))],
)
def test_a_score_is_drawn_between_what_it_can_be(
    scale: dict[str, Any], bounds: tuple[float, float]
) -> None:
    questionnaire = read_questionnaire(sure_content(**scale))
    assert bounds_of_score(questionnaire, questionnaire.scales[0]) == bounds


def test_alpha_is_hidden_when_fewer_than_ten_answered_every_item() -> None:
    answers = draw_answers(20, 0, 1)
    for one in answers[9:]:
        one.pop("sure_b", None)
        one.setdefault("sure_a", "3")
    [found] = measure_scales(wave(answers))
    assert found.n == 20
    assert found.reliability is None


@pytest.mark.parametrize(("count", "why"), [(9, Hiding.TOO_FEW), (10, Hiding.NOTHING)])
def test_ten_people_have_a_mean_and_nine_have_none(count: int, why: Hiding) -> None:
    [found] = measure_scales(wave(draw_answers(count, 0, 1)))
    assert found.why is why
    assert (found.mean is None) == (why is Hiding.TOO_FEW)


def test_a_mean_that_gives_away_the_hidden_counts_of_one_item_is_hidden() -> None:
    """20 people: the mean and what is shown of the item leave one way to fill in the rest."""
    points = ["1"] * 8 + ["2"] * 7 + ["4"] * 3 + ["5"] * 2
    answers = [{"sure_a": point} for point in points]
    alone = {"items": ["sure_a"], "reversed": [], "least": 1}
    [found] = measure_scales(wave(answers, **alone))
    assert (found.why, found.n, found.mean) == (Hiding.COMPLEMENT, None, None)
    several = [dict.fromkeys(ITEMS, point) for point in points]
    [found] = measure_scales(wave(several))
    assert found.why is Hiding.NOTHING


@pytest.mark.parametrize(
    ("only_first", "only_last", "shown", "means"),
    [
        (0, 0, True, True),
        (1, 0, False, False),
        (0, 4, False, False),
        (2, 2, False, False),
        (3, 2, True, False),  # five people together: their change apart tells of nobody
        (8, 1, True, False),
        (8, 0, True, True),
        (5, 5, True, True),
    ],
)
def test_no_difference_with_a_whole_wave_tells_the_scores_of_a_few(
    only_first: int, only_last: int, shown: bool, means: bool
) -> None:
    found = two(only_first, only_last)
    assert (found.change is not None) == shown
    assert found.shows_means == means
    if found.change is not None:  # what is not shown is not kept either
        assert (found.change.before is not None) == (found.change.after is not None) == means
    assert found.why is (Hiding.NOTHING if shown else Hiding.COMPLEMENT)


def test_fewer_than_ten_pairs_have_no_change() -> None:
    found = two(10, 10, both=9)
    assert (found.why, found.n, found.change) == (Hiding.TOO_FEW, None, None)


def test_a_scale_made_of_other_items_is_not_compared() -> None:
    answers = draw_answers(40, 0, 1)
    shorter = wave(answers, "Après", version=2, items=list(ITEMS[1:]), least=2)
    [found] = measure_changes([wave(answers), shorter])
    assert (found.is_comparable, found.n) == (False, None)


def test_the_change_goes_to_the_last_wave_that_somebody_answered() -> None:
    waves = [wave(draw_answers(40, shift, shift), title) for shift, title in enumerate("ABC")]
    [found] = measure_changes([*waves, wave([], "D")])
    assert (found.first, found.last, found.n) == ("A", "C", 40)


def test_a_scale_in_one_wave_has_no_change() -> None:
    assert measure_changes([wave(draw_answers(40, 0, 1))]) == []


def test_an_item_with_a_hidden_count_has_no_bar_and_a_whole_one_has() -> None:
    paces = ["1"] * 20 + ["2"] * 20 + ["5"] * 6 + ["4"] * 4  # the four hide the six
    answers = [{"sure_a": str(1 + n % 5), "pace": pace} for n, pace in enumerate(paces)]
    one = wave(answers)
    grid, pace = lay_blocks(one.questionnaire, list(one.distributions))
    assert [line.bar is not None for line in grid.lines] == [True, False, False, False]
    bar = grid.lines[0].bar
    assert bar is not None
    assert (bar.disagree, bar.neutral, bar.agree) == (40, 20, 40)
    assert grid.reasons == ()
    assert (pace.title, pace.lines[0].bar) == ("Le rythme me convient", None)
    assert Hiding.SMALL_CELL in pace.reasons


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (decimal(3.416), "3,42"),
        (decimal(-0.5), "\u22120,50"),
        (decimal(None), "–"),
        (signed(0.84), "+0,84"),
        (signed(-0.001), "0,00"),
        (signed(0.004), "0,00"),
        (signed(-1234.5), "\u22121\u202f234,50"),
        (share(32.6), "33\u202f%"),
        (between(None), "non calculable"),
        (between(Interval(-0.1, 0.25)), "de \u22120,10 à +0,25"),
    ],
)
def test_figures_are_written_as_in_french(said: str, words: str) -> None:
    assert said == words
