"""The queue of those who answer: oldest first, quick, and fair when two answer at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.models import Cohort
from courses.paths.models import Path
from courses.progress.answering.counting import count_in_groups, steps_in
from courses.progress.answering.queries import Narrowing, WaitingGroup, list_waiting_groups
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide
from tests.support.client import LookingClient
from tests.support.counting import counted_work
from tests.support.courses import (
    NOW,
    counted_queries,
    make_enrolment,
    make_path,
    make_record,
    steps_of,
)
from tests.support.factories import Factory
from tierslieu.people.models import User


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db)


@pytest.fixture
def facilitator(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


def declared(db: Session, make: Factory, path: Path, name: str, days: int = 0) -> StepRecord:
    enrolment = make_enrolment(db, make.user(name=name), path)
    now = NOW + timedelta(days=days)
    text = f"Travail de {name}"
    return make_record(db, enrolment, steps_of(db, path)[0], now=now, text=text)


def state_of(db: Session, record: StepRecord) -> RecordState:
    db.rollback()
    db.refresh(record)
    return record.state


def test_an_empty_queue_says_that_all_is_read(client: LookingClient, facilitator: User) -> None:
    html = client.sign_in(facilitator).get("/a-traiter").text
    assert "Tout est lu" in html
    assert "Personne n’attend" in html


def test_the_queue_shows_who_waits_longest_first(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    declared(db, make, path, "Zoé Récente", days=3)
    oldest = declared(db, make, path, "Ana Ancienne", days=1)
    html = client.sign_in(facilitator).get("/a-traiter").text
    assert "2 étapes attendent une réponse" in html
    assert html.index("Ana Ancienne") < html.index("Zoé Récente")
    button = re.search(r'class="btn go" href="([^"]+)"', html)
    assert button is not None
    assert button[1] == f"/a-traiter/{oldest.id}"


def test_validating_leads_to_the_next_one_and_then_back_to_the_queue(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    first = declared(db, make, path, "Ana", days=1)
    second = declared(db, make, path, "Zoé", days=2)
    client.sign_in(facilitator)
    html = client.get(f"/a-traiter/{first.id}").text
    assert "Travail de Ana" in html
    response = client.post(f"/a-traiter/{first.id}", data={"reponse": "valider"})
    assert response.location == f"/a-traiter/{second.id}"
    assert "de Ana validée" in client.get(response.location).text
    data = {"reponse": "retourner", "word": "Ajoutez un exemple."}
    response = client.post(f"/a-traiter/{second.id}", data=data)
    assert response.location == "/a-traiter"
    assert state_of(db, first) is RecordState.VALIDATED
    assert state_of(db, second) is RecordState.RETURNED
    assert second.word == "Ajoutez un exemple."


def test_returning_without_a_word_is_told_beside_the_field(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    record = declared(db, make, path, "Ana")
    response = client.sign_in(facilitator).post(
        f"/a-traiter/{record.id}", data={"reponse": "retourner"}
    )
    assert response.status_code == 422
    assert "savoir quoi reprendre" in response.text
    assert state_of(db, record) is RecordState.DECLARED


@pytest.mark.parametrize("verdict", ["", "declared", "supprimer"])
def test_an_answer_that_is_none_changes_nothing(
    client: LookingClient,
    db: Session,
    make: Factory,
    path: Path,
    facilitator: User,
    verdict: str,
) -> None:
    record = declared(db, make, path, "Ana")
    client.sign_in(facilitator).post(f"/a-traiter/{record.id}", data={"reponse": verdict})
    assert state_of(db, record) is RecordState.DECLARED


def test_the_second_of_two_facilitators_is_told_by_whom(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    record = declared(db, make, path, "Ana")
    decide(db, record.id, RecordState.VALIDATED, actor_id=facilitator.id, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    data = {"reponse": "retourner", "word": "Non."}
    response = client.post(f"/a-traiter/{record.id}", data=data, follow_redirects=True)
    assert "déjà été validée par Nadia Benali" in response.text
    assert "Voir ce qui attend" in response.text
    assert state_of(db, record) is RecordState.VALIDATED


def test_a_facilitator_who_learns_does_not_answer_their_own_step(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    both = make.user("learner", "facilitator")
    record = make_record(db, make_enrolment(db, both, path), steps_of(db, path)[0])
    client.sign_in(both)
    assert "Personne n’attend" in client.get("/a-traiter").text
    html = client.get(f"/a-traiter/{record.id}").text
    assert "votre propre étape" in html
    assert "Valider" not in html
    client.post(f"/a-traiter/{record.id}", data={"reponse": "valider"})
    assert state_of(db, record) is RecordState.DECLARED


def test_earlier_tries_are_shown_beside_the_new_one(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    first = declared(db, make, path, "Ana")
    word = "Un exemple, s’il vous plaît."
    decide(db, first.id, RecordState.RETURNED, actor_id=facilitator.id, now=NOW, word=word)
    db.commit()
    now = NOW + timedelta(days=1)
    again = make_record(db, first.enrolment, first.step, now=now, text="Voici.")
    html = client.sign_in(facilitator).get(f"/a-traiter/{again.id}").text
    assert "1 essai avant" in html
    assert "Travail de Ana" in html
    assert word in html


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_facilitators_see_the_queue(
    client: LookingClient, db: Session, make: Factory, path: Path, role: str
) -> None:
    record = declared(db, make, path, "Ana")
    client.sign_in(make.user(role))
    assert client.get("/a-traiter").status_code == 403
    assert client.get(f"/a-traiter/{record.id}").status_code == 403
    response = client.post(f"/a-traiter/{record.id}", data={"reponse": "valider"})
    assert response.status_code == 403
    assert state_of(db, record) is RecordState.DECLARED


def test_an_unknown_step_is_not_found(client: LookingClient, facilitator: User) -> None:
    assert client.sign_in(facilitator).get(f"/a-traiter/{uuid4()}").status_code == 404


def test_the_home_page_says_how_many_wait(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    client.sign_in(facilitator)
    assert "Aucune étape n’attend" in client.get("/").text
    declared(db, make, path, "Ana")
    assert "1 étape attend une réponse" in client.get("/").text


def test_a_long_queue_asks_the_database_as_often_as_a_short_one(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    client.sign_in(facilitator)
    declared(db, make, path, "Ana")
    client.get("/a-traiter")
    db.expire_all()  # a request of its own begins with nothing read
    with counted_queries(db) as short:
        client.get("/a-traiter")
    for number in range(12):
        declared(db, make, path, f"Personne {number}", days=number)
    db.expire_all()
    with counted_queries(db) as long:
        assert "13 étapes attendent" in client.get("/a-traiter").text
    assert len(long) == len(short)


def test_the_queue_goes_through_what_waits_once(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    client.sign_in(facilitator)
    person_id = facilitator.id

    def work(ask: Callable[[], object]) -> int:
        ask()
        db.rollback()
        with counted_work() as steps:
            ask()
        db.rollback()
        return sum(steps)

    def both() -> tuple[int, int]:
        once = work(lambda: list_waiting_groups(db, person_id))
        return once, work(lambda: client.get("/a-traiter"))

    for number in range(30):
        declared(db, make, path, f"Personne {number}", days=number)
    before = both()
    for number in range(60):
        declared(db, make, path, f"Personne {number}", days=number)
    after = both()
    assert after[1] - before[1] < 1.5 * (after[0] - before[0])


def test_what_waits_of_a_step_is_counted_over_the_versions_and_cohorts_of_its_path() -> None:
    autumn, spring = uuid4(), uuid4()
    groups = [
        WaitingGroup("snt", "SNT", "tri", "Trier", 2, None, 3),
        WaitingGroup("snt", "SNT", "lire", "Lire", 1, autumn, 4),
        WaitingGroup("snt", "SNT", "tri", "Trier des listes", 0, autumn, 5),
        WaitingGroup("web", "Web", "tri", "Trier", 0, spring, 6),
    ]
    assert steps_in(groups) == [
        ("snt", "SNT", "tri", "Trier des listes", 8),
        ("snt", "SNT", "lire", "Lire", 4),
        ("web", "Web", "tri", "Trier", 6),
    ]
    mine = [Cohort(id=autumn, facilitator_id=autumn), Cohort(id=spring, facilitator_id=None)]
    for asked, count in (
        (Narrowing(), 18),
        (Narrowing(slug="snt"), 12),
        (Narrowing(slug="snt", key="tri"), 8),
        (Narrowing(cohort_id=spring), 6),
        (Narrowing(is_own=True), 9),
        (Narrowing(slug="web", is_own=True), 0),
        (Narrowing(days=7), None),
    ):
        assert count_in_groups(groups, mine, asked, autumn) == count
