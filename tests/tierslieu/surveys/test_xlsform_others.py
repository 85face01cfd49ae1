"""Forms of others: what becomes of their constraints, codes, languages and notes, and what is said
of what has no place here."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.client import LookingClient
from tests.tierslieu.surveys.test_xlsform import workbook
from tests.tierslieu.surveys.test_xlsform_files import researcher, send
from tierslieu.errors import Refused
from tierslieu.surveys.instruments.checking import BadAnswers, check_answers
from tierslieu.surveys.instruments.items import Item, ItemKind
from tierslieu.surveys.instruments.reading import find_faults, read_questionnaire
from tierslieu.surveys.xlsform.constraints import HIGHEST, read_bounds
from tierslieu.surveys.xlsform.reading import Imported, read_xlsform

__all__ = ["researcher"]  # a fixture of these tests too
LISTS = [["list_name", "name", "label"], ["l", "a", "A"], ["l", "b", "B"]]


@pytest.fixture(autouse=True)
def _sentences(app: Flask) -> None:
    """Sentences are in the place's language: they need the application."""


def form(*lines: dict[str, Any], choices: list[list[Any]] | None = None, **settings: str) -> bytes:
    """A file of these questions."""
    columns = list(dict.fromkeys(["type", "name", "label", *(key for one in lines for key in one)]))
    rows = [[one.get(key, "") for key in columns] for one in lines]
    shown = {"form_title": "Essai", **settings}
    return workbook([columns, *rows], choices or LISTS, [list(shown), list(shown.values())])


def read_one(**line: Any) -> tuple[Item, list[str]]:
    """The question that a line becomes, and what is said of it."""
    found = read_xlsform(form({"name": "q", "label": "Q", **line}))
    [item] = read_questionnaire(found.content).items()
    return item, [plain(one) for one in found.left_out]


def plain(words: str) -> str:
    """With spaces that a keyboard types."""
    return words.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("kind", "constraint", "bounds"),
    [
        ("integer", ". > 0 and . < 10", (1, 9)),
        ("integer", "(. >= 3) and (. <= 5 and . <= 4)", (3, 4)),
        ("integer", ". > -1", (0, HIGHEST)),
        ("integer", ". >= 0.5 and . < 2.5", (1, 2)),
        ("decimal", ". >= 1 and . <= 3", (1, 3)),
    ],
)
def test_bounds_that_a_question_here_can_have_are_taken_exactly(
    kind: str, constraint: str, bounds: tuple[int, int]
) -> None:
    item, left_out = read_one(type=kind, constraint=constraint)
    assert (item.minimum, item.maximum) == bounds
    assert left_out == []


@pytest.mark.parametrize(
    ("kind", "constraint", "bounds", "words"),
    [
        ("integer", "not(. > 5)", (0, HIGHEST), "not(. > 5)"),
        ("integer", ". >= -20 and . <= 50", (0, 50), ". >= -20"),
        ("decimal", ". >= 0.5 and . <= 2.5", (0, 3), ". >= 0.5"),
        ("decimal", ". > 0 and . < 10", (0, 10), ". < 10"),
        ("integer", ". <= 5 or . >= 90", (0, HIGHEST), ". <= 5 or . >= 90"),
        ("integer", ". != 3 and . < 9", (0, 8), ". != 3"),
        ("integer", ". = 3", (0, HIGHEST), ". = 3"),
        ("integer", "(. > 1 or . < 0) and . < 9", (0, 8), ". > 1 or . < 0"),
    ],
)
def test_a_bound_that_has_no_place_here_forbids_nothing_and_is_said(
    kind: str, constraint: str, bounds: tuple[int, int], words: str
) -> None:
    item, left_out = read_one(type=kind, constraint=constraint)
    assert (item.minimum, item.maximum) == bounds
    assert f"« q » ({words})" in left_out


INEQUALITIES = st.tuples(st.sampled_from([">", ">=", "<", "<="]), st.integers(-3, 12))


