"""The screenshot of a report: joined, seen by its sender and the team, taken away, erased."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback import views
from courses.feedback.models import CourseFeedback
from courses.feedback.offers import erase, export
from courses.feedback.rules import MOST_REPORTS, WITHIN
from courses.paths.models import Step
from tests.support.client import LookingClient
from tests.support.courses import make_path, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.feedback import BODY, make_report, photograph
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.uploads.models import Upload

BOX = "Une capture d’écran"


@pytest.fixture
def step(db: Session) -> Step:
    url = "https://example.org/cours/a"
    return steps_of(db, make_path(db, steps=[step_facts("A", url=url)]))[0]


def send(client: LookingClient, step: Step, data: bytes | None, **more: str) -> object:
    values: dict[str, object] = {"kind": "error", "body": BODY, **more}
    if data is not None:
        values["picture"] = (io.BytesIO(data), "Ma photo.webp")
    return client.post(f"/etapes/{step.id}/signaler", data=values, follow_redirects=True)


def only(db: Session) -> CourseFeedback:
    db.rollback()
    return db.scalars(select(CourseFeedback)).one()


def sent_by(client: LookingClient, db: Session, author: User, step: Step) -> CourseFeedback:
    client.sign_in(author)
    send(client, step, photograph(), picture_text="Le quiz, en rouge")
    return only(db)


@pytest.mark.both_databases
def test_ten_reports_an_hour_then_a_sentence_before_any_picture_is_drawn(
    client: LookingClient, db: Session, make: Factory, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = make.user()
    for number in range(MOST_REPORTS):
        make_report(db, author, step, f"{BODY} Le numéro {number}.", now=clock.now())
    drawn: list[bytes] = []
    monkeypatch.setattr(views, "clean_picture", drawn.append)
    client.sign_in(author)
    data = {"kind": "error", "body": BODY, "picture": (io.BytesIO(photograph()), "a.webp")}
    answer = client.post(f"/etapes/{step.id}/signaler", data=data)
    assert answer.status_code == 429
    assert "signalements en une heure" in answer.text
    assert BODY in answer.text, "what was written is kept"
    assert drawn == []
    with pytest.raises(Refused) as refused:
        make_report(db, author, step, BODY, now=clock.now())
    assert refused.value.code == "too_many"
    db.rollback()
    make_report(db, author, step, BODY, now=clock.now() + WITHIN + timedelta(seconds=9))


def test_the_form_says_who_sees_it_and_fills_in_the_course_its_version_and_its_page(
    client: LookingClient, make: Factory, step: Step
) -> None:
    html = client.sign_in(make.user()).get(f"/etapes/{step.id}/signaler").text
    assert BOX in html
    assert "ni nom, ni visage" in html
    assert "L’équipe du lieu la voit" in html
    assert 'accept="image/png,image/jpeg,image/webp"' in html
    assert "capture=" not in html, "a phone offers its gallery, not only its camera"
    assert 'href="https://example.org/cours/a"' in html
    assert 'value="https://example.org/cours/a"' in html
    assert "Version du parcours" in html


def test_its_sender_and_the_team_see_it_and_nobody_else(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    found = sent_by(client, db, author, step)
    address = f"/signalements/{found.id}/capture"
    assert f'<img src="{address}" alt="Le quiz, en rouge"' in client.get("/mes-signalements").text
    response = client.get(address)
    assert response.mimetype == "image/jpeg"
    assert b"Samira" not in response.data
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "Ma photo" not in response.headers["Content-Disposition"]
    client.sign_in(make.user("facilitator"))
    assert f'<img src="{address}"' in client.get(f"/retours/{found.id}").text
    assert client.get(address).status_code == 200
    for other in ("learner", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(other))
        assert client.get(address).status_code == 404
        assert client.post(f"{address}/retirer").status_code == 404
    assert only(db).picture_id is not None


@pytest.mark.parametrize(
    ("data", "more", "sentence"),
    [
        (b"%PDF-1.7", {}, "n’est pas une image PNG, JPEG ou WebP"),
        (photograph(size=(30, 20)), {"picture_text": "x" * 501}, "500 caractères"),
    ],
)
def test_a_bad_picture_is_told_beside_its_field_and_nothing_is_kept(
    client: LookingClient,
    db: Session,
    make: Factory,
    step: Step,
    data: bytes,
    more: dict[str, str],
    sentence: str,
) -> None:
    client.sign_in(make.user())
    response = send(client, step, data, **more)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert sentence in response.text  # type: ignore[attr-defined]
    assert BODY in response.text  # type: ignore[attr-defined]
    db.rollback()
    assert list(db.scalars(select(CourseFeedback))) == []
    assert list(db.scalars(select(Upload))) == []


@pytest.mark.parametrize("who", ["author", "team"])
def test_either_takes_it_away_and_the_words_stay(
    client: LookingClient, db: Session, make: Factory, step: Step, who: str
) -> None:
    author = make.user()
    found = sent_by(client, db, author, step)
    if who == "team":
        client.sign_in(make.user("facilitator"))
    page = client.post(f"/signalements/{found.id}/capture/retirer", follow_redirects=True)
    assert "La capture est retirée" in page.text
    assert BODY in page.text
    assert only(db).picture_id is None
    assert list(db.scalars(select(Upload))) == []


def test_it_goes_out_with_a_persons_data_and_goes_with_the_person(
    app: Flask, client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    found = sent_by(client, db, author, step)
    exported = export(db, author.id)[0]
    assert exported["picture_text"] == "Le quiz, en rouge"
    upload = found.picture
    assert upload is not None
    assert exported["picture_sha256"] == upload.sha256
    assert (app.config["TIERSLIEU"].uploads.folder / upload.sha256).exists()
    erase(db, author.id)
    db.commit()
    assert (only(db).author_id, only(db).picture_text) == (None, "")
    assert list(db.scalars(select(Upload))) == []


@pytest.mark.both_databases
def test_the_erasure_of_all_files_of_a_person_takes_it_off_the_report(
    db: Session, make: Factory
) -> None:
    step = steps_of(db, make_path(db))[0]
    author = make.user()
    upload = Upload(
        owner_id=author.id,
        filename="capture.png",
        media_type="image/png",
        size=1,
        sha256="0" * 64,
        created_at=clock.now(),
    )
    found = CourseFeedback(
        step_id=step.id, kind="error", body=BODY, author_id=author.id, picture=upload
    )
    db.add(found)
    db.commit()
    db.delete(upload)
    db.commit()
    db.refresh(found)
    assert found.picture_id is None
