"""A facilitator says once what Moodle's activities are worth; the reports then validate steps."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.commands import progress
from courses.progress.imports.models import CompletionSettings, GradeImport, Provider
from courses.progress.imports.rules import import_file
from courses.progress.imports.settings import change_completions
from courses.progress.imports.usernames import declare_usernames
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.queries import list_records
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.reports import make_completions
from tierslieu import app as roof
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

GIVE = "/parcours/essai/importer-notes"
DAY = "2026-01-20 10:05:00"
LATER = "2026-01-22 09:00:00"
THEN = datetime(2026, 1, 20, 9, 5, tzinfo=UTC)


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def learner(make: Factory) -> User:
    return make.user(email="ines@example.org", name="Inès Roche")


def keep(db: Session, path: Path, team: User, activities: dict[str, str], **more: Any) -> None:
    facts: dict[str, Any] = {
        "provider": Provider.MOODLE, "identities": {"Email": "email"}, "now": NOW,
        "actor_id": team.id, "activities": activities, **more,
    }  # fmt: skip
    change_completions(db, path.id, **facts)
    db.commit()


def bring(db: Session, path: Path, team: User, *rows: list[str], **more: Any) -> dict[str, int]:
    data = make_completions(
        more.get("identities", ["Email"]), more.get("activities", ["Quiz", "TP"]), rows
    )
    counts = import_file(db, path.id, data, "suivi.csv", now=NOW, is_applied=True, actor_id=team.id)
    db.commit()
    return counts


@pytest.mark.both_databases
def test_a_completed_activity_validates_its_step_at_the_time_moodle_says_and_once(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment, steps = make_enrolment(db, learner, path), steps_of(db, path)
    keep(db, path, team, {"Quiz": steps[0].key, "TP": ""})
    row = ["Autre nom", "Ines@Example.org", "Terminé", DAY, "Terminé", LATER]
    assert bring(db, path, team, row)["changed"] == 1
    (record,) = list_records(db, [enrolment.id])
    assert (record.step_id, record.state) == (steps[0].id, RecordState.VALIDATED)
    assert record.source is RecordSource.MOODLE
    assert record.proof.replace("\u00a0", " ") == "suivi.csv, ligne 2, Quiz : 20 janvier 2026"
    assert record.declared_at == record.decided_at == THEN
    assert record.brought_by_id == team.id
    again = bring(db, path, team, row)
    assert (again["changed"], again["unchanged"]) == (0, 1)
    # Taken back there, it stays here.
    bring(db, path, team, ["N", "ines@example.org", "Pas terminé", "", "Pas terminé", ""])
    assert len(list_records(db, [enrolment.id])) == 1


@pytest.mark.both_databases
def test_a_declared_step_that_waits_is_validated_and_its_person_is_told(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment, steps = make_enrolment(db, learner, path), steps_of(db, path)
    make_record(db, enrolment, steps[0])
    keep(db, path, team, {"Quiz": steps[0].key, "TP": ""})
    bring(db, path, team, ["N", learner.email, "Completed", DAY, "", ""])
    (record,) = list_records(db, [enrolment.id])
    assert (record.state, record.source) == (RecordState.VALIDATED, RecordSource.DECLARED)
    assert "Quiz" in record.proof
    assert [m.template for m in db.scalars(select(OutboxMessage))] == ["progress_answered"]


def test_what_is_below_the_grade_or_not_all_done_does_not_count(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment, key = make_enrolment(db, learner, path), steps_of(db, path)[0].key
    keep(db, path, team, {"Quiz": key, "TP": key})
    failed = "Terminé (n’a pas atteint la note pour passer)"
    for state in (failed, "Pas terminé"):
        counts = bring(db, path, team, ["N", learner.email, state, DAY, "Terminé", LATER])
        assert (counts["changed"], counts["unchanged"]) == (0, 1)
    bring(db, path, team, ["N", learner.email, "Terminé", LATER, "Terminé", DAY])
    (record,) = list_records(db, [enrolment.id])
    assert record.declared_at == datetime(2026, 1, 22, 8, tzinfo=UTC)  # the last of the two


def test_a_person_is_found_by_the_column_that_was_chosen_and_never_by_a_name(
    db: Session, path: Path, team: User, learner: User
) -> None:
    enrolment, key = make_enrolment(db, learner, path), steps_of(db, path)[0].key
    declare_usernames(db, learner.id, {Provider.MOODLE: "ines.roche"}, now=NOW)
    chosen = {"ID number": "", "Username": "username"}
    keep(db, path, team, {"Quiz": key, "TP": ""}, identities=chosen)
    more = {"identities": list(chosen)}
    unknown = bring(
        db, path, team, ["Inès Roche", "ines.roche", "x", "Completed", DAY, "", ""], **more
    )
    assert unknown["unmatched"] == 1
    found = bring(db, path, team, ["Q", "7", "INES.roche", "Completed", DAY, "", ""], **more)
    assert found["changed"] == 1
    nobody = bring(db, path, team, ["Inès Roche", "7", "", "Completed", DAY, "", ""], **more)
    assert nobody["errors"] == 1
    assert len(list_records(db, [enrolment.id])) == 1


@pytest.mark.parametrize("date", ["", "bientôt", "2199-01-01 10:00:00"])
def test_a_completed_activity_without_a_date_that_can_be_is_an_error_of_its_line(
    db: Session, path: Path, team: User, learner: User, date: str
) -> None:
    make_enrolment(db, learner, path)
    keep(db, path, team, {"Quiz": steps_of(db, path)[0].key, "TP": ""})
    assert bring(db, path, team, ["N", learner.email, "Completed", date, "", ""])["errors"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identities": {"Email": ""}}, "no_identity"),
        ({"identities": {"Email": "email", "Mail": "email"}}, "identity_twice"),
        ({"activities": {"Quiz": "ailleurs"}}, "unknown_step"),
    ],
)
def test_what_cannot_be_remembered_is_refused(
    db: Session, path: Path, team: User, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        keep(db, path, team, **{"activities": {}, **change})
    assert refused.value.code == code


def test_a_report_leads_to_what_its_activities_are_worth_then_is_applied_and_the_next_remembers(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User, learner: User
) -> None:
    make_enrolment(db, learner, path)
    keys = [step.key for step in steps_of(db, path)]
    row = ["Secrète", learner.email, "Terminé", DAY, "Oui ?", ""]
    good = ["Secrète", learner.email, "Terminé", DAY, "Pas terminé", ""]
    client.sign_in(team)

    def give(*rows: list[str], activities: tuple[str, ...] = ("<b>Quiz", "TP")) -> str:
        data = make_completions(["Adresse de courriel"], activities, rows, excel=True)
        answer = client.post(GIVE, data={"file": (io.BytesIO(data), "suivi.csv")})
        assert answer.status_code == 302
        return answer.headers["Location"]

    where = give(good, row)
    assert "/activites?releve=" in where
    html = client.get(where).text
    assert "&lt;b&gt;Quiz" in html
    assert "Nouvelle dans ce relevé" not in html  # all are, the first time
    assert re.search(r'value="email"[^>]*selected|selected[^>]*value="email"', html)
    wrong = client.post(where, data={"identity_0": "", "provider": "moodle", "activity_0": keys[0],
                                     "activity_1": ""})  # fmt: skip
    assert wrong.status_code == 422
    assert "un nom ne suffit pas" in wrong.text
    answer = client.post(where, data={"identity_0": "email", "provider": "moodle",
                                      "activity_0": keys[0], "activity_1": ""})  # fmt: skip
    page = answer.headers["Location"]
    html = client.get(page).text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Secrète" not in html
    assert "1 activité de ce relevé compte." in html
    assert "« Oui ? » n’est pas un état que Moodle écrit" in html
    assert "Inès Roche" in html
    assert not db.scalars(select(StepRecord)).all()
    db.rollback()
    assert "1 ligne a validé" in client.post(f"{page}/appliquer", follow_redirects=True).text
    assert len(db.scalars(select(StepRecord)).all()) == 1
    db.rollback()
    # Another time: straight to the lines; a new activity is shown as new.
    assert "/activites" not in give(good)
    where = give([*good, "Terminé", DAY], activities=("<b>Quiz", "TP", "Oral"))
    html = client.get(where).text
    assert html.count("Nouvelle dans ce relevé") == 1
    assert "1 est nouvelle" in client.get(where.replace("activites?releve=", "")).text
    # Another of the team sees neither the report nor its activities; a learner nothing at all.
    client.sign_in(make.user("facilitator"))
    assert client.get(where).status_code == 404
    assert "TP" in client.get(f"{GIVE}/activites").text
    client.sign_in(learner)
    assert client.get(f"{GIVE}/activites").status_code == 403


@pytest.mark.usefixtures("learner")
def test_the_command_wants_what_was_remembered(
    app: Flask, db: Session, path: Path, team: User, learner: User, tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(roof, "create_app", lambda: app)
    make_enrolment(db, learner, path)
    file = tmp_path / "suivi.csv"
    file.write_bytes(
        make_completions(
            ["Email"], ["Quiz", "TP"], [["N", learner.email, "Completed", DAY, "", ""]]
        )
    )
    words = ["import", str(file), "--path", "essai", "--json"]
    refused = CliRunner().invoke(progress, words)
    assert refused.exit_code == 1
    assert "quelle activité" in refused.output
    assert not db.scalars(select(GradeImport)).all()
    db.rollback()
    keep(db, path, team, {"Quiz": steps_of(db, path)[0].key})
    done = CliRunner().invoke(progress, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["changed"] == 1
    assert len(db.scalars(select(CompletionSettings)).all()) == 1
