"""Answers of every kind in the package: each with its code, its label, and why there is none."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.evaluation import T0, keep, make_participants, read_rows, read_zip, unpack
from tests.support.factories import Factory
from tests.support.surveys import (
    instrument_of,
    make_invitation,
    make_study,
    make_wave,
    question,
    study_key,
)
from tests.tierslieu.evaluation.test_package import NOW, frictionless_report, prepare
from tierslieu.errors import Refused
from tierslieu.evaluation import package as building
from tierslieu.evaluation.package import Package
from tierslieu.evaluation.tables import MISSING, Table
from tierslieu.evaluation.validation import Check
from tierslieu.surveys.instruments.items import beside_codes
from tierslieu.surveys.rules import save_page

pytestmark = pytest.mark.both_databases


def test_frictionless_accepts_every_kind_and_the_codebook_has_every_variable(
    package: Package, tmp_path: Path
) -> None:
    folder = unpack(package, tmp_path)
    valid, faults = frictionless_report(folder)
    assert valid, faults
    resources = json.loads((folder / "datapackage.json").read_text())["resources"]
    assert "scores" in [one["name"] for one in resources]
    codebook = (folder / "metadata" / "codebook.html").read_text()
    for resource in resources:
        assert all(
            f"<code>{field['name']}</code>" in codebook for field in resource["schema"]["fields"]
        )


def test_each_variable_has_its_value_or_why_there_is_none(package: Package) -> None:
    rows = read_rows(read_zip(package), "responses_wide")
    [other] = [row for row in rows if row["teaches_try"] == "2"]
    teachers = [row for row in rows if row["teaches_try"] == "1"]
    assert len(teachers) == 11
    for row in teachers:
        assert (row["levels_2_try"], row["levels_1_try"], row["hours_try"]) == ("1", "0", "12.5")
        assert (row["sure_help_try"], row["tools_sheet_1_try"]) == ("-96", "0")
        assert (row["wants_2_try"], row["likely_try"], row["recall_try"]) == ("1", "85", "1")
    assert (other["hours_try"], other["since_try"]) == ("-98", "-99")
    assert {other["levels_1_try"], other["sure_explain_try"], other["tools_py_1_try"]} == {"-97"}


def test_words_stay_in_the_house_and_a_day_leaves_as_a_distance(package: Package) -> None:
    files = read_zip(package)
    assert not [name for name, data in files.items() if b"Picasso" in data]
    rows = read_rows(files, "responses_wide")
    assert "subject_try" not in rows[0]
    days = sorted(int(row["since_try"]) for row in rows if row["teaches_try"] == "1")
    assert days[0] <= -105
    assert not {-96, -97, -98} & set(days)  # 98 days before are no «prefers not to answer»
    long = read_rows(files, "responses_long")
    assert {row["lang"] for row in long} == {"en"}


def test_a_scale_is_scored_with_what_is_reversed_and_what_was_answered(package: Package) -> None:
    rows = read_rows(read_zip(package), "scores")
    assert sorted((row["score"], row["n_answered"]) for row in rows) == [
        ("-99", "0"),
        *[("3.0", "2")] * 11,  # 3, and 2 reversed on 1 to 4; the third did not concern them
    ]
    assert {row["scale"] for row in rows} == {"sure_mean"}


def test_the_package_ships_the_verdict_of_what_was_checked(package: Package) -> None:
    verdict = json.loads(read_zip(package)["VALIDATION.json"])
    assert (verdict["valid"], verdict["complete"]) == (True, True)
    assert [(one["check"], one["outcome"]) for one in verdict["checks"]] == [
        ("descriptor and tables", "passed"),
        ("sizes and hashes of the descriptor", "passed"),
        ("labelled files equal the CSV", "passed"),
        (
            "free texts: words and wave alone, without a pseudonym, 5 texts at least a file",
            "passed",
        ),
        (
            "DDI-Codebook 2.5: the part of its schema that this codebook uses, as restated by us",
            "passed",
        ),
    ]
    assert verdict["checks"][0]["tool"].startswith("frictionless 5")
    assert verdict["free_text"] == []


def test_a_package_that_fails_its_own_checks_does_not_leave(
    package_of_here: Package, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(db)
    monkeypatch.setattr(
        Table, "write_csv", lambda self, path: path.write_bytes(b"pid,wave\nnobody,1\n")
    )
    with pytest.raises(Refused) as refused:
        prepare(db, study)
    assert refused.value.code == "package_invalid"


def test_a_package_that_has_not_changed_is_not_checked_again_and_a_changed_one_is(
    package_of_here: Package, db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(db)
    first = prepare(db, study)
    keep(db, study, first, NOW)
    looked: list[Path] = []

    def look(tables: object, folder: Path) -> list[Check]:
        looked.append(folder)
        return [Check("any", "", "failed", ("x",))]

    monkeypatch.setattr(building, "validate_files", look)
    assert prepare(db, study).content == first.content
    assert looked == []
    make_participants(make, 5)
    with pytest.raises(Refused):
        prepare(db, study)
    assert len(looked) == 1
    assert not looked[0].exists()  # nothing of it lies about


def test_the_script_that_comes_along_computes_the_scores_again_with_python_alone(
    package: Package, tmp_path: Path
) -> None:
    folder = unpack(package, tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "scripts" / "score.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    mine = list(csv.DictReader(io.StringIO(done.stdout)))
    shipped = read_rows(read_zip(package), "scores")
    assert len(mine) == len(shipped) == 12
    for one, other in zip(mine, shipped, strict=True):
        assert float(one.pop("score")) == float(other["score"])
        assert one.items() <= other.items()


def test_a_scale_of_before_that_reaches_below_zero_says_no_reason_for_a_score(
    db: Session, make: Factory, tmp_path: Path
) -> None:
    study, people = make_study(db), make_participants(make, 7)
    slider = {
        "kind": "slider",
        "options": [],
        "minimum": 0,
        "maximum": 200,
        "ends": ["peu", "bien"],
    }
    wide = {"name": "wide", "label": "Large", "items": ["s"], "between": [-100, 100]}
    make_wave(db, study, instrument_of([question("s", **slider)], scales=[wide]))
    for value, person in enumerate(people):
        invitation = make_invitation(db, person, "try", now=T0)
        save_page(db, invitation.id, study_key(study), 0, {"s": str(value)}, now=T0)
    db.commit()
    package = prepare(db, study)
    scores = sorted(float(row["score"]) for row in read_rows(read_zip(package), "scores"))
    assert scores == [-100, -100, -100, -95, -95, -95, -94]
    script = unpack(package, tmp_path) / "scripts" / "score.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    again = sorted(float(row["score"]) for row in csv.DictReader(io.StringIO(done.stdout)))
    assert again == scores


def test_the_script_for_spss_opens_every_table_that_is_there(package: Package) -> None:
    files = read_zip(package)
    for script in ("scripts/import.sps", "scripts/import.R"):
        text = files[script].decode()
        tables = {path for path in files if path.endswith(".sav")}
        assert all(Path(path).stem in text for path in tables)


@given(st.integers(-200, 5000))
def test_a_number_of_days_is_never_a_reason_why_there_is_no_answer(days: int) -> None:
    written = beside_codes(days)
    assert str(written) not in MISSING
    assert abs(written - days) <= 2
    assert written == days or str(days) in MISSING


def test_a_questionnaire_that_follows_another_says_which_variable_goes_on_which(
    db: Session, make: Factory
) -> None:
    study = make_study(db)
    make_participants(make, 6)
    same = [{"value": 1, "label": "oui"}, {"value": 2, "label": "non"}]
    old = instrument_of([question("sure", options=same), question("gone")])
    make_wave(db, study, old)
    new = instrument_of([question("certain", was="sure", options=same), question("more")])
    make_wave(db, study, {**new, "version": 2, "follows": {"version": 1}}, "later")
    files = read_zip(prepare(db, study))
    [path] = [one for one in files if one.startswith(f"instruments/{old['slug']}-v2")]
    assert json.loads(files[path])["continues"] == {"certain": "sure", "more": ""}
    page = files["metadata/codebook.html"].decode()
    assert "<code>certain</code> continue <code>sure</code>" in page
    assert "<code>more</code> est nouvelle" in page