@given(st.lists(INEQUALITIES, max_size=4), st.integers(0, 12))
def test_a_whole_number_that_the_file_takes_is_taken_and_another_only_where_it_is_said(
    inequalities: list[tuple[str, int]], value: int
) -> None:
    clauses = [f". {sign} {number}" for sign, number in inequalities]
    found = read_bounds(" and ".join(clauses), ItemKind.NUMBER)
    holds = {">": int.__gt__, ">=": int.__ge__, "<": int.__lt__, "<=": int.__le__}
    there = all(holds[sign](value, number) for sign, number in inequalities)
    here = found.facts["minimum"] <= value <= found.facts["maximum"]
    assert there == here
    assert all(one.startswith(". >") and "-" in one for one in found.dropped)


@given(st.text(alphabet="().<>=-0123456789 andort'", max_size=80))
def test_any_constraint_is_read_or_dropped_and_never_a_crash(text: str) -> None:
    for kind in (ItemKind.NUMBER, ItemKind.DATE, ItemKind.SHORT, ItemKind.SEVERAL):
        read_bounds(text, kind)


@pytest.mark.parametrize(
    ("line", "facts", "words"),
    [
        ({"type": "date", "constraint": ". > date('2026-01-01')"}, ("2026-01-02", None), ""),
        ({"type": "date", "constraint": ". <= date('2026-01-01')"}, (None, "2026-01-01"), ""),
        ({"type": "date", "constraint": ". >= today()"}, (None, None), ". >= today()"),
        ({"type": "date", "constraint": ". > date('2026-13-01')"}, (None, None), "2026-13-01"),
    ],
)
def test_days_have_bounds_too(line: dict[str, Any], facts: tuple[Any, Any], words: str) -> None:
    item, left_out = read_one(**line)
    days = [day and day.isoformat() for day in (item.earliest, item.latest)]
    assert tuple(days) == facts
    assert words in " ".join(left_out)
    assert bool(words) == bool(left_out)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"type": "text", "constraint": "regex(., '^[0-9]{4}$')"}, "regex"),
        ({"type": "text", "constraint": "string-length(.) >= 3"}, "string-length(.) >= 3"),
        ({"type": "text", "constraint": "string-length(.) <= 20000"}, "20000"),
        ({"type": "text", "hint": "Par exemple"}, "hint"),
        ({"type": "text", "default": "rien"}, "default"),
        ({"type": "text", "read_only": "yes"}, "read_only"),
        ({"type": "text", "calculation": "1 + 1"}, "calculation"),
        ({"type": "text", "required": "1 = 1"}, "required"),
        ({"type": "text", "media::image": "a.png"}, "media"),
        ({"type": "select_one l", "choice_filter": "true()"}, "choice_filter"),
        ({"type": "select_one l", "constraint": ". != 'a'"}, ". != 'a'"),
        ({"type": "select_one l", "parameters": "randomize=true"}, "parameters"),
        ({"type": "select_multiple l", "constraint": "count-selected(.) > 1"}, "count-selected"),
        ({"type": "select_multiple l", "constraint": "count-selected(.) <= 0"}, "<= 0"),
        ({"type": "range", "parameters": "start=0.5 end=3 step=0.5"}, "parameters"),
    ],
)
def test_what_is_asked_otherwise_than_in_the_file_is_said(line: dict[str, Any], words: str) -> None:
    _item, left_out = read_one(**line)
    assert len(left_out) == 1
    assert left_out[0].startswith("« q » (")
    assert words in left_out[0]


def test_lengths_and_counts_that_exclude_their_bound_stop_one_before() -> None:
    short, said_of_short = read_one(type="text", constraint="string-length(.) < 10")
    several, said_of_several = read_one(
        type="select_multiple l", constraint="count-selected( . ) < 2"
    )
    assert (short.max_length, several.maximum) == (9, 1)
    assert said_of_short == said_of_several == []


