"""Moodle's completion reports are read as they come: two languages, two encodings, dates of several
years, and worse files than anybody sent yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from courses.progress.imports.completions.reading import CompletionReport, read_any
from courses.progress.imports.completions.words import Completion, read_state, read_when
from courses.progress.imports.reading import GradeReport
from tests.support.reports import make_completions
from tierslieu.errors import Refused

SAMPLE = Path(__file__).parents[2] / "data" / "imports" / "moodle_progress.csv"
NOT, DONE, PASSED, FAILED = Completion
WHEN = "2026-01-20 10:05:00"


@pytest.fixture(autouse=True)
def _in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def read(data: bytes) -> CompletionReport:
    report = read_any(data)
    assert isinstance(report, CompletionReport)
    return report


def test_columns_without_a_title_for_the_name_are_a_completion_report() -> None:
    report = read(SAMPLE.read_bytes())
    assert report.identities == ("Email address",)
    assert report.activities == ("Quiz du bloc 1", "Atelier Python")
    assert [(line.position, line.states) for line in report.lines] == [
        (2, (PASSED, NOT)), (3, (DONE, DONE)),
    ]  # fmt: skip
    assert report.identity(report.lines[1], "Email address") == "a.lahlou@example.org"
    assert report.date(report.lines[1], 1) == "2026-01-22 09:00:00"


def test_columns_with_a_grade_are_a_grade_report() -> None:
    assert isinstance(read_any(b"username,grade\na,1\n"), GradeReport)


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16", "saved"])
def test_every_encoding_and_separator_says_the_same(encode: str) -> None:
    plain = make_completions(
        ["E-mail"], ["Évaluation"], [["Zoé", "z@example.org", "Terminé", WHEN]]
    )
    if encode == "saved":  # by a spreadsheet: other separators and line ends, more empty cells
        data = b"sep=;\r\n" + plain.replace(b",", b";").replace(b"\n", b";;\r\n")
    else:
        data = plain.decode().encode(encode)
    excel = make_completions(
        ["E-mail"], ["Évaluation"], [["Zoé", "z@example.org", "Terminé", WHEN]], excel=True
    )
    for report in (read(data), read(excel)):
        assert report.activities == ("Évaluation",)
        assert [line.states for line in report.lines] == [(DONE,)]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Completed", DONE),
        ("Not completed", NOT),
        ("Completed (achieved pass grade)", PASSED),
        ("Completed (did not achieve pass grade)", FAILED),
        ("Completed (set by Anne O'Neil (admin))", DONE),
        ("Not completed (set by Anne)", NOT),
        ("Terminé", DONE),
        ("Pas terminé", NOT),
        ("Non terminé (défini par Anne)", NOT),
        ("Terminé (défini par Anne)", DONE),
        ("Terminé (note pour passer atteinte)", PASSED),
        ("Terminé (note minimale de réussite atteinte)", PASSED),
        ("Terminé (n’a pas atteint la note minimale de réussite)", FAILED),
        ("Terminé (n'a pas atteint la note pour passer)", FAILED),
        ("Achevé", DONE),
        ("Non achevée", NOT),
        ("Termine\u0301", DONE),
        ("", NOT),
        ("Abgeschlossen", None),
        ("Oui", None),
        ("Completed (maybe)", None),
    ],
)
def test_a_state_is_what_moodle_writes_or_nothing(word: str, state: Completion | None) -> None:
    assert read_state(word) is state


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (WHEN, datetime(2026, 1, 20, 9, 5, tzinfo=UTC)),
        ("2026-07-20 00:30:00", datetime(2026, 7, 19, 22, 30, tzinfo=UTC)),
        ("Tuesday, 20 January 2026, 10:05 PM", datetime(2026, 1, 20, 21, 5, tzinfo=UTC)),
        ("Tuesday, January 20, 2026, 12:05 AM", datetime(2026, 1, 19, 23, 5, tzinfo=UTC)),
        ("mardi 20 janvier 2026, 10:05", datetime(2026, 1, 20, 9, 5, tzinfo=UTC)),
        ("dimanche 1er février 2026, 10:05", datetime(2026, 2, 1, 9, 5, tzinfo=UTC)),
        ("1 August 2026", datetime(2026, 7, 31, 22, tzinfo=UTC)),
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-02-30 10:00:00", None),
        ("2026-01-20 25:00:00", None),
        ("20 Brumaire 2026", None),
        ("13:00 PM", None),
        ("01/02/2026", None),
        ("", None),
    ],
)
def test_a_date_is_by_the_clock_of_paris_and_never_guessed(
    text: str, when: datetime | None
) -> None:
    assert read_when(text) == when


def test_what_is_said_of_people_ends_where_the_pairs_begin() -> None:
    activities = [("Quiz", "2026-02-01 23:59:00"), "2026-02-01", ("TP", "1 février 2026"), "Fin"]
    rows = [["N", "id", "z@example.org", "zoe", *(["Completed", WHEN] * 4)]]
    report = read(make_completions(["ID number", "Email address", "Username"], activities, rows))
    assert report.identities == ("ID number", "Email address", "Username")
    assert report.activities == ("Quiz", "2026-02-01", "TP", "Fin")


def test_two_activities_of_one_name_are_one_that_both_must_complete() -> None:
    row = ["N", "z@example.org", "Completed", WHEN, "Not completed", ""]
    report = read(make_completions(["Email"], ["Quiz", "Quiz"], [row]))
    assert report.activities == ("Quiz",)
    assert report.places == {"Quiz": (0, 1)}


def test_a_line_at_fault_spoils_itself_alone() -> None:
    good = '"N","z@example.org","Completed","2026-01-20 10:05:00"'
    lines = [
        ',"Email","Quiz",""', good,
        '"N","a@example.org","Oui",""', '"N","b@example.org","Completed"',
        f'{good},"de trop"', '"N","c@example.org","Compl', good,
    ]  # fmt: skip
    report = read("\n".join(lines).encode())
    assert [bool(line.fault) for line in report.lines] == [False, True, True, True, True, False]
    assert "« Oui »" in report.lines[1].fault.replace("\u202f", " ")
    assert [line.position for line in report.lines] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (make_completions([], ["Quiz"], [["N", "Completed", WHEN]]), "completion_no_identity"),
        (b',"Quiz","1. Februar 2026","Fin",""\n"N","Completed","x","Completed",""\n',
         "completion_columns"),
        (b',"Email","Email","Quiz",""\n"N","a","b","Completed",""\n', "completion_columns"),
        (b',"Email","Quiz",""\n', "report_nobody"),
        (b"," + b'"a",' * 2_001 + b"\n", "report_too_wide"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_as_a_whole_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_any(data)
    assert refused.value.code == code


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"], exclude_characters="\0"),
    min_size=1, max_size=12,
).map(lambda text: "n" + text)  # fmt: skip
STATES = {"Completed": DONE, "Pas terminé": NOT, "Completed (achieved pass grade)": PASSED}


@given(
    identities=st.lists(NAMES, min_size=1, max_size=3, unique=True),
    activities=st.lists(st.tuples(NAMES, st.sampled_from(["", WHEN])), min_size=1, max_size=5),
    people=st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    excel=st.booleans(),
    draw=st.randoms(use_true_random=False),
)
def test_what_moodle_says_is_what_is_read(
    identities: list[str], activities: list[tuple[str, str]], people: list[int], excel: bool,
    draw: object,
) -> None:  # fmt: skip
    rows, said = [], []
    for number in people:
        states = [draw.choice(list(STATES)) for _ in activities]  # type: ignore[attr-defined]
        said.append(tuple(STATES[state] for state in states))
        known = [f"{title}{number}" for title in identities]
        rows.append(["Nom", *known, *(cell for state in states for cell in (state, WHEN))])
    report = read(make_completions(identities, activities, rows, excel=excel))
    assert len(report.identities) == len(identities)
    assert [line.states for line in report.lines] == said


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, after_a_header: bool) -> None:
    begin = b',"Email","Quiz",""\n"N","a@example.org","Completed",""\n' if after_a_header else b""
    with suppress(Refused):
        assert read_any(begin + data).lines
