"""Answering on the page, as a visitor and as oneself: what is proposed, kept, and seen by whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.editing import rules as path_rules
from courses.paths.models import Path
from courses.paths.rules import load_catalogue
from courses.positioning.models import KeptAnswers
from courses.positioning.rules import keep_answers, load_quizzes, quiz_in, share_answers
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, path_facts, step_facts, steps_of
from tests.support.factories import Factory
from tests.support.positioning import make_paths, make_quiz, said
from tests.support.sessions import make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import Admission

ASK = "/parcours/essai/positionnement"


@pytest.fixture
def path(db: Session) -> Path:
    found = make_paths(db)
    make_quiz(db, found)
    return found


def kept_count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count(KeptAnswers.id))) or 0


def test_a_visitor_answers_reads_why_and_leaves_nothing_behind(
    client: LookingClient, db: Session, path: Path
) -> None:
    page = text_of(client.get(ASK))
    assert "Question 1 sur 3" in page
    assert page.count("Je ne sais pas") == 3
    assert "Répondre aux questions" in text_of(client.get("/parcours/essai"))
    answer = client.post(ASK, data=said(un="non", deux="oui"))
    text = text_of(answer)
    assert "« ESSAI » vous va, en commençant par ceci" in text
    assert "Vous avez répondu « Réponse non » à « Question un ? »" in text
    assert "Cette étape s’ouvre après « A · Étape A »." in text
    assert "1 question est restée sans réponse" in text
    assert "Rien n’en est gardé" in text
    assert "Je suis ce parcours" not in text  # one signs in first
    assert kept_count(db) == 0
    # Without any answer, and with strange ones, there is still a result.
    for data in ({}, said(un="strange", version="no-uuid"), said(un="ne-sais-pas")):
        assert "se commence au début" in text_of(client.post(ASK, data=data))
    again = client.post(ASK, data={**said(un="non"), "revoir": "oui"}).text
    assert 'value="non" checked' in again
    assert client.post(f"{ASK}/garder", data=said(un="non")).status_code == 302
    assert kept_count(db) == 0


def test_a_visitor_takes_the_answers_along_and_nobody_else_finds_them(
    client: LookingClient, make: Factory, path: Path
) -> None:
    sent = client.post(f"{ASK}/emporter", data=said(un="non"))
    assert sent.location == f"/login?next={ASK}/reprendre"
    joining = client.post(f"{ASK}/emporter", data={**said(un="non"), "compte": "oui"})
    assert joining.location == f"/inscription?next={ASK}/reprendre"
    with client.session_transaction() as carried:
        answers = carried["_positioning"]
    first, second = make.user(), make.user()

    def come_as(person: object) -> str:
        client.sign_in(person)  # type: ignore[arg-type]
        with client.session_transaction() as session:
            session["_positioning"] = answers
        return client.get(f"{ASK}/reprendre", follow_redirects=True).text

    assert "Commencer par" in come_as(first)
    with client.session_transaction() as session:
        answers = session["_positioning"]
    assert answers["owner"] == str(first.id)
    assert "Question 1 sur 3" in text_of(client.get(ASK))
    assert "Retrouver vos réponses de tout à l’heure" in text_of(client.get(ASK))
    assert "Commencer par" not in come_as(second)
    answers = {**answers, "owner": str(first.id), "until": 0}
    assert "Commencer par" not in come_as(first)  # an hour is over


def test_one_keeps_shows_hides_and_deletes_and_others_see_only_what_is_shown(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    owner, other, team = make.user(), make.user(), make.user("facilitator")
    follow = f"/suivi/{owner.id}"
    client.sign_in(owner)
    nothing = client.post(f"{ASK}/garder", data={})
    assert nothing.status_code == 422
    assert "Répondez d’abord à une question" in text_of(nothing)
    kept = client.post(f"{ASK}/garder", data=said(un="non")).location
    assert "pour vous" in text_of(client.get(kept))
    assert "Parcours essai" in text_of(client.get("/mes-positionnements"))
    assert "Revoir mes réponses" in text_of(client.get("/parcours/essai"))
    for person in (other, team):
        client.sign_in(person)
        assert client.get(kept).status_code == 404
        for act in ("montrer", "cacher", "supprimer"):
            assert client.post(f"{kept}/{act}").status_code == 404
        assert "Rien n’est gardé" in text_of(client.get("/mes-positionnements"))
    assert "ce que cette personne vous montre" not in text_of(client.get(follow))
    client.sign_in(owner)
    assert "montré à l’équipe" in text_of(client.post(f"{kept}/montrer", follow_redirects=True))
    client.sign_in(team)
    seen = text_of(client.get(follow))
    assert "ce que cette personne vous montre" in seen
    assert "Réponse non" in seen
    assert client.get(kept).status_code == 404
    client.sign_in(owner)
    client.post(f"{kept}/cacher")
    client.sign_in(team)
    assert "Réponse non" not in text_of(client.get(follow))
    client.sign_in(owner)
    client.post(f"{kept}/supprimer")
    assert client.get(kept).status_code == 404
    assert kept_count(db) == 0


@pytest.mark.both_databases
def test_one_follows_what_one_ticks_and_finds_the_first_step_in_the_path(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    client.sign_in(make.user())
    nothing = client.post(f"{ASK}/suivre", data=said(un="non", deux="non"))
    assert nothing.status_code == 422
    assert "rien n’est obligatoire" in text_of(nothing)
    gone = client.post(f"{ASK}/suivre", data={**said(un="non"), "etape": "z"})
    assert gone.status_code == 409
    for strange in ("nulle-part", "nsi\x00"):
        assert client.post(f"{ASK}/suivre", data={"parcours": strange}).status_code == 404
    db.rollback()
    assert db.scalar(select(func.count(Enrolment.id))) == 0
    done = client.post(
        f"{ASK}/suivre",
        data={**said(un="non", deux="non"), "etape": "b", "parcours": "facile"},
        follow_redirects=True,
    )
    text = text_of(done)
    assert "Vous suivez maintenant « ESSAI », « FACILE »." in text
    assert "Par où vous avez choisi de commencer" in text
    assert "après « A · Étape A »" in text
    assert "Vous suivez déjà ce parcours" in text_of(client.post(ASK, data=said(un="non")))


def test_a_known_step_leads_to_asking_for_a_waiver_and_grants_nothing(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    person = make.user()
    client.sign_in(person)
    before = text_of(client.post(ASK, data=said(un="oui")))
    assert "une fois que vous le suivez" in before
    enrolment = make_enrolment(db, person, path)
    ask = f"/mes-parcours/{enrolment.id}/etapes/{steps_of(db, path)[0].id}/dispense"
    assert ask in client.post(ASK, data=said(un="oui")).text
    assert client.get(ask).status_code == 200


def test_only_sessions_with_a_seat_that_can_be_booked_are_proposed(
    client: LookingClient, db: Session, path: Path
) -> None:
    a, b, _c = steps_of(db, path)
    now = clock.now()
    starts = (now + timedelta(days=7)).replace(tzinfo=None, hour=14, minute=0)

    def plan(title: str, seats: int = 3, hours: int = 0, **values: object) -> None:
        make_session(
            db, title=title, onsite=seats, starts=starts + timedelta(hours=hours), **values
        )

    plan("Libre sur B", step=b)
    plan("Libre sur A", step=a)
    plan("Pleine", seats=0, step=b)
    plan("Annulée", step=b, cancelled_at=now)
    plan("Sur invitation", step=b, admission=Admission.CODE, invitation_code="x")
    plan("Pas encore", step=b, bookable_from=now + timedelta(days=1))
    plan("Close", step=b, bookable_until=now - timedelta(days=1))
    plan("Passée", step=b, hours=-24 * 30)
    plan("Réservée", step=b, admission=Admission.ENROLLED)
    text = text_of(client.post(ASK, data=said(un="non")))
    for shown in ("Libre sur B", "Libre sur A", "Réservée", "3 places"):
        assert shown in text
    for hidden in ("Pleine", "Annulée", "Sur invitation", "Pas encore", "Close", "Passée"):
        assert hidden not in text
    assert text.index("Libre sur B") < text.index("Parcours essai", text.index("Libre sur B"))


def test_kept_answers_never_show_a_step_that_is_gone(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    owner = make.user()
    client.sign_in(owner)
    kept = client.post(f"{ASK}/garder", data=said(un="non")).location
    assert "Commencer par « B · Étape B »" in text_of(client.get(kept))
    steps = [step_facts("A"), step_facts("C")]
    load_catalogue(db, now=NOW, catalogue=[path_facts(steps=steps)])
    db.commit()
    for page in (client.get(kept), client.post(ASK, data=said(un="non"))):
        assert "Étape B" not in text_of(page)
        assert "tout de suite" in text_of(page)


def test_a_path_no_longer_proposed_asks_nothing(
    client: LookingClient, db: Session, path: Path
) -> None:
    path_rules.retire_path(db, "essai", is_retired=True, now=NOW)
    db.commit()
    assert "n’est plus proposé" in text_of(client.get(ASK, follow_redirects=True))
    assert "Répondre aux questions" not in text_of(client.get("/parcours/essai"))
    assert client.get("/parcours/facile/positionnement").status_code == 404


def test_two_questions_lead_to_the_paths_made_for_them(client: LookingClient, db: Session) -> None:
    load_catalogue(db, now=NOW)
    load_quizzes(db, now=NOW)
    db.commit()
    every = text_of(client.get("/par-ou-commencer?public=rien&but=rien"))
    assert every.count("Commencer les questions") == 4
    found = text_of(client.get("/par-ou-commencer?public=teacher&but=program"))
    ours, others = found.split("Les autres parcours")
    assert "NSI, les fondamentaux" in ours
    assert "Elements of AI" in others
    assert "/par-ou-commencer" in client.get("/parcours").text
    assert "/par-ou-commencer" in client.get("/").text


def test_what_was_answered_in_an_older_version_is_read_with_it(
    client: LookingClient, db: Session, make: Factory, path: Path
) -> None:
    owner = make.user()
    version = make_quiz(db, path)
    kept = keep_answers(db, owner.id, path.id, version.id, {"un": ["non"]}, now=NOW)
    share_answers(db, owner.id, kept.id, is_shared=True, now=NOW)
    kept_id = kept.id
    quiz = quiz_in(version).model_dump(mode="json")
    quiz["questions"] = [*quiz["questions"][1:], {**quiz["questions"][0], "key": "quatre"}]
    load_quizzes(db, now=datetime.now(clock.PARIS), quizzes=[quiz])
    db.commit()
    client.sign_in(owner)
    assert "Question un ?" in text_of(client.get(f"/mes-positionnements/{kept_id}"))
