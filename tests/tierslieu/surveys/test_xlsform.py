"""Questionnaires written as XLSForm and read again; files of others."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from tests.support.surveys import load_instrument
from tierslieu.errors import Refused
from tierslieu.surveys.instruments.conditions import read_condition
from tierslieu.surveys.instruments.reading import find_faults, load_shipped, read_questionnaire
from tierslieu.surveys.xlsform.reading import read_xlsform
from tierslieu.surveys.xlsform.relevance import (
    Names,
    NotUnderstood,
    read_relevance,
    write_relevance,
)
from tierslieu.surveys.xlsform.workbooks import MOST_BYTES
from tierslieu.surveys.xlsform.writing import write_xlsform

EVERYTHING = load_instrument("toutes-questions-v1")
ALL = {content["slug"]: content for content in [*load_shipped(), EVERYTHING]}


@pytest.fixture(autouse=True)
def _sentences(app: Flask) -> None:
    """Sentences are in the place's language: they need the application."""


def workbook(
    survey: list[list[Any]],
    choices: list[list[Any]] | None = None,
    settings: list[list[Any]] | None = None,
) -> bytes:
    """A file of somebody else's."""
    book = Workbook()
    sheets = [
        ("survey", survey),
        ("choices", choices or []),
        ("settings", settings or [["form_title"], ["Essai"]]),
    ]
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = ["type", "name", "label", "required", "relevant", "constraint", "appearance"]
YES_NO = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]


@pytest.mark.parametrize("slug", sorted(ALL))
def test_what_is_written_is_a_form_that_the_odk_tools_take(slug: str) -> None:
    warnings: list[str] = []
    done = convert(write_xlsform(ALL[slug]), warnings=warnings, file_type=".xlsx")
    assert "<h:html" in done.xform
    assert [one for one in warnings if "missing" not in one.lower()] == []


@pytest.mark.parametrize("slug", sorted(ALL))
def test_what_is_written_is_read_again_the_same(slug: str) -> None:
    content = ALL[slug]
    again = read_xlsform(write_xlsform(content))
    assert again.left_out == []
    for language in content.get("languages", ["fr"]):
        old, new = (
            read_questionnaire(content, language),
            read_questionnaire(again.content, language),
        )
        assert [page.title for page in new.pages] == [page.title for page in old.pages]
        assert [page.when for page in new.pages] == [page.when for page in old.pages]
        assert list(new.items()) == list(old.items())
        assert new.scales == old.scales
        assert (new.title, new.minutes) == (old.title, old.minutes)
    for fact in ("licence", "source", "scoring"):
        assert again.content[fact] == content[fact]
    assert find_faults(again.content) == []


def test_words_that_look_like_a_formula_stay_words() -> None:
    content = {**EVERYTHING, "source": '=HYPERLINK("https://example.org")'}
    book = load_workbook(io.BytesIO(write_xlsform(content)))
    cells = [cell for row in book["settings"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if str(cell.value).startswith("=")} == {"s"}
    assert read_xlsform(write_xlsform(content)).content["source"].startswith("=HYPERLINK")


def test_a_file_of_others_is_read_with_its_words_for_codes_and_its_loose_questions() -> None:
    data = workbook(
        [
            HEAD,
            ["select_one yn", "Teaches", "Do you teach?", "yes"],
            ["integer", "years", "For how long?", "", "${Teaches} = 'yes'", ". >= 0 and . < 60"],
            ["geopoint", "where", "Where?"],
            ["begin_group", "more", "More"],
            ["text", "why", "Why?", "", "${years} > 3 or ${Teaches} = 'no'", "", "multiline"],
            ["end_group"],
        ],
        YES_NO,
    )
    found = read_xlsform(data)
    read = read_questionnaire(found.content)
    assert [len(page.items) for page in read.pages] == [2, 1]
    teaches, years, why = read.items()
    assert (teaches.name, [one.value for one in teaches.options]) == ("teaches", [1, 2])
    assert years.when is not None
    assert years.when.holds({"teaches": "1"})
    assert (years.minimum, years.maximum) == (0, 59)
    assert why.when is not None
    assert why.when.holds({"years": "4", "teaches": "1"})
    assert not why.when.holds({"years": "3", "teaches": "1"})
    assert not why.when.holds({"years": "-98", "teaches": "1"})
    assert why.when.holds({"teaches": "2"})
    assert "where" in found.left_out[0]
    assert found.recoded == ["«\u202fTeaches\u202f» (yes → 1, no → 2)"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "ne se lit pas"),
        (b"name;label\n", "ne se lit pas"),
        (b"PK\x03\x04" + b"\0" * 200, "ne se lit pas"),
        (b"x" * (MOST_BYTES + 1), "trop lourd"),
        (workbook([HEAD, ["select_one gone", "a", "A"]]), "XLSForm valable"),
        (workbook([HEAD, ["text", "a", "A", "", "string-length(${a}) > 3"]]), "La condition de"),
        (workbook([HEAD, ["text", "b", "B", "", "${a} = 1"], ["text", "a", "A"]]), "La condition"),
    ],
)
def test_a_file_that_is_no_such_form_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_xlsform(data)
    assert words in refused.value.message
    assert refused.value.field == "file"


NAMES = Names({"a": "a", "b": "b"}, {"a": {"1": 1, "2": 2}}, frozenset())


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_none_and_never_a_crash(text: str) -> None:
    try:
        read_condition(read_relevance(text, NAMES))
    except NotUnderstood:
        pass
    except ValueError as deep:
        assert "trop profond" in str(deep)  # noqa: PT017 - either is an answer


CODES = st.lists(st.integers(0, 1), min_size=1, max_size=2)
LEAVES = st.one_of(
    st.builds(
        lambda name, values: {"item": name, "is": values},
        st.sampled_from(["teaches", "levels_2", "hours", "sure_help", "tools_py_1"]),
        CODES,
    ),
    st.builds(
        lambda name, value: {"item": name, "at_least": value},
        st.sampled_from(["hours", "likely"]),
        st.integers(0, 9),
    ),
    st.builds(lambda name: {"item": name, "answered": True}, st.sampled_from(["teaches", "hours"])),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=4,
)
VALUES = st.sampled_from(["", "0", "1", "2", "7", "-98"])
ANSWERED = st.fixed_dictionaries(
    dict.fromkeys(("teaches", "hours", "likely", "sure_help"), VALUES)
    | {name: st.sampled_from(["0", "1"]) for name in ("levels_2", "tools_py_1")}
)


@given(CONDITIONS, ANSWERED)
def test_a_condition_written_and_read_again_asks_the_same_people(
    raw: dict[str, Any], answers: dict[str, str]
) -> None:
    questionnaire = read_questionnaire(EVERYTHING)
    numbers = {str(n): n for n in range(10)}
    names = Names(
        {"teaches": "teaches", "hours": "hours", "likely": "likely", "sure_help": "sure_help",
         "levels": "levels", "tools_py": "tools_py"},
        {"levels": numbers, "tools_py": numbers},
        frozenset({"levels", "tools_py"}),
    )  # fmt: skip
    try:
        condition = read_condition(raw)
    except ValueError:
        return  # five deep at most
    written = write_relevance(condition, questionnaire)
    try:
        again = read_condition(read_relevance(written, names))
    except ValueError:
        return  # «0 or 1» of a box is one condition deeper
    assert again.holds(answers) == condition.holds(answers), written
