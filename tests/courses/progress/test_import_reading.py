"""Grade reports are read as they come: encodings, separators, decimal signs, both generations of
columns, and worse files than anybody sent yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from courses.progress.imports.names import read_name
from courses.progress.imports.reading import GradeReport, ReportKind, read_report
from courses.progress.imports.scores import BadScore, read_score
from tierslieu.errors import Refused

DATA = Path(__file__).parents[2] / "data" / "imports"
LEGACY = "fun_legacy_inria_41028_session01_grade_report_2026-01-15-0830.csv"
MODERN = "openedx_modern_inria_41032_session01_grade_report_2026-01-15-0830.csv"
PROBLEMS = "openedx_modern_problem_grade_report.csv"


@pytest.fixture(autouse=True)
def _in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def sample(name: str) -> GradeReport:
    return read_report((DATA / name).read_bytes(), name)


def short(text: str, encoding: str = "utf-8") -> GradeReport:
    return read_report(text.encode(encoding))


def test_a_report_without_addresses_is_read_by_username() -> None:
    report = sample(LEGACY)
    assert report.kind is ReportKind.GRADES
    assert [(line.username, line.email, line.grade) for line in report.lines] == [
        ("mbernard", None, 0.72),
        ("aïcha_l", None, 0.5),
        ("jdupont", None, 0.49),
        ("nouveau", None, 0.0),
    ]
    assert report.columns == ("Quiz 1: Bloc 1", "Quiz 2: Bloc 2", "Quiz (Avg)")
    assert report.score(report.lines[0], "Quiz 2: Bloc 2") == 0.54
    assert report.name is not None
    assert (report.name.number, report.name.run) == ("41028", "session01")


def test_a_modern_report_has_addresses_and_says_who_left_the_course() -> None:
    report = sample(MODERN)
    assert [line.email for line in report.lines] == [
        "m.bernard@example.org",
        "a.lahlou@example.org",
        "jdupont@example.org",
    ]
    assert [line.is_enrolled for line in report.lines] == [True, True, False]
    # What is said beside the grades is no subsection.
    assert report.columns == ("Quiz 1: Module 1", "Quiz 2: Module 2", "Quiz (Avg)")
    assert report.score(report.lines[1], "Quiz 2: Module 2") is None


def test_a_problem_report_is_read_as_points_and_never_as_a_grade_report() -> None:
    report = sample(PROBLEMS)
    assert report.kind is ReportKind.PROBLEMS
    first, second = (f"Quiz {n}: Module {n} - Question 1" for n in (1, 2))
    assert report.columns == (first, second)
    assert report.score(report.lines[0], second) == 0.5
    assert report.score(report.lines[1], second) is None


def test_a_file_of_errors_gives_no_grade() -> None:
    report = short("Student ID,Username,Error\n7,mbernard,0.9\n")
    assert report.kind is ReportKind.ERRORS
    assert [(line.grade, bool(line.fault)) for line in report.lines] == [(None, True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(encoding: str, separator: str) -> None:
    text = 'id,username,grade,Équipe\r\n1,aïcha,"0,5","0,25"\r\n'
    rows = list(csv.reader(io.StringIO(text, newline="")))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    report = short(out.getvalue(), encoding)
    (line,) = report.lines
    assert (line.username, line.grade) == ("aïcha", 0.5)
    assert report.score(line, "Équipe") == 0.25


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        ("50 %", 0.5),
        ("50\u202f%", 0.5),
        ("1", 1.0),
        ("1.0", 1.0),
        (".75", 0.75),
        ("100%", 1.0),
        ("1e-05", 0.00001),
        ("Not Attempted", None),
        ("Not Available", None),
        ("N/A", None),
        ("", None),
        ("0", 0.0),
    ],
)
def test_a_score_is_read_with_any_sign(text: str, value: float | None) -> None:
    assert read_score(text) == value


@pytest.mark.parametrize("text", ["72", "1.2", "-0.5", "nan", "inf", "101 %", "0.5.5", "A", "٠"])
def test_what_is_no_score_from_0_to_1_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(BadScore):
        read_score(text)


def test_a_misaligned_line_is_at_fault_alone() -> None:
    report = short(
        "id,username,grade,Quiz\n1,a,0.6,1\n2,b\n3,c,0.7,1,9\n4,d,seven,1\n5,e,0.8,1\n6,,0.9,1\n"
    )
    assert [(x.position, bool(x.fault)) for x in report.lines] == [
        (2, False),
        (3, True),
        (4, True),
        (5, True),
        (6, False),
        (7, True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'id,username,grade\n1,"a,0.9\n2,b,0.8\n3,c,0.7\n',
        'id,username,grade\n1,"a,0.9\n2,b,0.8\n3,c,0.7\n4,"d,0.6\n',
        'id,username,grade\n1,"a,0.9\n2,b,0.8\n3,c,0.7\n4,d,"0.6\n',
        'id,username,grade\n2,b,0.8\n3,c,0.7\n4,d,"0.6',
    ],
)
def test_an_open_quote_spoils_its_line_and_not_the_rest(text: str) -> None:
    assert [(x.username, x.grade) for x in short(text).lines if not x.fault] == [
        ("b", 0.8),
        ("c", 0.7),
    ]


def test_a_quoted_cell_may_hold_a_line_break() -> None:
    report = short('username,grade,Team Name\nx,0.9,"two\nlines"\ny,0.8,one\n')
    assert [(x.position, x.grade, x.fault) for x in report.lines] == [(2, 0.9, ""), (4, 0.8, "")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv_empty"),
        (b"PK\x03\x04....", "csv_workbook"),
        (b"name,grade\nx,1\n", "report_no_columns"),
        (b"date,enrollments\n2026-01-01,4\n", "report_no_columns"),
        (b"username,grade\n", "report_nobody"),
        (b"username,grade\n\n,\n", "report_nobody"),
        (
            b"username,grade," + b",".join(b"q%d" % n for n in range(2001)) + b"\n",
            "report_too_wide",
        ),
        (b"a" * (10 * 1024 * 1024 + 1), "csv_too_big"),
        (b"username,grade\n" + b"a,1\n" * 100_001, "report_too_long"),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_report(data)
    assert (refused.value.code, refused.value.field) == (code, "file")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (LEGACY, ("fun_legacy_inria", "41028", "session01")),
        ("inria_41032_session01_problem_grade_report_2026-01-15-0830 (1).csv",
         ("inria", "41032", "session01")),
        ("edX_DemoX_Demo_Course_grade_report_2026-01-15-0830.csv",
         ("edX", "DemoX", "Demo_Course")),
        ("inria_41032_s1_grade_report_err_2026-01-15-0830.csv", ("inria", "41032", "s1")),
    ],
)  # fmt: skip
def test_the_name_of_a_report_says_its_course(name: str, found: tuple[str, str, str]) -> None:
    read = read_name(name)
    assert read is not None
    assert (read.org, read.number, read.run) == found
    assert read.made_at == datetime(2026, 1, 15, 8, 30)  # noqa: DTZ001 - no zone is said


@pytest.mark.parametrize("name", ["", "notes.csv", "x_1_y_grade_report_2026-13-45-9999.csv"])
def test_a_report_renamed_is_read_all_the_same(name: str) -> None:
    assert read_name(name) is None
    assert read_report(b"username,grade\na,1\n", name).lines[0].grade == 1


CELLS = st.text(max_size=12)


@given(st.binary(max_size=400), st.sampled_from([b"", b"username,grade,Quiz\n", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused(data: bytes, begin: bytes) -> None:
    try:
        report = read_report(begin + data)
    except Refused as refused:
        assert refused.field == "file"  # noqa: PT017 - most bytes are refused, some are read
        return
    for line in report.lines:
        assert line.fault or line.grade is None or 0 <= line.grade <= 1
        for column in report.columns:
            try:
                score = report.score(line, column)
            except BadScore:
                continue
            assert score is None or 0 <= score <= 1


@given(
    st.lists(st.tuples(CELLS, st.floats(0, 1), CELLS), min_size=1, max_size=8),
    st.sampled_from(",;\t"),
)
def test_what_a_well_formed_file_says_is_what_is_read(
    rows: list[tuple[str, float, str]], separator: str
) -> None:
    clean = [(f"u{n}", f"{grade:.6f}", team.replace("\0", "")) for n, (_u, grade, team) in
             enumerate(rows)]  # fmt: skip
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([("username", "grade", "Team Name"), *clean])
    report = read_report(out.getvalue().encode("utf-8", "replace"))
    assert [(line.username, line.grade) for line in report.lines] == [
        (name, float(grade)) for name, grade, _team in clean
    ]


@given(st.lists(st.text(alphabet='",;a\n', max_size=20), max_size=6))
def test_a_spoilt_line_never_takes_the_good_one_before_it(spoilt: list[str]) -> None:
    report = short("username,grade\ngood,0.9\n" + "\n".join(spoilt))
    assert (report.lines[0].username, report.lines[0].grade) == ("good", 0.9)
