"""Reporting through the web; the list, the answers and the CSV of facilitators."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackKind, FeedbackState
from courses.feedback.rules import change_state, report
from courses.paths.models import Step
from tests.support.client import LookingClient
from tests.support.courses import NOW, counted_queries, make_path, steps_of
from tests.support.factories import Factory
from tierslieu.people.models import User

BODY = "La réponse attendue au quiz est fausse."


@pytest.fixture
def step(db: Session) -> Step:
    return steps_of(db, make_path(db))[0]


def made(db: Session, author: User, step: Step, body: str = BODY, **values: str) -> CourseFeedback:
    kind = FeedbackKind(values.pop("kind", "error"))
    found = report(db, author.id, step.id, kind=kind, body=body, now=NOW, **values)
    db.commit()
    return found


def count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count(CourseFeedback.id))) or 0


def test_the_form_knows_the_course_the_step_and_the_address(
    client: LookingClient, make: Factory, step: Step
) -> None:
    html = client.sign_in(make.user()).get(f"/etapes/{step.id}/signaler?unite=Unité 2").text
    assert "Parcours essai" in html
    assert "A\u00a0· Étape A" in html
    assert 'value="https://example.org/cours"' in html
    assert '<option selected value="Unité 2">' in html


@pytest.mark.parametrize("kind", ["error", "unclear", "missing", "suggestion"])
def test_anybody_signed_in_reports_and_finds_it_in_their_list(
    client: LookingClient, db: Session, make: Factory, step: Step, kind: str
) -> None:
    client.sign_in(make.user("researcher"))
    data = {"kind": kind, "unit": "Unité 1", "location": "page 3", "body": BODY}
    response = client.post(f"/etapes/{step.id}/signaler", data=data, follow_redirects=True)
    assert response.request.path == "/mes-signalements"
    assert "Merci" in response.text
    assert BODY in response.text
    assert "nouveau" in response.text
    assert count(db) == 1


def test_a_visitor_must_sign_in_to_report(client: LookingClient, db: Session, step: Step) -> None:
    response = client.post(f"/etapes/{step.id}/signaler", data={"kind": "error", "body": BODY})
    assert response.status_code == 302
    assert "/login" in response.location
    assert count(db) == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"body": BODY}, "Choisissez ce que vous avez remarqué"),
        ({"kind": "error"}, "Dites-en un peu plus"),
        ({"kind": "error", "body": "court"}, "Dites-en un peu plus"),
        ({"kind": "error", "body": "x" * 4001}, "Faites-en deux signalements"),
        ({"kind": "error", "body": BODY, "unit": "Ailleurs"}, "choisissez dans la liste"),
        ({"kind": "error", "body": BODY, "location": "x" * 501}, "500 caractères"),
        ({"kind": "error", "body": BODY + "\x00"}, "caractère invisible"),
    ],
)
def test_a_bad_report_is_told_beside_its_field_and_the_words_are_kept(
    client: LookingClient,
    db: Session,
    make: Factory,
    step: Step,
    data: dict[str, str],
    sentence: str,
) -> None:
    response = client.sign_in(make.user()).post(f"/etapes/{step.id}/signaler", data=data)
    assert response.status_code == 422
    assert sentence in response.text
    assert 'class="field wrong"' in response.text
    assert data.get("body", "")[:4000].strip("\x00") in response.text
    assert count(db) == 0


def test_a_second_click_leads_to_the_list_and_makes_no_second_report(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    client.sign_in(make.user())
    data = {"kind": "error", "body": BODY}
    client.post(f"/etapes/{step.id}/signaler", data=data)
    response = client.post(f"/etapes/{step.id}/signaler", data=data, follow_redirects=True)
    assert "déjà envoyé ce signalement" in response.text
    assert count(db) == 1


def test_an_unknown_step_is_not_found(client: LookingClient, make: Factory) -> None:
    assert client.sign_in(make.user()).get(f"/etapes/{uuid4()}/signaler").status_code == 404


def test_one_sees_only_ones_own_reports_and_what_became_of_them(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    found = made(db, author, step)
    made(db, make.user(), step, body="Le retour de quelqu’un d’autre.")
    actor = make.user("facilitator").id
    word = "Voulu ainsi."
    change_state(db, found.id, FeedbackState.REFUSED, actor_id=actor, now=NOW, word=word)
    db.commit()
    html = client.sign_in(author).get("/mes-signalements").text
    assert BODY in html
    assert "quelqu’un d’autre" not in html
    assert "non\u00a0retenu" in html
    assert word in html


def test_without_a_report_the_list_says_where_the_button_is(
    client: LookingClient, make: Factory
) -> None:
    html = client.sign_in(make.user()).get("/mes-signalements").text
    assert "Vous n’avez encore rien signalé" in html


def csv_rows(client: LookingClient, query: str = "") -> list[list[str]]:
    response = client.get(f"/retours.csv{query}")
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="retours-')
    text = response.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?genre=missing",
        "?parcours=essai&etat=confirmed",
        "?parcours=autre",
        "?genre=error&etat=fixed",
        "?parcours=inconnu&genre=x&etat=y",
    ],
)
def test_the_csv_holds_as_many_reports_as_the_page_says(
    client: LookingClient, db: Session, make: Factory, step: Step, query: str
) -> None:
    authors = [make.user() for _number in range(4)]  # one sends ten an hour at most
    other = steps_of(db, make_path(db, "autre"))[0]
    for number in range(28):  # more than a page
        author = authors[number % 4]
        kind = "missing" if number % 3 else "error"
        found = made(
            db, author, other if number % 4 == 0 else step, f"Retour {number:03}", kind=kind
        )
        if number % 5 == 0:
            state, actor = FeedbackState.CONFIRMED, make.user("facilitator").id
            change_state(db, found.id, state, actor_id=actor, now=NOW)
            db.commit()
    client.sign_in(make.user("facilitator"))
    html = client.get(f"/retours{query}").text
    told = re.search(r'id="combien">(\d+) retours?<', html)
    assert told is not None
    assert len(csv_rows(client, query)) == int(told[1])
    if query in ("", "?parcours=inconnu&genre=x&etat=y"):
        assert int(told[1]) == 28
        assert "Page 1 sur 2" in html.replace("\u00a0", " ")


def test_filters_that_find_nothing_lead_back_to_all(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    made(db, make.user(), step)
    client.sign_in(make.user("facilitator"))
    html = client.get("/retours?etat=fixed").text
    assert "Aucun retour ne répond à ces filtres" in html
    assert 'href="/retours"' in html
    assert "Aucun retour pour le moment" not in html
    assert "n’existe pas" in client.get("/retours?page=9").text


def test_the_list_and_the_csv_name_nobody(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user(name="Zéphyrine Quelconque")
    found = made(db, author, step)
    client.sign_in(make.user("facilitator"))
    for page in ("/retours", f"/retours/{found.id}", "/retours.csv"):
        text = client.get(page).text
        assert "Zéphyrine" not in text
        assert author.email not in text


def test_a_facilitator_brings_a_report_a_step_further(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    found = made(db, make.user(), step, location="javascript:alert(1)")
    client.sign_in(make.user("facilitator", name="Nadia Benali"))
    html = client.get(f"/retours/{found.id}").text
    assert 'href="javascript' not in html
    data = {"etat": "confirmed", "seen": "new", "word": "Vu aussi."}
    html = client.post(f"/retours/{found.id}", data=data, follow_redirects=True).text
    assert "par Nadia Benali" in html
    assert "Vu aussi." in html
    db.rollback()
    db.refresh(found)
    assert found.state is FeedbackState.CONFIRMED


def test_not_keeping_a_report_without_a_reason_is_told_beside_the_field(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    found = made(db, make.user(), step)
    client.sign_in(make.user("facilitator"))
    response = client.post(f"/retours/{found.id}", data={"etat": "refused", "seen": "new"})
    assert response.status_code == 422
    assert "Dites pourquoi" in response.text


def test_a_report_changed_meanwhile_says_by_whom(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    found = made(db, make.user(), step)
    actor = make.user("facilitator", name="Nadia Benali").id
    change_state(db, found.id, FeedbackState.SENT, actor_id=actor, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    page = f"/retours/{found.id}"
    data = {"etat": "confirmed", "seen": "new"}
    client.post(page, data=data, headers={"Referer": f"http://localhost{page}"})
    html = client.get(page).text
    assert "Entre-temps, Nadia Benali" in html
    db.rollback()
    db.refresh(found)
    assert found.state is FeedbackState.SENT


@pytest.mark.parametrize("data", [{}, {"etat": "parti"}, {"etat": "new", "seen": "new"}])
def test_a_state_that_is_none_changes_nothing(
    client: LookingClient, db: Session, make: Factory, step: Step, data: dict[str, str]
) -> None:
    found = made(db, make.user(), step)
    client.sign_in(make.user("facilitator")).post(f"/retours/{found.id}", data=data)
    db.rollback()
    db.refresh(found)
    assert found.state is FeedbackState.NEW


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_facilitators_see_all_reports(
    client: LookingClient, db: Session, make: Factory, step: Step, role: str
) -> None:
    found = made(db, make.user(), step)
    client.sign_in(make.user(role))
    for page in ("/retours", "/retours.csv", f"/retours/{found.id}"):
        assert client.get(page).status_code == 403, page
    assert client.post(f"/retours/{found.id}", data={"etat": "sent"}).status_code == 403


def test_an_unknown_report_is_not_found(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("facilitator"))
    assert client.get(f"/retours/{uuid4()}").status_code == 404
    assert client.post(f"/retours/{uuid4()}", data={"etat": "sent"}).status_code == 404


def test_the_home_page_tells_of_new_reports(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    client.sign_in(make.user("facilitator"))
    assert "nouveau retour" not in client.get("/").text
    made(db, make.user(), step)
    assert "1 nouveau retour sur les cours" in client.get("/").text


@pytest.mark.parametrize("page", ["/retours", "/retours.csv", "/mes-signalements"])
def test_a_long_list_asks_the_database_as_often_as_a_short_one(
    client: LookingClient, db: Session, make: Factory, step: Step, page: str
) -> None:
    both = make.user("learner", "facilitator")
    actor = make.user("facilitator").id
    client.sign_in(both)

    def report_and_confirm(number: int) -> None:
        found = made(db, both, step, f"Retour numéro {number}")
        change_state(db, found.id, FeedbackState.CONFIRMED, actor_id=actor, now=NOW)
        db.commit()

    report_and_confirm(0)
    client.get(page)
    db.expire_all()  # a request of its own begins with nothing read
    with counted_queries(db) as short:
        client.get(page)
    for number in range(1, 9):
        report_and_confirm(number)
    db.expire_all()
    with counted_queries(db) as long:
        assert client.get(page).text.count("Retour numéro") == 9
    assert len(long) == len(short)


def test_a_report_shows_what_others_said_of_the_same_step_and_leads_to_the_next_new_one(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    elsewhere = steps_of(db, make_path(db, "autre"))[0]
    found = made(db, make.user(), step, "Le premier retour")
    same = made(db, make.user(), step, "Le même endroit, autrement dit")
    made(db, make.user(), elsewhere, "Tout autre chose ailleurs")
    html = client.sign_in(make.user("facilitator")).get(f"/retours/{found.id}").text
    others = html[html.index("Aussi signalé sur cette étape") :]
    assert f'href="/retours/{same.id}"' in others
    assert "Tout autre chose" not in html
    assert "Lire un autre retour nouveau" in html