@pytest.mark.parametrize(
    ("names", "codes", "words"),
    [
        (["0", "1"], [0, 1], ""),
        (["0", "1", "-99"], [0, 1, 2], "« q » (-99 → 2)"),
        (["5", "7", "autre"], [5, 7, 8], "« q » (autre → 8)"),
        (["01", "1"], [2, 1], "« q » (01 → 2)"),
        (["yes", "no"], [1, 2], "« q » (yes → 1, no → 2)"),
    ],
)
def test_choices_keep_their_codes_and_what_gets_another_is_said(
    names: list[str], codes: list[int], words: str
) -> None:
    choices = [["list_name", "name", "label"], *[["l", name, f"R{name}"] for name in names]]
    found = read_xlsform(form({"type": "select_one l", "name": "q", "label": "Q"}, choices=choices))
    [item] = read_questionnaire(found.content).items()
    assert [one.value for one in item.options] == codes
    assert ", ".join(map(plain, found.recoded)) == words


def test_codes_that_changed_are_held_against_no_number() -> None:
    choices = [LISTS[0], *[["l", name, f"R{name}"] for name in ("-99", "0", "1")]]
    lines = [
        {"type": "select_one l", "name": "q", "label": "Q"},
        {"type": "text", "name": "why", "label": "Pourquoi", "relevant": "${q} >= 0"},
    ]
    with pytest.raises(Refused) as refused:
        read_xlsform(form(*lines, choices=choices))
    assert "La condition de" in refused.value.message


def noted(*lines: dict[str, Any]) -> Imported:
    """A page that begins with a note."""
    first = {"type": "text", "name": "a", "label": "A"}
    around = {"type": "begin_group", "name": "g", "label": "G"}
    return read_xlsform(form(first, around, *lines, {"type": "end_group"}))


def test_words_said_to_some_do_not_become_words_said_to_all() -> None:
    note = {"type": "note", "name": "n", "label": "Vous avez écrit"}
    after = {"type": "text", "name": "b", "label": "B"}
    always = noted(note, after)
    assert always.content["pages"][1]["intro"] == {"fr": "Vous avez écrit"}
    sometimes = noted({**note, "relevant": "${a} != ''"}, after)
    inside = {"type": "begin_group", "name": "h", "relevant": "${a} != ''"}
    nested = noted(inside, note, after, {"type": "end_group"})
    for found in (sometimes, nested):
        assert found.content["pages"][1]["intro"] == ""
        assert [plain(one) for one in found.left_out] == ["« n » (note)"]
    [asked] = nested.content["pages"][1]["items"]
    assert asked["when"] == {"item": "a", "answered": True}


def test_rows_whose_names_begin_alike_stay_apart() -> None:
    rows = [
        {"type": "select_one l", "name": f"capable_expliquer_{end}", "label": end.upper()}
        for end in "ab"
    ]
    group = {"type": "begin_group", "name": "g", "label": "G", "appearance": "table-list"}
    found = read_xlsform(form(group, *rows, {"type": "end_group"}))
    [grid] = read_questionnaire(found.content).items()
    assert [one.name for one in grid.rows] == ["capable_expl", "capable_ex_2"]
    assert [one.text for one in grid.rows] == ["A", "B"]


def test_a_row_asked_of_some_is_a_question_of_its_own() -> None:
    rows = [
        {"type": "select_one l", "name": "r1", "label": "R1"},
        {"type": "select_one l", "name": "r2", "label": "R2", "relevant": "${r1} = 'a'"},
    ]
    group = {"type": "begin_group", "name": "g", "label": "G", "appearance": "table-list"}
    found = read_xlsform(form(group, *rows, {"type": "end_group"}))
    first, second = read_questionnaire(found.content).items()
    assert second.when is not None
    assert second.when.holds({first.name: "1"})
    assert not second.when.holds({first.name: "2"})


