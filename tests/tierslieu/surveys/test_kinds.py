"""Every kind of question: what is kept of an answer, what is asked, what scales say."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.surveys import load_instrument
from tierslieu.surveys.instruments.checking import BadAnswers, check_answers
from tierslieu.surveys.instruments.conditions import read_condition
from tierslieu.surveys.instruments.flow import asked_items, asked_pages, effective_answers
from tierslieu.surveys.instruments.items import Item, Questionnaire
from tierslieu.surveys.instruments.reading import check_languages, read_questionnaire
from tierslieu.surveys.instruments.scoring import score

CONTENT = load_instrument("toutes-questions-v1")


@pytest.fixture(autouse=True)
def _sentences(app: Flask) -> None:
    """Sentences are in the place's language: they need the application."""


@pytest.fixture
def asked() -> Questionnaire:
    return read_questionnaire(CONTENT)


def item(questionnaire: Questionnaire, name: str) -> Item:
    return next(one for one in questionnaire.items() if one.name == name)


def changed(which: str, **changes: Any) -> dict[str, Any]:
    """The instrument with one item otherwise."""
    content = copy.deepcopy(CONTENT)
    for page in content["pages"]:
        for one in page["items"]:
            if one["name"] == which:
                one.update(changes)
    return content


def test_an_instrument_is_read_in_each_of_its_languages_and_is_the_same_in_all() -> None:
    french, english = read_questionnaire(CONTENT, "fr"), read_questionnaire(CONTENT, "en")
    assert (french.title, english.title) == ("Toutes les questions", "Every question")
    assert item(english, "sure").rows[0].text == "to explain an algorithm"
    assert [one.name for one in french.variables()] == [one.name for one in english.variables()]
    assert read_questionnaire(CONTENT, "de").language == "fr"  # not spoken: its own


def test_words_missing_in_a_language_are_found_where_they_are() -> None:
    check_languages(CONTENT)
    with pytest.raises(ValueError, match=r"hours.*manquent \(en\)"):
        check_languages(changed("hours", text={"fr": "Combien ?"}))


def each(prefix: str, **values: str) -> dict[str, str]:
    """Answers to the parts of an item."""
    return {f"{prefix}_{name.strip('_')}": value for name, value in values.items()}


REFUSED = each("levels", _1="-98", _2="-98", _3="-98", _9="-98")
LEVELS = each("levels", _1="1", _2="0", _3="1", _9="0")
SURE = each("sure", explain="4", lost="-96", help="-98")
TOOLS = each("tools", py_1="0", py_2="1", sheet_1="0", sheet_2="0")
WANTS = each("wants", _1="3", _2="1", _3="2")


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("levels", {"levels_1": "1", "levels_3": "1"}, LEVELS),
        ("levels", {"levels__refus": "y"}, REFUSED),
        ("hours", {"hours": "12,5"}, {"hours": "12.5"}),
        ("hours", {"hours": "3"}, {"hours": "3.0"}),
        ("since", {"since": "2011-09-01"}, {"since": "2011-09-01"}),
        ("subject", {"subject": "  Maths\u00a0et  NSI "}, {"subject": "Maths et NSI"}),
        ("sure", SURE, SURE),
        ("tools", {"tools_py_2": "1"}, TOOLS),
        ("wants", WANTS, WANTS),
        ("likely", {"likely": "85"}, {"likely": "85"}),
        ("likely", {}, {"likely": None}),
        ("recall", {"recall": "0"}, {"recall": "0"}),
    ],
)
def test_what_is_kept_of_an_answer(
    asked: Questionnaire, name: str, sent: dict[str, str], kept: dict[str, str | None]
) -> None:
    before = {"teaches": "1", "recall": "0"}
    assert check_answers([item(asked, name)], sent, before=before) == kept


