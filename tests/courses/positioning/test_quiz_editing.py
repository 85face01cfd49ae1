"""Writing a path's questions on the page: the team's draft, then what everybody answers."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.positioning.models import QuizDraft
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.positioning import make_paths, make_quiz, said
from tests.support.sessions import text_of
from tierslieu.people.models import User

ASK = "/parcours/essai/positionnement"
EDIT = f"{ASK}/modifier"


@pytest.fixture
def path(db: Session) -> Path:
    return make_paths(db)


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


def revision(db: Session) -> str:
    db.rollback()
    return str(db.scalar(select(QuizDraft.revision)) or 0)


def test_questions_are_written_tried_and_published_on_the_page(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    client.sign_in(team)
    assert "Écrire les questions" in text_of(client.get("/parcours/essai"))
    assert client.get(ASK).status_code == 404
    client.post(EDIT)
    assert "Il faut au moins 3 questions" in text_of(client.get(EDIT))
    sheet = {"intro": "Bonjour.", "minutes": "0", "goals": "teach", "revision": revision(db)}
    assert "entre 1 et 15" in text_of(client.post(f"{EDIT}/fiche", data=sheet))
    assert client.post(f"{EDIT}/fiche", data={**sheet, "minutes": "4"}).status_code == 302
    proposal = {"kind": "first_step", "step": "b", "at_least": "1"}
    wrong = client.post(f"{EDIT}/proposition-nouvelle", data={"revision": revision(db)})
    assert wrong.status_code == 422
    client.post(f"{EDIT}/proposition-nouvelle", data={**proposal, "revision": revision(db)})
    for number in range(3):
        answer = client.post(
            f"{EDIT}/question-nouvelle",
            data={
                "text": f"Savez-vous {number} ?",
                "choices-0-text": "Oui",
                "choices-1-text": "Non",
                "choices-1-counts_for": "first-step-b",
                "choices-2-text": "",
                "revision": revision(db),
            },
        )
        assert answer.status_code == 302, answer.text
    page = text_of(client.get(EDIT))
    assert "Proposée dès 1 question où l’on répond :" in page
    assert "« Non » à « Savez-vous 0 ? »" in page
    tried = text_of(client.post(f"{EDIT}/essayer", data={"q-savez-vous-1": "non"}))
    assert "Vous avez répondu « Non » à « Savez-vous 1 ? »" in tried
    unread = client.post(f"{EDIT}/publier", data={"revision": revision(db)})
    assert "Relisez-les d’abord" in text_of(unread)
    done = client.post(
        f"{EDIT}/publier", data={"revision": revision(db), "sure": "y"}, follow_redirects=True
    )
    assert "Questions publiées, version 1" in text_of(done)
    assert "Bonjour." in text_of(done)
    client.sign_in(team)
    asked = text_of(client.post(ASK, data={"q-savez-vous-2": "non"}))
    assert "Commencer par « B · Étape B »" in asked


def test_questions_are_arranged_changed_and_taken_out(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    make_quiz(db, path)
    client.sign_in(team)
    client.post(EDIT)
    assert client.post(f"{EDIT}/questions/un/descendre").location == f"{EDIT}#question-un"
    html = client.get(EDIT).text
    assert html.index("Question deux") < html.index("Question un")
    read = revision(db)
    client.post(f"{EDIT}/questions/trois/retirer")
    late = client.post(
        f"{EDIT}/questions/un",
        data={
            "text": "Autrement ?",
            "choices-0-key": "oui",
            "choices-0-text": "D’accord",
            "choices-0-counts_for": ["further", "strange"],
            "choices-1-key": "",
            "choices-1-text": "Nouvelle",
            "revision": read,
        },
    )
    assert late.status_code == 422
    assert "Quelqu’un a changé ce brouillon" in text_of(late)
    assert "Autrement ?" in late.text
    client.post(f"{EDIT}/propositions/easier/retirer")
    kept = client.post(
        f"{EDIT}/questions/un",
        data={
            "text": "Autrement ?",
            "choices-0-key": "oui",
            "choices-0-text": "D’accord",
            "choices-0-counts_for": ["further", "strange"],
            "choices-1-key": "",
            "choices-1-text": "Nouvelle",
            "revision": revision(db),
        },
    )
    assert kept.status_code == 302
    db.rollback()
    content = db.scalar(select(QuizDraft.content))
    assert content is not None
    assert [one["key"] for one in content["questions"]] == ["deux", "un"]
    assert content["questions"][1]["choices"] == [
        {"key": "oui", "text": "D’accord", "counts_for": ["further"]},
        {"key": "nouvelle", "text": "Nouvelle", "counts_for": []},
    ]
    assert "easier" not in json.dumps(content)
    for missing in ("/questions/un/peindre", "/questions/z/monter", "/propositions/z/retirer"):
        assert client.post(EDIT + missing).status_code == 404
    assert client.get(f"{EDIT}/questions/z").status_code == 404
    assert "Brouillon abandonné" in text_of(
        client.post(f"{EDIT}/abandonner", follow_redirects=True)
    )


def test_what_is_wrong_in_an_answer_is_told_in_words_with_the_way_there(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    make_quiz(db, path)
    client.sign_in(team)
    client.post(EDIT)
    long = {"text": "Autrement ?", "choices-0-text": "Oui", "choices-1-text": "n" * 201}
    refused = client.post(f"{EDIT}/questions/un", data={**long, "revision": revision(db)})
    assert refused.status_code == 422
    summary = refused.text.partition("data-focus")[2].partition("</ul>")[0]
    assert 'href="#choices-1-text"' in summary
    assert "{" not in summary


def test_a_draft_is_the_teams_alone_and_what_is_published_everybodys(
    client: LookingClient, db: Session, make: Factory, path: Path, team: User
) -> None:
    make_quiz(db, path)
    client.sign_in(team)
    client.post(EDIT)
    for person in (None, make.user(), make.user("researcher")):
        if person is not None:
            client.sign_in(person)
        else:
            with client.session_transaction() as session:
                session.clear()
        assert client.get(ASK).status_code == 200
        assert client.get(EDIT).status_code in (302, 403)
        assert client.get(f"{EDIT}/essayer").status_code in (302, 403)
        assert "Modifier ces questions" not in text_of(client.get(ASK))


def test_questions_go_out_and_come_in_as_a_file(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    make_quiz(db, path)
    sent = client.get(f"{ASK}.json")
    assert sent.mimetype == "application/json"
    content = json.loads(sent.text)
    assert [one["key"] for one in content["questions"]] == ["un", "deux", "trois"]
    client.sign_in(team)

    def take(data: bytes, slug: str = "essai") -> str:
        answer = client.post(
            f"/parcours/{slug}/positionnement/importer",
            data={"file": (io.BytesIO(data), "questions.json")},
            follow_redirects=True,
        )
        return text_of(answer)

    assert "manque" in take(b"{}")
    assert "est le questionnaire de « essai »" in take(sent.data, "facile")
    assert "est devenu un brouillon" in take(sent.data)
    assert "existe déjà" in take(sent.data)


def test_publishing_a_path_says_whose_questions_it_breaks(
    client: LookingClient, db: Session, path: Path, team: User
) -> None:
    make_quiz(db, path)
    client.sign_in(team)
    client.post("/parcours/essai/modifier")
    client.post("/parcours/essai/modifier/etapes/b/retirer")
    page = client.get("/parcours/essai/modifier")
    assert "parle de « Étape B » : il ne le proposera plus" in text_of(page)
    done = client.post(
        "/parcours/essai/modifier/publier", data={"revision": "2", "sure": "y"},
        follow_redirects=True,
    )  # fmt: skip
    assert "parle de « Étape B »" in text_of(done)
    assert "Étape B" not in text_of(client.post(ASK, data=said(un="non")))
    client.post(EDIT)
    assert "L’étape « b » n’est plus dans ce parcours" in text_of(client.get(EDIT))
    retired = client.post("/parcours/facile/retirer", follow_redirects=True)
    assert "Le questionnaire de « ESSAI » parle de « FACILE »" in text_of(retired)
