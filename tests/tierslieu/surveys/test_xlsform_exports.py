"""Any questionnaire leaves as a form that other tools take and that asks the same people, or is
refused in a sentence."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.surveys import load_instrument
from tests.tierslieu.surveys.documents import documents
from tests.tierslieu.surveys.test_editing_pages import draft, researcher
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.surveys.editing import rules
from tierslieu.surveys.instruments.conditions import read_condition
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Instrument
from tierslieu.surveys.xlsform.reading import read_xlsform
from tierslieu.surveys.xlsform.writing import write_xlsform

__all__ = ["draft", "researcher"]  # fixtures of these tests too
EVERYTHING = load_instrument("toutes-questions-v1")
READ = read_questionnaire(EVERYTHING)


@pytest.fixture(autouse=True)
def _sentences(app: Flask) -> None:
    """Sentences are in the place's language: they need the application."""


def ending(when: dict[str, Any]) -> dict[str, Any]:
    """Every question, and one more that is asked then."""
    words = {"fr": "Encore", "en": "More"}
    item = {"name": "zz", "kind": "short", "text": words, "label": words, "required": False}
    content = copy.deepcopy(EVERYTHING)
    content["pages"].append(
        {"title": words, "intro": "", "items": [{**item, "max_length": 9, "when": when}]}
    )
    return content


def again(when: dict[str, Any]) -> Any:
    """The same condition, written and read."""
    found = read_xlsform(write_xlsform(ending(when)))
    return read_condition(found.content["pages"][-1]["items"][-1]["when"])


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"item": "hours", "is": 1234567}, "${hours} = 1234567"),
        ({"item": "hours", "at_least": 1234567.5}, "${hours} &gt;= 1234567.5"),
        ({"item": "hours", "at_most": 0.0000001}, "${hours} &lt;= 0.0000001"),
        ({"item": "likely", "is": [10, 20]}, "${likely} = 10 or ${likely} = 20"),
        ({"item": "teaches", "at_least": 1.5}, "${teaches} &gt;= 1.5"),
        ({"item": "recall", "at_most": 0}, "${recall} &lt;= 0"),
        ({"item": "wants_1", "is": 1}, "selected-at(${wants}, 0) = '1'"),
        ({"item": "levels_2", "answered": True}, "${levels} != ''"),
        ({"item": "sure_help", "answered": True}, "${sure_help} != ''"),
    ],
)
def test_a_condition_leaves_with_all_its_digits_and_comes_back_the_same(
    when: dict[str, Any], said: str
) -> None:
    xform = convert(write_xlsform(ending(when)), file_type=".xlsx").xform
    for name in ("hours", "likely", "teaches", "recall", "wants", "levels", "sure_help"):
        page = next(
            number
            for number, sheet in enumerate(EVERYTHING["pages"], start=1)
            if any(name.startswith(item["name"]) for item in sheet["items"])
        )
        group = "sure/" if name == "sure_help" else ""
        said = said.replace(f"${{{name}}}", f" /data/page_{page}/{group}{name} ")
    assert said.replace("  ", " ").strip() in " ".join(xform.replace('"', "'").split())
    got = again(when)
    assert got.values == read_condition(when).values or "answered" in when


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"item": "teaches", "is": -98}, "le code -98"),
        ({"item": "teaches", "is": [1, -96]}, "le code -96"),
        ({"item": "since", "at_least": 3}, "un jour comparé à un nombre"),
        ({"item": "levels_2", "at_least": 2}, "une valeur que la réponse n’a jamais"),
        ({"item": "wants_1", "is": 9}, "une valeur que la réponse n’a jamais"),
    ],
)
def test_a_condition_that_has_no_words_there_is_refused_with_its_question(
    when: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        write_xlsform(ending(when))
    assert "« zz »" in refused.value.message.replace("\u202f", " ")
    assert words in refused.value.message


BOXES = [one.name for one in READ.variables() if one.name.startswith(("levels", "tools"))]
RANKS = [one.name for one in READ.variables() if one.name.startswith("wants")]
LEAVES = st.one_of(
    st.builds(
        lambda name, word, value: {"item": name, word: value},
        st.sampled_from([*BOXES, *RANKS, "teaches", "hours", "likely", "sure_lost"]),
        st.sampled_from(["is", "at_least", "at_most"]),
        st.integers(0, 4),
    ),
    st.builds(
        lambda name: {"item": name, "answered": True},
        st.sampled_from([*BOXES, *RANKS, "teaches", "hours", "recall"]),
    ),
)
CONDITIONS = st.one_of(
    LEAVES,
    st.builds(lambda part: {"not": part}, LEAVES),
    st.builds(
        lambda word, parts: {word: parts},
        st.sampled_from(["all", "any"]),
        st.lists(LEAVES, min_size=2, max_size=3),
    ),
)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, str]:
    """What somebody answered: boxes and ranks together, or refused together."""
    given_: dict[str, str] = {}
    for names, values in ((BOXES[:4], "01"), (BOXES[4:], "01"), (RANKS, "123")):
        how = draw(st.sampled_from(["answered", "refused", "left"]))
        if how == "refused":
            given_ |= dict.fromkeys(names, "-98")
        elif how == "answered" and names is RANKS:
            given_ |= dict(zip(names, draw(st.permutations(values)), strict=True))
        elif how == "answered":
            given_ |= {name: draw(st.sampled_from(values)) for name in names}
    for name in ("teaches", "hours", "likely", "recall", "sure_lost"):
        given_[name] = draw(st.sampled_from(["", "0", "1", "2", "3", "-98"]))
    return given_


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(CONDITIONS, st.lists(answers(), min_size=5, max_size=5))
def test_a_condition_that_left_and_came_back_asks_the_same_people(
    when: dict[str, Any], people: list[dict[str, str]]
) -> None:
    try:
        data = write_xlsform(ending(when))
    except Refused as refused:
        assert "ne se dit pas en XLSForm" in refused.message  # noqa: PT017 - either is an answer
        return
    try:
        got = read_xlsform(data).content["pages"][-1]["items"][-1]["when"]
    except Refused as refused:
        # A code that the question does not have is read by nobody.
        assert "plus loin que ce qui se lit" in refused.message  # noqa: PT017
        return
    for one in people:
        assert read_condition(got).holds(one) == read_condition(when).holds(one), (when, got)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_any_questionnaire_is_a_form_that_the_odk_tools_take_or_is_refused_in_a_sentence(
    content: dict[str, Any],
) -> None:
    try:
        data = write_xlsform(content)
    except Refused as refused:
        assert refused.message.endswith((".", "»"))  # noqa: PT017 - either is an answer
        return
    assert "<h:html" in convert(data, file_type=".xlsx").xform
    found = read_xlsform(data)
    assert (found.left_out, found.recoded) == ([], [])
    assert shapes(found.content) == shapes(content)


