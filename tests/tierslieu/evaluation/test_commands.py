"""``tierslieu evaluation export``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.evaluation import make_answered_study
from tests.support.factories import Factory
from tierslieu import app as roof
from tierslieu.evaluation import commands
from tierslieu.evaluation.commands import group
from tierslieu.evaluation.models import PackageDownload


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(roof, "create_app", lambda: app)
    return CliRunner()


def test_export_writes_the_package_and_notes_that_it_left(
    run: CliRunner, db: Session, make: Factory, tmp_path: Path
) -> None:
    make_answered_study(db, make)
    out = tmp_path / "study.zip"
    done = run.invoke(group, ["export", "tiers-lieu", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["participants"] == 12
    assert said["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert oct(out.stat().st_mode)[-3:] == "600"
    assert [one.name for one in tmp_path.iterdir()] == ["study.zip"]
    db.rollback()
    assert [(one.user_id, one.sha256) for one in db.scalars(select(PackageDownload))] == [
        (None, said["sha256"])
    ]


def test_export_says_no_without_a_study_or_with_too_few_people(
    run: CliRunner, db: Session, make: Factory, tmp_path: Path
) -> None:
    make_answered_study(db, make, 3)
    out = tmp_path / "study.zip"
    unknown = run.invoke(group, ["export", "nothing", "--out", str(out)])
    few = run.invoke(group, ["export", "tiers-lieu", "--out", str(out)])
    wrong = run.invoke(group, ["export", "tiers-lieu"])
    assert (unknown.exit_code, few.exit_code, wrong.exit_code) == (1, 1, 2)
    assert "there is no study" in unknown.output
    assert "Moins de 5 personnes" in few.output
    assert not out.exists()


def test_export_leaves_no_file_that_is_not_written_down(
    run: CliRunner, db: Session, make: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_answered_study(db, make)
    out = tmp_path / "study.zip"
    out.write_bytes(b"an earlier one")

    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as failing:
        failing.setattr(commands, "note_download", fail)
        failed = run.invoke(group, ["export", "tiers-lieu", "--out", str(out)])
    assert failed.exit_code == 1
    assert out.read_bytes() == b"an earlier one"
    assert [one.name for one in tmp_path.iterdir()] == ["study.zip"]
    nowhere = run.invoke(group, ["export", "tiers-lieu", "--out", str(tmp_path / "no" / "s.zip")])
    assert (nowhere.exit_code, "No such file" in nowhere.output) == (1, True)
    device = run.invoke(group, ["export", "tiers-lieu", "--out", "/dev/null"])
    assert (device.exit_code, "no ordinary file" in device.output) == (2, True)
    db.rollback()
    assert db.scalars(select(PackageDownload)).all() == []
