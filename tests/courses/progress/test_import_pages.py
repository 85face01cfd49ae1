"""The team imports a report on a page; a learner gives their usernames."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.imports.models import GradeImport, GradeSettings
from courses.progress.imports.offers import erase, export
from courses.progress.models import StepRecord
from tests.support.client import LookingClient
from tests.support.courses import counted_queries, make_enrolment, make_path, steps_of
from tests.support.factories import Factory
from tests.support.reports import make_report
from tierslieu.people.models import User

GIVE = "/parcours/essai/importer-notes"
NAME = "inria_41028_session01_grade_report_2026-01-15-0830.csv"
QUIZ = "Quiz 1: <b>Module</b>"


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


def give(client: LookingClient, data: bytes, name: str = NAME) -> Any:
    return client.post(GIVE, data={"file": (io.BytesIO(data), name)})


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_report_is_looked_at_line_by_line_then_applied_once(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    make_enrolment(db, make.user(email="ines@example.org", name="Inès Roche"), path)
    client.sign_in(team)
    data = make_report(
        [
            {"email": "ines@example.org", "grade": "0.7"},
            {"email": "<i>@example.org", "username": "<i>x", "grade": "0.7"},
            {"email": "x@example.org", "grade": "bien"},
        ]
    )
    answer = give(client, data)
    assert answer.status_code == 302
    page = answer.headers["Location"]
    html = plain(client.get(page).text)
    assert "Inès Roche" in html
    assert "2 étapes validées : « A · Étape A », « B · Étape B »" in html
    assert "personne ici n’a cette adresse" in html
    assert "la note ne se lit pas" in html
    assert "<i>x" not in html
    assert not db.scalars(select(StepRecord)).all()
    db.rollback()
    only = client.get(f"{page}?voir=erreurs").text
    assert "Inès Roche" not in only
    done = plain(client.post(f"{page}/appliquer", follow_redirects=True).text)
    assert "Relevé importé : 1 ligne a validé des étapes." in done
    again = client.post(f"{page}/appliquer", follow_redirects=True)
    assert "déjà importé" in again.text
    assert len(db.scalars(select(StepRecord)).all()) == 2
    assert NAME in client.get(GIVE).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"name,mark\na,1\n", "pas un relevé"),
        (b"Username,Error\na,b\n", "liste des erreurs"),
        (b"PK\x03\x04zip", "classeur"),
    ],
)
def test_what_is_no_report_is_said_beside_the_field_and_nothing_is_kept(
    client: LookingClient, db: Session, path: Path, team: User, data: bytes, said: str
) -> None:
    client.sign_in(team)
    answer = give(client, data)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="file-error"' in answer.text
    assert not db.scalars(select(GradeImport)).all()


def test_no_file_is_said_beside_the_field(client: LookingClient, path: Path, team: User) -> None:
    answer = client.sign_in(team).post(GIVE, data={})
    assert answer.status_code == 422
    assert "Choisissez le fichier" in answer.text


def test_a_dry_run_is_seen_by_its_author_alone_until_it_is_applied(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    make_path(db, "autre")
    client.sign_in(team)
    page = give(client, make_report([{"email": "x@example.org", "grade": 1}])).headers["Location"]
    colleague = make.user("facilitator")
    client.sign_in(colleague)
    for asked in (client.get(page), client.post(f"{page}/appliquer")):
        assert asked.status_code == 404
    assert client.get(page.replace("essai", "autre")).status_code == 404
    client.sign_in(team).post(f"{page}/appliquer")
    client.sign_in(colleague)
    assert client.get(page).status_code == 200
    assert client.get(page.replace("essai", "autre")).status_code == 404


def test_a_dry_run_is_given_up_and_forgotten(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    client.sign_in(team)
    page = give(client, make_report([{"email": "x@example.org", "grade": 1}])).headers["Location"]
    client.post(f"{page}/abandonner")
    assert client.get(page).status_code == 404
    assert not db.scalars(select(GradeImport)).all()


def test_a_threshold_and_a_column_set_from_a_report_are_remembered_and_change_its_dry_run(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    make_enrolment(db, make.user(email="ines@example.org"), path)
    key = steps_of(db, path)[0].key
    client.sign_in(team)
    data = make_report([{"email": "ines@example.org", "grade": "0.55", QUIZ: "0.7"}], QUIZ)
    page = give(client, data).headers["Location"]
    found = re.search(r'href="([^"]+reglages\?releve=[^"]+)"', client.get(page).text)
    assert found is not None
    html = client.get(found[1]).text
    assert "Quiz 1: &lt;b&gt;Module" in html
    wrong = client.post(found[1], data={"threshold": "0", "provider": "fun", "column_0": ""})
    assert wrong.status_code == 422
    assert 'id="threshold-error"' in wrong.text
    kept = client.post(
        found[1],
        data={"threshold": "62,5 %", "provider": "edx", "column_0": key},
        follow_redirects=True,
    )
    assert "1 étape validée" in plain(kept.text)
    settings = db.scalars(select(GradeSettings)).one()
    assert settings.threshold == 0.625
    assert settings.columns == [{"column": QUIZ, "step": key}]
    db.rollback()
    assert "62,5 % de note finale" in plain(client.get(GIVE).text)
    client.post(f"{GIVE}/reglages", data={"threshold": "60", "provider": "edx", "column_0": ""})
    db.rollback()
    assert db.scalars(select(GradeSettings)).one().columns == []


def test_a_page_of_many_lines_takes_as_many_queries_as_one_of_few(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    people = [make_enrolment(db, make.user(), path).user.email for _ in range(24)]
    client.sign_in(team)

    def counted(emails: list[str]) -> int:
        data = make_report([{"email": email, "grade": 1} for email in emails])
        page = give(client, data).headers["Location"]
        with counted_queries(db) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    assert counted(people[:2]) == counted(people) <= 9


def test_lines_are_paged_by_the_database(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    client.sign_in(team)
    lines = [{"email": f"p{n}@example.org", "grade": 1} for n in range(30)]
    page = give(client, make_report(lines)).headers["Location"]
    first, second = client.get(page).text, client.get(f"{page}?page=2").text
    assert ("p0@" in first, "p29@" in first) == (True, False)
    assert ("p0@" in second, "p29@" in second) == (False, True)


def test_usernames_are_given_corrected_and_taken_back(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    learner = make.user()
    make_enrolment(db, learner, path)
    client.sign_in(learner)
    assert "/mes-parcours/identifiants" in client.get("/mes-parcours").text
    page = "/mes-parcours/identifiants"
    kept = client.post(page, data={"fun": "Ines_R", "edx": ""}, follow_redirects=True)
    assert 'value="Ines_R"' in kept.text
    assert export(db, learner.id)["usernames"][0]["username"] == "Ines_R"
    db.rollback()
    wrong = client.post(page, data={"fun": "a b", "edx": ""})
    assert wrong.status_code == 422
    assert 'id="fun-error"' in wrong.text
    client.sign_in(make.user())
    taken = client.post(page, data={"fun": "INES_r", "edx": ""})
    assert taken.status_code == 422
    assert "déjà déclaré" in taken.text
    client.sign_in(learner).post(page, data={"fun": "", "edx": ""})
    assert export(db, learner.id)["usernames"] == []


def test_erasing_a_person_takes_their_usernames_and_their_lines(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    learner = make.user()
    client.sign_in(learner).post("/mes-parcours/identifiants", data={"fun": "ines", "edx": ""})
    client.sign_in(team)
    page = give(client, make_report([{"username": "ines", "grade": 1}])).headers["Location"]
    assert export(db, learner.id)["lines"]
    erase(db, learner.id)
    db.commit()
    assert export(db, learner.id) == {"usernames": [], "lines": []}
    assert client.get(page).status_code == 200


def test_a_learner_reads_where_a_validated_step_comes_from(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    learner = make.user()
    enrolment = make_enrolment(db, learner, path)
    client.sign_in(team)
    data = make_report([{"email": learner.email, "grade": "0.7"}])
    client.post(give(client, data).headers["Location"] + "/appliquer")
    html = plain(client.sign_in(learner).get(f"/mes-parcours/{enrolment.id}").text)
    assert f"{NAME}, ligne 2 : 70 %" in html
    assert "Étape déclarée" not in html