def shapes(content: dict[str, Any]) -> list[Any]:
    """What a questionnaire asks, but for its words."""
    return [
        (one.name, one.kind, one.required, [(o.value, o.alone) for o in one.options],
         [row.name for row in one.rows], one.minimum, one.maximum, one.decimals, one.step,
         one.earliest, one.latest, one.max_length, one.may_be_aside)
        for one in read_questionnaire(content).items()
    ]  # fmt: skip


def test_a_question_named_like_a_page_leaves_too() -> None:
    content = copy.deepcopy(EVERYTHING)
    content["pages"][0]["items"][2]["name"] = "page_1"
    content["pages"][0]["items"][3]["name"] = "page_1_intro"
    names = [item.name for item in read_questionnaire(content).items()]
    found = read_xlsform(write_xlsform(content))
    assert [item.name for item in read_questionnaire(found.content).items()] == names


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("Combien coûte ${x} ?", "pour le début d’un nom de question"), ("a\uffff", "caractère")],
)
def test_words_that_no_form_holds_are_refused(words: str, sentence: str) -> None:
    content = copy.deepcopy(EVERYTHING)
    content["pages"][0]["items"][0]["text"] = words
    with pytest.raises(Refused) as refused:
        write_xlsform(content)
    assert sentence in refused.value.message


def test_what_other_tools_would_refuse_does_not_leave() -> None:
    content = copy.deepcopy(EVERYTHING)
    slider = next(one for page in content["pages"] for one in page["items"] if "ends" in one)
    slider["step"] = 1000  # of 100: pyxform takes no such range
    with pytest.raises(Refused) as refused:
        write_xlsform(content)
    assert "XLSForm ne sait pas dire ce questionnaire" in refused.value.message


def test_what_cannot_leave_is_said_on_the_page_of_the_questionnaire(
    researcher: LookingClient, draft: Instrument, db: Session
) -> None:
    content = {**ending({"item": "teaches", "is": -98}), "slug": draft.slug}
    rules.change_draft(db, draft.id, lambda _old: content, revision=None, now=clock.now())
    db.commit()
    url = f"/questionnaires/{draft.slug}/1"
    answer = researcher.get(f"{url}/questionnaire.xlsx")
    assert answer.location == url
    assert "le code -98" in researcher.get(url).text