@pytest.mark.parametrize(
    ("name", "sent", "words"),
    [
        ("levels", {"levels_1": "1", "levels_9": "1"}, "ne va pas avec une autre"),
        ("levels", {"levels_1": "oui"}, "réponses proposées"),
        ("levels", {"levels_4": "1"}, "ne pose pas cette question"),
        ("levels", {}, "préférer ne pas répondre"),
        ("hours", {"hours": "12,55"}, "un chiffre au plus"),
        ("hours", {"hours": "41"}, "de 0 à 40"),
        ("hours", {"hours": "1e1"}, "de 0 à 40"),
        ("hours", {"hours": "NaN"}, "de 0 à 40"),
        ("since", {"since": "2011-02-30"}, "qui existe"),
        ("since", {"since": "1979-12-31"}, "pas de ceux"),
        ("subject", {"subject": "x" * 61}, "trop long"),
        ("sure", {"sure_explain": "4"}, "Une ligne attend"),
        ("sure", {"sure_explain": "5"}, "réponses proposées"),
        ("wants", {"wants_1": "1", "wants_2": "1", "wants_3": "2"}, "le même rang"),
        ("wants", {"wants_1": "1"}, "un rang à chaque"),
        ("wants", {"wants_1": "4", "wants_2": "1", "wants_3": "2"}, "rangs proposés"),
        ("likely", {"likely": "83"}, "de 0 à 100"),
        ("recall", {"recall": "2"}, "réponses proposées"),
        ("recall", {"recall": "-96"}, "réponses proposées"),  # it concerns everybody
    ],
)
def test_an_impossible_answer_says_what_is_possible(
    asked: Questionnaire, name: str, sent: dict[str, str], words: str
) -> None:
    with pytest.raises(BadAnswers) as bad:
        check_answers([item(asked, name)], sent, before={"teaches": "1"})
    assert words in " ".join(bad.value.faults.values())


def test_what_is_not_asked_is_neither_required_nor_kept(asked: Questionnaire) -> None:
    page = asked.pages[0].items
    kept = check_answers(page, {"teaches": "2", "levels_1": "1"})
    assert {kept[f"levels_{code}"] for code in (1, 2, 3, 9)} == {None}
    with pytest.raises(BadAnswers):
        check_answers(page, {"teaches": "1"})


def test_pages_are_asked_by_what_was_answered_before_and_forget_what_was_answered_otherwise(
    asked: Questionnaire,
) -> None:
    assert asked_pages(asked, {}) == [0, 2]
    assert asked_pages(asked, {"teaches": "1"}) == [0, 1, 2]
    went_back = {"teaches": "2", "levels_1": "1", "sure_help": "4", "wants_1": "2"}
    assert effective_answers(asked, went_back) == {"teaches": "2", "wants_1": "2"}


NAMES = [one.name for one in read_questionnaire(CONTENT).variables()]
ANSWERS = st.sampled_from(["0", "1", "2", "-96", "-98", "texte"])


@given(st.dictionaries(st.sampled_from(NAMES), ANSWERS))
def test_effective_answers_are_a_part_that_asks_the_same_items(answers: dict[str, str]) -> None:
    asked = read_questionnaire(CONTENT)
    kept = effective_answers(asked, answers)
    assert kept.items() <= answers.items()
    assert list(asked_items(asked, kept)) == list(asked_items(asked, answers))
    assert effective_answers(asked, kept) == kept


