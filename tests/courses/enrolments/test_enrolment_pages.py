"""Following, pausing, stopping and resuming through the web."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.queries import list_enrolments
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory


def status_of(db: Session, enrolment: Enrolment) -> EnrolmentStatus:
    db.rollback()
    db.refresh(enrolment)
    return enrolment.status


def test_following_a_path_leads_to_its_line_of_steps(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user = make.user()
    make_path(db)
    response = client.sign_in(user).post("/parcours/essai/inscription", follow_redirects=True)
    assert response.status_code == 200
    assert "Vous suivez maintenant le parcours" in response.text
    assert "Il reste 2 étapes" in response.text
    assert len(list_enrolments(db, user.id)) == 1


def test_following_twice_leads_to_the_same_place_with_a_word(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    response = client.sign_in(user).post("/parcours/essai/inscription")
    assert response.location == f"/mes-parcours/{enrolment.id}"
    assert "suivez déjà" in client.get(response.location).text
    assert len(list_enrolments(db, user.id)) == 1


def test_a_visitor_must_sign_in_to_follow(client: LookingClient, db: Session) -> None:
    make_path(db)
    response = client.post("/parcours/essai/inscription")
    assert response.status_code == 302
    assert "/login" in response.location


def test_after_signing_in_one_comes_back_to_the_page_of_the_path(
    client: LookingClient, db: Session, make: Factory
) -> None:
    make_path(db)
    response = client.sign_in(make.user()).get("/parcours/essai/inscription")
    assert response.location == "/parcours/essai"


def test_an_unknown_path_is_not_found(client: LookingClient, make: Factory) -> None:
    assert client.sign_in(make.user()).post("/parcours/rien/inscription").status_code == 404


def test_pausing_and_resuming(client: LookingClient, db: Session, make: Factory) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    address = f"/mes-parcours/{enrolment.id}"
    client.sign_in(user)
    assert "en pause" in client.post(f"{address}/pause", follow_redirects=True).text
    assert status_of(db, enrolment) is EnrolmentStatus.PAUSED
    assert "avez repris" in client.post(f"{address}/reprise", follow_redirects=True).text
    assert status_of(db, enrolment) is EnrolmentStatus.ACTIVE


def test_pausing_twice_is_told_and_changes_nothing(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    address = f"/mes-parcours/{enrolment.id}"
    client.sign_in(user).post(f"{address}/pause")
    client.post(f"{address}/pause", headers={"Referer": f"http://localhost{address}"})
    assert "déjà en pause" in client.get(address).text
    assert len(enrolment.events) == 2


def test_stopping_asks_why_and_keeps_the_answer(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    address = f"/mes-parcours/{enrolment.id}/arret"
    client.sign_in(user)
    unanswered = client.post(address, data={"reason": "Plus le temps."})
    assert unanswered.status_code == 422
    assert "Choisissez une réponse" in unanswered.text
    assert "Plus le temps." in unanswered.text
    assert status_of(db, enrolment) is EnrolmentStatus.ACTIVE
    done = client.post(
        address, data={"cause": "time", "reason": "Plus le temps."}, follow_redirects=True
    )
    assert "Vous avez arrêté ce parcours" in done.text
    assert "Je manque de temps. Plus le temps." in done.text
    assert status_of(db, enrolment) is EnrolmentStatus.STOPPED
    assert enrolment.events[-1].cause is StopReason.TIME


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"cause": "aliens"}, "n’est pas"),
        ({"cause": "time", "reason": "x" * 2001}, "trop long"),
        ({"cause": "time", "reason": "a\x07b"}, "caractère invisible"),
    ],
)
def test_bad_answers_are_told_beside_the_field(
    client: LookingClient, db: Session, make: Factory, data: dict[str, str], sentence: str
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    response = client.sign_in(user).post(f"/mes-parcours/{enrolment.id}/arret", data=data)
    assert response.status_code == 422
    assert sentence in response.text or "Choix invalide" in response.text
    assert status_of(db, enrolment) is EnrolmentStatus.ACTIVE


@pytest.mark.parametrize("role", ["learner", "facilitator", "administrator"])
@pytest.mark.parametrize("action", ["pause", "reprise", "arret"])
def test_nobody_changes_the_path_of_another(
    client: LookingClient, db: Session, make: Factory, role: str, action: str
) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db))
    client.sign_in(make.user(role))
    response = client.post(f"/mes-parcours/{enrolment.id}/{action}", data={"cause": "time"})
    assert response.status_code == 404
    assert status_of(db, enrolment) is EnrolmentStatus.ACTIVE
    assert client.post(f"/mes-parcours/{uuid4()}/{action}").status_code == 404


def test_stopping_what_is_stopped_is_told_on_the_form(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    page = f"/mes-parcours/{enrolment.id}/arret"
    client.sign_in(user).post(page, data={"cause": "time"})
    response = client.post(page, data={"cause": "personal"})
    assert response.status_code == 422
    assert "déjà arrêté" in response.text
    assert len(enrolment.events) == 2


def test_whoever_stopped_may_follow_again_or_resume(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    client.sign_in(user).post(f"/mes-parcours/{enrolment.id}/arret", data={"cause": "time"})
    html = client.get("/parcours/essai").text
    assert "Suivre de nouveau ce parcours" in html
    assert "Ou reprendre celui que vous aviez arrêté" in html