@pytest.mark.parametrize(
    ("line", "settings", "words"),
    [
        ({"type": "integer", "constraint": f". <= {'9' * 400}"}, {}, "999 999 999"),
        ({"type": "integer", "constraint": ". <= -5"}, {}, "999 999 999"),
        ({"type": "range", "parameters": "start=-5 end=5 step=1"}, {}, "999 999 999"),
        (
            {"type": "range", "parameters": "start=0 end=1e99 step=1"},
            {},
            "q : « 1e99 » n’est pas un nombre",
        ),
        ({"type": "text"}, {"minutes": "1e999"}, "minutes : « 1e999 » n’est pas un nombre"),
        ({"type": "text"}, {"minutes": "2,5"}, "minutes : « 2,5 » n’est pas un nombre"),
        ({"type": "text"}, {"minutes": "-5"}, "de 1 à 90"),
        ({"type": "text"}, {"form_title": "T" * 121}, "titre : ces mots sont trop longs"),
        ({"type": "text", "label": "Q" * 1001}, {}, "q : ces mots sont trop longs"),
        ({"type": "note"}, {}, "aucune question"),
    ],
)
def test_what_no_questionnaire_here_can_be_is_refused_in_a_sentence(
    line: dict[str, Any], settings: dict[str, str], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_xlsform(form({"name": "q", "label": "Q", **line}, **settings))
    assert refused.value.status == 422
    assert words in plain(refused.value.message)


def test_more_answers_than_a_question_may_have_on_its_page_are_refused() -> None:
    choices = [LISTS[0], *[["l", str(number), f"R{number}"] for number in range(41)]]
    line = {"type": "select_one l", "name": "q", "label": "Q"}
    with pytest.raises(Refused) as refused:
        read_xlsform(form(line, choices=choices))
    assert "q : 40 réponses" in plain(refused.value.message)
    found = read_xlsform(form(line, choices=choices[:-1]))
    assert find_faults(found.content) == []


def test_languages_that_are_not_ours_are_left_out_and_said() -> None:
    data = form({"type": "text", "name": "q", "label::Deutsch (de)": "Frage"})
    with pytest.raises(Refused) as refused:
        read_xlsform(data)
    assert "en français ou en anglais" in refused.value.message
    assert "Deutsch (de)" in refused.value.message
    both = {"label::français (fr)": "Question", "label::Deutsch (de)": "Frage"}
    found = read_xlsform(form({"type": "text", "name": "q", **both}))
    assert found.content["languages"] == ["fr"]
    assert [plain(one) for one in found.left_out] == ["la langue « Deutsch (de) »"]


def test_words_without_a_language_stand_beside_those_of_another() -> None:
    line = {"type": "text", "name": "q", "label": "Une question", "label::English (en)": "One"}
    found = read_xlsform(form(line))
    assert found.content["pages"][0]["items"][0]["text"] == {"fr": "Une question", "en": "One"}
    assert found.left_out == []


def test_a_line_break_where_one_line_is_written_becomes_a_space() -> None:
    choices = [LISTS[0], ["l", "1", "Oui\ntout à fait"], ["l", "3", "Non\u00a0!"]]
    line = {"type": "select_one l", "name": "q", "label": "Une\nquestion"}
    found = read_xlsform(form(line, choices=choices, form_title="Titre\nBcc: a@b.example"))
    [item] = read_questionnaire(found.content).items()
    assert [one.label for one in item.options] == ["Oui tout à fait", "Non\u00a0!"]
    assert (item.text, item.label) == ("Une\nquestion", "Une question")
    assert found.content["title"] == {"fr": "Titre Bcc: a@b.example"}


def test_a_required_question_is_required_however_the_file_writes_it() -> None:
    for said in ("yes", "true()", "TRUE", True):
        assert read_one(type="text", required=said)[0].required
    with pytest.raises(BadAnswers):
        check_answers([read_one(type="text", required="yes")[0]], {})


def test_the_page_says_what_was_left_out_and_which_codes_are_new(
    researcher: LookingClient,
) -> None:
    lines = [
        {"type": "select_one l", "name": f"q{number}", "label": "Q", "hint": "H"}
        for number in range(100)
    ]
    shown = plain(researcher.get(send(researcher, form(*lines)).location).text)
    assert "N’ont pas pu être repris : « q0 » (hint), « q1 » (hint)" in shown
    assert "autres codes : « q0 » (a → 1, b → 2)" in shown
    assert " autres." in shown