@pytest.mark.parametrize(
    ("raw", "answers", "holds"),
    [
        ({"item": "a", "is": [1, 2]}, {"a": "2"}, True),
        ({"item": "a", "is": 1}, {}, False),
        ({"item": "a", "is": -98}, {"a": "-98"}, True),
        ({"item": "a", "at_least": 0}, {"a": "-98"}, False),  # a refusal is no number
        ({"item": "a", "at_most": 3}, {"a": "2.5"}, True),
        ({"item": "a", "answered": True}, {"a": "des mots"}, True),
        ({"not": {"item": "a", "answered": True}}, {}, True),
        ({"all": [{"item": "a", "is": 1}, {"item": "b", "is": 1}]}, {"a": "1"}, False),
        ({"any": [{"item": "a", "is": 1}, {"item": "b", "is": 1}]}, {"a": "1"}, True),
    ],
)
def test_a_condition_holds_or_not_and_writes_itself_again(
    raw: dict[str, Any], answers: dict[str, str], holds: bool
) -> None:
    condition = read_condition(raw)
    assert condition.holds(answers) is holds
    assert read_condition(condition.document()) == condition


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"when": {"item": "hours", "is": 1}}, "pas demandé avant"),
        ({"when": {"item": "teaches"}}, "ne s’écrit pas ainsi"),
        ({"when": {"item": "teaches", "is": "1"}}, "compare à des nombres"),
        ({"when": {"any": []}}, "vide"),
        ({"options": [{"value": 1, "label": "a"}, {"value": 1, "label": "b"}]}, "même code"),
        ({"kind": "grid", "rows": []}, "une ligne"),
        ({"kind": "number", "minimum": 3, "maximum": 3}, "la plus petite"),
        ({"kind": "number", "minimum": -5, "maximum": 3}, "la plus petite"),
        ({"kind": "text", "max_length": 0}, "longueur du texte"),
    ],
)
def test_an_ill_made_item_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_questionnaire(changed("levels", **changes))


def test_a_row_that_bears_the_name_of_another_item_is_refused() -> None:
    with pytest.raises(ValueError, match="déjà"):
        read_questionnaire(changed("hours", name="levels_1"))


def test_a_reversed_item_counts_the_other_way_and_few_answers_make_no_score(
    asked: Questionnaire,
) -> None:
    [scale] = asked.scales
    whole = {"sure_explain": "4", "sure_lost": "1", "sure_help": "3"}
    assert score(asked, scale, whole).value == pytest.approx((4 + 4 + 3) / 3, abs=1e-4)
    found = score(asked, scale, {"sure_explain": "4", "sure_lost": "-96", "sure_help": "2"})
    assert (found.value, found.answered) == (3, 2)
    assert score(asked, scale, {"sure_explain": "4"}).value is None


@given(st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_the_system_usability_scale_is_scored_as_its_author_says(points: list[int]) -> None:
    """Brooke (1996): odd items count less one, even ones five less it; the sum times 2.5."""
    options = [{"value": n, "label": str(n)} for n in range(1, 6)]
    items = [
        {"name": f"s{n}", "kind": "likert", "text": "…", "label": "…", "required": True,
         "options": options}
        for n in range(1, 11)
    ]  # fmt: skip
    scale = {
        "name": "usability", "label": "…", "items": [f"s{n}" for n in range(1, 11)],
        "reversed": [f"s{n}" for n in range(2, 11, 2)], "is_sum": True, "between": [0, 100],
    }  # fmt: skip
    asked = read_questionnaire(
        {"slug": "s", "version": 1, "title": "…", "minutes": 1,
         "pages": [{"title": "…", "items": items}], "scales": [scale]}
    )  # fmt: skip
    expected = 2.5 * sum(p - 1 if n % 2 == 0 else 5 - p for n, p in enumerate(points))
    answers = {f"s{n}": str(point) for n, point in enumerate(points, start=1)}
    assert score(asked, asked.scales[0], answers).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": ["sure_explain", "nothing"]}, "se fait de"),
        ({"items": ["subject"]}, "se fait de"),
        ({"reversed": ["hours"]}, "question de l’échelle"),
        ({"least": 4}, "au plus toutes"),
        ({"name": "hours"}, "déjà pris"),
        ({"between": [100, 0]}, "du moins au plus"),
    ],
)
def test_an_ill_made_scale_is_refused(changes: dict[str, Any], message: str) -> None:
    [scale] = CONTENT["scales"]
    with pytest.raises(ValueError, match=message):
        read_questionnaire({**CONTENT, "scales": [{**scale, **changes}]})
