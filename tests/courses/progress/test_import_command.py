"""``tierslieu progress import``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.progress.commands import progress
from courses.progress.imports.models import GradeImport, GradeImportLine
from courses.progress.models import StepRecord
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.reports import make_report
from tierslieu import app as roof

NAMES = ["lines", "matched", "unmatched", "changed", "unchanged", "errors"]


@pytest.fixture
def file(
    app: Flask, db: Session, make: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setattr(roof, "create_app", lambda: app)
    path = make_path(db)
    passed, below = (make_enrolment(db, make.user(), path).user.email for _ in range(2))
    out = tmp_path / "inria_41028_session01_grade_report_2026-01-15-0830.csv"
    out.write_bytes(
        make_report(
            [
                {"email": passed, "grade": "0.7"},
                {"email": below, "grade": "0.2"},
                {"email": "stranger@example.org", "grade": "0.7"},
                {"email": "broken@example.org", "grade": "bien"},
            ]
        )
    )
    return out


def run(*arguments: object) -> Result:
    return CliRunner().invoke(progress, ["import", *map(str, arguments)])


def counts(*arguments: object) -> list[int]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert list(said) == NAMES
    return list(said.values())


def test_a_dry_run_counts_and_writes_nothing(file: Path, db: Session) -> None:
    assert counts(file, "--path", "essai", "--dry-run") == [4, 2, 1, 1, 1, 1]
    db.rollback()
    assert not db.scalars(select(StepRecord)).all()
    assert not db.scalars(select(GradeImport)).all()


def test_the_import_validates_once_and_leaves_counts_without_people(
    file: Path, db: Session
) -> None:
    assert counts(file, "--path", "essai") == [4, 2, 1, 1, 1, 1]
    assert counts(file, "--path", "essai") == [4, 2, 1, 0, 2, 1]
    db.rollback()
    assert len(db.scalars(select(StepRecord)).all()) == 2
    assert [one.changed for one in db.scalars(select(GradeImport).order_by(GradeImport.id))] == [
        1,
        0,
    ]
    assert not db.scalars(select(GradeImportLine)).all()


def test_what_it_says_to_people_names_nobody(file: Path) -> None:
    done = run(file, "--path", "essai", "--dry-run")
    assert done.exit_code == 0
    assert "4 lines, 2 matched" in done.output
    assert "@" not in done.output


@pytest.mark.parametrize("text", [b"", b"name,mark\na,1\n", b"Username,Error\na,b\n",
                                  b"username,grade\na,seven\n"])  # fmt: skip
def test_a_file_of_which_nothing_is_read_exits_1(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    assert run(file, "--path", "essai").exit_code == 1


def test_wrong_use_exits_2(file: Path) -> None:
    assert run(file).exit_code == 2
    assert run(file, "--path", "unknown").exit_code == 2
    assert run(file.with_name("absent.csv"), "--path", "essai").exit_code == 2
