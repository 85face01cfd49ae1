"""A learner's pages: what is next, declaring with evidence, seeing the answer."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.rules import change_status
from courses.paths.models import Step
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tierslieu.people.models import User
from tierslieu.uploads.models import Upload

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def learner(make: Factory) -> User:
    return make.user(name="Samira Haddad")


@pytest.fixture
def enrolment(db: Session, learner: User) -> Enrolment:
    return make_enrolment(db, learner, make_path(db))


@pytest.fixture
def step(db: Session, enrolment: Enrolment) -> Step:
    return steps_of(db, enrolment.path)[0]


def address(enrolment: Enrolment, step: Step) -> str:
    return f"/mes-parcours/{enrolment.id}/etapes/{step.id}"


def counted(db: Session) -> tuple[int, int]:
    db.rollback()
    return (
        db.scalar(select(func.count(StepRecord.id))) or 0,
        db.scalar(select(func.count(Upload.id))) or 0,
    )


def test_without_a_path_the_page_says_where_to_find_one(
    client: LookingClient, learner: User
) -> None:
    html = client.sign_in(learner).get("/mes-parcours").text
    assert "Vous ne suivez pas encore de parcours" in html
    assert 'href="/parcours"' in html


def test_my_paths_show_their_steps_and_what_is_next(
    client: LookingClient, learner: User, enrolment: Enrolment, step: Step
) -> None:
    client.sign_in(learner)
    for page in ("/mes-parcours", f"/mes-parcours/{enrolment.id}", "/"):
        html = client.get(page).text
        assert 'aria-current="step"' in html, page
        assert address(enrolment, step) in html, page
        assert "Il reste 2 étapes" in html, page


def test_a_step_is_declared_with_a_few_words(
    client: LookingClient, db: Session, learner: User, enrolment: Enrolment, step: Step
) -> None:
    client.sign_in(learner)
    data = {"text": "Tout fait <script>alert(1)</script>"}
    response = client.post(address(enrolment, step), data=data, follow_redirects=True)
    assert "l’équipe la lit et vous répond" in response.text
    html = client.get(address(enrolment, step)).text
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "Vous recevrez un mail" in html
    assert counted(db) == (1, 0)


def test_a_step_is_declared_with_a_file_that_only_its_owner_and_the_team_read(
    client: LookingClient,
    db: Session,
    make: Factory,
    learner: User,
    enrolment: Enrolment,
    step: Step,
) -> None:
    data = {"file": (io.BytesIO(PDF), "mon été.pdf")}
    client.sign_in(learner).post(address(enrolment, step), data=data)
    assert counted(db) == (1, 1)
    record = db.scalars(select(StepRecord)).one()
    readers = [
        (learner, 200),
        (make.user("facilitator"), 200),
        (make.user(), 404),
        (make.user("researcher"), 404),
        (make.user("administrator"), 404),
    ]
    for person, status in readers:
        response = client.sign_in(person).get(f"/preuves/{record.id}")
        assert response.status_code == status, person.roles
        if status == 200:
            assert response.data == PDF
            assert response.headers["Content-Disposition"].startswith("attachment;")
            assert (
                "filename*=UTF-8''mon%20%C3%A9t%C3%A9.pdf"
                in (response.headers["Content-Disposition"])
            )
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            assert "no-store" in response.headers["Cache-Control"]


def test_a_visitor_reads_no_file_and_no_path(
    client: LookingClient, enrolment: Enrolment, step: Step
) -> None:
    for page in (
        "/mes-parcours",
        f"/mes-parcours/{enrolment.id}",
        address(enrolment, step),
        f"/preuves/{uuid4()}",
        "/a-traiter",
    ):
        response = client.get(page)
        assert response.status_code == 302, page
        assert "/login" in response.location


@pytest.mark.parametrize("role", ["learner", "facilitator", "researcher", "administrator"])
def test_the_path_of_another_is_not_found(
    client: LookingClient,
    db: Session,
    make: Factory,
    enrolment: Enrolment,
    step: Step,
    role: str,
) -> None:
    client.sign_in(make.user(role))
    assert client.get(f"/mes-parcours/{enrolment.id}").status_code == 404
    assert client.get(address(enrolment, step)).status_code == 404
    assert client.post(address(enrolment, step), data={"text": "Fait."}).status_code == 404
    assert counted(db) == (0, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Un seul des trois suffit"),
        ({"text": "   "}, "Un seul des trois suffit"),
        ({"url": "javascript:alert(1)"}, "doit commencer par https://"),
        ({"text": "ok", "url": "ftp://example.org"}, "doit commencer par https://"),
        ({"text": "x" * 4001}, "trop long"),
        ({"text": "a\x00b"}, "caractère invisible"),
        ({"text": "Fait", "file": (b"", "a.pdf")}, "Ce fichier est vide"),
        ({"text": "Fait", "file": (b"MZ", "a.exe")}, "Ce genre de fichier n’est pas accepté"),
        ({"text": "Fait", "file": (b"<html>", "a.pdf")}, "n’est pas ce que dit son nom"),
        ({"file": (b"x" * (10 * 1024 * 1024 + 1), "a.txt")}, "trop lourd"),
    ],
)
def test_bad_evidence_is_told_beside_its_field_and_nothing_is_kept(
    app: Flask,
    client: LookingClient,
    db: Session,
    learner: User,
    enrolment: Enrolment,
    step: Step,
    data: dict[str, Any],
    sentence: str,
) -> None:
    folder: Path = app.config["TIERSLIEU"].uploads.folder
    before = set(folder.iterdir()) if folder.exists() else set()
    if "file" in data:
        content, name = data["file"]
        data = {**data, "file": (io.BytesIO(content), name)}
    response = client.sign_in(learner).post(address(enrolment, step), data=data)
    response.request.environ["wsgi.input"].close()  # the test client's own file for a large body
    assert response.status_code == 422
    assert sentence in response.text
    assert 'class="field wrong"' in response.text
    assert counted(db) == (0, 0)
    assert (set(folder.iterdir()) if folder.exists() else set()) == before


def test_a_link_whose_site_imitates_another_warns_who_opens_it(
    client: LookingClient, db: Session, make: Factory, enrolment: Enrolment, step: Step
) -> None:
    client.sign_in(make.user("facilitator"))
    for url, warns in (
        ("https://аррӏе.example/", True),
        ("https://example.org/présentation", False),
    ):
        record = make_record(db, enrolment, step, url=url)
        html = client.get(f"/a-traiter/{record.id}").text
        assert ("n’y donnez aucun mot de passe" in html) is warns, url
        db.delete(record)
        db.commit()


def test_a_file_is_not_kept_for_a_step_that_can_not_be_declared(
    app: Flask,
    client: LookingClient,
    db: Session,
    learner: User,
    enrolment: Enrolment,
    step: Step,
) -> None:
    make_record(db, enrolment, step)
    content = PDF + str(uuid4()).encode()
    data = {"file": (io.BytesIO(content), "a.pdf")}
    response = client.sign_in(learner).post(
        address(enrolment, step), data=data, follow_redirects=True
    )
    assert response.request.path == f"/mes-parcours/{enrolment.id}"
    assert "Vous avez déjà déclaré cette étape" in response.text
    assert "Il reste quelque chose à corriger" not in response.text  # a second press is no fault
    assert counted(db) == (1, 0)
    folder: Path = app.config["TIERSLIEU"].uploads.folder
    assert not (folder / hashlib.sha256(content).hexdigest()).exists()


@pytest.mark.parametrize("status", [EnrolmentStatus.PAUSED, EnrolmentStatus.STOPPED])
def test_a_paused_or_stopped_path_says_to_resume_first(
    client: LookingClient,
    db: Session,
    learner: User,
    enrolment: Enrolment,
    step: Step,
    status: EnrolmentStatus,
) -> None:
    change_status(db, enrolment.id, status, now=NOW, actor_id=learner.id, cause=StopReason.NOT_SAID)
    db.commit()
    client.sign_in(learner)
    html = client.get(address(enrolment, step)).text
    assert "Reprenez d’abord ce parcours" in html
    assert "<textarea" not in html
    response = client.post(address(enrolment, step), data={"text": "Fait."})
    assert response.status_code == 422
    assert "reprenez-le, puis déclarez" in response.text
    assert counted(db) == (0, 0)


def test_the_half_day_leads_to_the_agenda(
    client: LookingClient, db: Session, learner: User, enrolment: Enrolment
) -> None:
    half_day = steps_of(db, enrolment.path)[2]
    html = client.sign_in(learner).get(address(enrolment, half_day)).text
    assert "l’appel du jour l’atteste" in html
    assert 'href="/agenda"' in html
    assert "<textarea" not in html


def test_a_returned_step_shows_the_word_and_may_be_redone(
    client: LookingClient,
    db: Session,
    make: Factory,
    learner: User,
    enrolment: Enrolment,
    step: Step,
) -> None:
    record = make_record(db, enrolment, step)
    decide(
        db,
        record.id,
        RecordState.RETURNED,
        actor_id=make.user("facilitator").id,
        now=NOW,
        word="Il manque\nun exemple.",
    )
    db.commit()
    client.sign_in(learner)
    assert "À reprendre" in client.get(f"/mes-parcours/{enrolment.id}").text
    html = client.get(address(enrolment, step)).text
    assert "un exemple." in html
    assert "Déclarer de nouveau cette étape" in html
    done = client.post(address(enrolment, step), data={"text": "Voici l’exemple."})
    assert done.status_code == 302
    html = client.get(address(enrolment, step)).text
    assert html.index("Voici l’exemple.") < html.index("Voici mon travail.")


def test_the_history_tells_all_that_happened_newest_first(
    client: LookingClient,
    db: Session,
    make: Factory,
    learner: User,
    enrolment: Enrolment,
    step: Step,
) -> None:
    record = make_record(db, enrolment, step)
    actor = make.user("facilitator").id
    decide(db, record.id, RecordState.VALIDATED, actor_id=actor, now=NOW)
    change_status(db, enrolment.id, EnrolmentStatus.PAUSED, now=NOW, actor_id=learner.id)
    db.commit()
    html = client.sign_in(learner).get(f"/mes-parcours/{enrolment.id}").text
    history = html[html.index("Historique") :]
    for title in ("Parcours commencé", "Étape déclarée", "Étape validée", "Mis en pause"):
        assert title in history


def test_a_finished_path_says_so(
    client: LookingClient, db: Session, make: Factory, learner: User, enrolment: Enrolment
) -> None:
    actor = make.user("facilitator").id
    for each in steps_of(db, enrolment.path)[:2]:
        record = make_record(db, enrolment, each)
        decide(db, record.id, RecordState.VALIDATED, actor_id=actor, now=NOW)
        db.commit()
    client.sign_in(learner)
    assert "Vous êtes au bout de ce parcours" in client.get(f"/mes-parcours/{enrolment.id}").text
    assert "terminé" in client.get("/mes-parcours").text


def test_an_unknown_step_is_not_found(
    client: LookingClient, learner: User, enrolment: Enrolment
) -> None:
    client.sign_in(learner)
    page = f"/mes-parcours/{enrolment.id}/etapes/{uuid4()}"
    assert client.get(page).status_code == 404
    assert client.post(page, data={"text": "Fait."}).status_code == 404


def test_a_file_larger_than_any_request_gets_a_page_that_says_so(
    client: LookingClient, db: Session, learner: User, enrolment: Enrolment, step: Step
) -> None:
    data = {"file": (io.BytesIO(b"x" * (13 * 1024 * 1024)), "a.txt")}
    response = client.sign_in(learner).post(address(enrolment, step), data=data)
    response.request.environ["wsgi.input"].close()  # the test client's own file for a large body
    assert response.status_code == 413
    assert "10 Mo" in response.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert counted(db) == (0, 0)


def test_a_paused_path_is_not_forgotten_on_the_home_page(
    client: LookingClient, db: Session, learner: User, enrolment: Enrolment
) -> None:
    change_status(db, enrolment.id, EnrolmentStatus.PAUSED, now=NOW, actor_id=learner.id)
    db.commit()
    html = client.sign_in(learner).get("/").text
    assert "En pause" in html
    assert f'href="/mes-parcours/{enrolment.id}"' in html
    assert 'aria-current="step"' not in html


def test_a_step_shown_without_a_file_has_none_to_download(
    client: LookingClient, db: Session, learner: User, enrolment: Enrolment, step: Step
) -> None:
    record = make_record(db, enrolment, step)
    assert client.sign_in(learner).get(f"/preuves/{record.id}").status_code == 404


def test_a_file_that_the_disk_lost_is_told_without_a_stack_trace(
    app: Flask,
    client: LookingClient,
    db: Session,
    learner: User,
    enrolment: Enrolment,
    step: Step,
) -> None:
    content = PDF + str(uuid4()).encode()
    data = {"file": (io.BytesIO(content), "a.pdf")}
    client.sign_in(learner).post(address(enrolment, step), data=data)
    folder: Path = app.config["TIERSLIEU"].uploads.folder
    (folder / hashlib.sha256(content).hexdigest()).unlink()
    response = client.get(f"/preuves/{db.scalars(select(StepRecord)).one().id}")
    assert response.status_code == 404
    assert "n’est plus sur le serveur" in response.text
