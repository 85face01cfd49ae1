"""The pages of a plan and of checklists, as the owner, the team, another learner and nobody."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, said_by
from tests.support.plans import agree_on, in_days, make_checklist, make_plan, step_of
from tests.support.sessions import NOW, text_of
from tierslieu.people.models import User
from tierslieu.support.plans import rules
from tierslieu.support.plans.checklists.queries import list_aims, list_checklists
from tierslieu.support.plans.checklists.rules import ship
from tierslieu.support.plans.checklists.shipped import AIMS
from tierslieu.support.plans.copying import copy_checklist
from tierslieu.support.plans.queries import find_open
from tierslieu.support.plans.rules import Asked


def test_a_person_makes_their_plan_and_both_agree_on_it(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    ship(db, now=NOW)
    db.commit()
    client.sign_in(ada)
    assert "Pas encore de plan" in text_of(client.get("/mon-plan"))
    wrong = client.post("/mon-plan/visees", data={"own": "", "why": "Transmettre"})
    assert (wrong.status_code, "Transmettre" in wrong.text) == (422, True)
    client.post("/mon-plan/visees", data={"aims": [AIMS[1], AIMS[5]], "own": "<b>Écrire</b>"})
    assert "&lt;b&gt;Écrire&lt;/b&gt;" in client.get("/mon-plan").text
    wrong = client.post("/mon-plan/etapes/nouvelle", data={"title": ""})
    assert (wrong.status_code, 'id="title-error"' in wrong.text) == (422, True)
    client.post("/mon-plan/etapes/nouvelle", data={"title": "Lire", "due": "2026-12-01"})
    client.post("/mon-plan/etapes/nouvelle", data={"title": "Écrire", "due": ""})
    plan = find_open(db, ada.id)
    assert plan is not None
    first, second = plan.steps
    client.post(f"/mon-plan/etapes/{second.id}/deplacer", data={"sens": "haut"})
    client.post(f"/mon-plan/etapes/{second.id}/faire", data={"fait": "oui"})
    page = text_of(client.get("/mon-plan"))
    steps = page[page.index("Étapes") :]
    assert steps.index("Écrire") < steps.index("Lire")
    assert "Fait le 19 novembre 2026" in steps.replace("\u00a0", " ")
    refused = client.post("/mon-plan/accord", follow_redirects=True)
    assert "montrez-le d’abord" in text_of(refused)
    client.post("/mon-plan/montrer", data={"montrer": "oui"})
    client.post("/mon-plan/accord")
    url = f"/plans/{plan.id}"
    client.sign_in(nadia)
    assert url in client.get(f"/suivi/{ada.id}").text
    assert url in client.get("/suivi/plans").text
    assert client.post(f"{url}/proposer", data={"word": ""}).status_code == 422
    client.post(f"{url}/proposer", data={"word": "Et l’oral ?"})
    client.sign_in(ada)
    assert "Et l’oral" in text_of(client.get("/mon-plan"))
    client.post("/mon-plan/accord")
    shown = client.sign_in(nadia).get(url).text
    seen = re.search(r'name="lu" value="(\d+)"', shown)
    assert seen is not None
    stale = client.post(f"{url}/convenir", data={"lu": "x"}, follow_redirects=True)
    assert "relisez-le avant de donner votre accord" in text_of(stale)
    done = client.post(f"{url}/convenir", data={"lu": seen[1]}, follow_redirects=True)
    assert "Le plan est convenu" in text_of(done)
    client.sign_in(ada).post(f"/mon-plan/etapes/{first.id}", data={"title": "Relire"})
    assert "en changement" in text_of(client.get("/mon-plan"))
    agreement = plan.agreements[-1].id
    kept = text_of(client.get(f"/plans/accords/{agreement}"))
    assert "(1er décembre 2026)" in kept.replace("\u00a0", " ")
    assert "Relire" not in kept
    assert client.post("/mon-plan/terminer", data={"word": ""}).status_code == 422
    client.post("/mon-plan/terminer", data={"word": "J’enseigne."})
    ended = text_of(client.get("/mon-plan"))
    assert "Commencer un autre plan" in ended
    assert "Mes plans terminés" in ended
    assert "J’enseigne." in text_of(client.get(url))


def test_nobody_reaches_anothers_plan_that_is_not_shown_to_them(
    client: LookingClient, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    plan = agree_on(db, make_plan(db, ada), nadia)
    hidden = make_plan(db, make.user())
    pages = [f"/plans/{plan.id}", f"/plans/accords/{plan.agreements[0].id}"]
    for who, status in ((ada, 200), (make.user("facilitator"), 200), (make.user(), 404)):
        client.sign_in(who)
        assert [client.get(page).status_code for page in pages] == [status, status]
        assert client.get(f"/plans/{hidden.id}").status_code == 404
    stranger = client.sign_in(make.user())
    step = step_of(plan)
    for page in (f"etapes/{step.id}/faire", f"etapes/{step.id}/retirer", "accord", "supprimer"):
        assert stranger.post(f"/mon-plan/{page}").status_code == 404
    assert stranger.get(f"/mon-plan/etapes/{step.id}").status_code == 404
    assert stranger.get("/mon-plan.pdf").status_code == 404
    client.sign_in(nadia)
    assert client.post(f"/plans/{hidden.id}/proposer", data={"word": "x"}).status_code == 404
    assert client.post(f"/plans/{hidden.id}/convenir", data={"lu": "1"}).status_code == 404
    assert str(hidden.id) not in client.get(f"/suivi/{hidden.user_id}").text
    visitor = client.application.test_client()
    for page in (*pages, "/mon-plan", "/mon-plan.pdf"):
        answer = visitor.get(page)
        assert (answer.status_code, "/login" in answer.headers["Location"]) == (302, True)


def test_the_team_keeps_checklists_and_a_person_hears_that_theirs_is_older(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    make_plan(db, ada)
    client.sign_in(nadia)
    data = {"title": "DIU d’essai", "url": "pas une adresse"}
    wrong = client.post("/suivi/listes/nouvelle", data=data)
    assert (wrong.status_code, 'id="url-error"' in wrong.text) == (422, True)
    client.post(
        "/suivi/listes/nouvelle", data={**data, "url": "https://example.org/", "year": "2027"}
    )
    made = next(one for one in list_checklists(db) if one.key is None)
    page = f"/suivi/listes/{made.id}"
    wrong = client.post(f"{page}/lignes/nouvelle", data={"text": "x", "day": "31", "month": "2"})
    assert (wrong.status_code, 'id="day-error"' in wrong.text) == (422, True)
    for text, day in (("S’inscrire", "15"), ("Payer", "")):
        month = "10" if day else ""
        data = {"text": text, "day": day, "month": month}
        client.post(f"{page}/lignes/nouvelle", data=data)
    assert "vers le 15 octobre, à vérifier" in text_of(client.get(page)).replace("\u00a0", " ")
    client.post(f"{page}/verifier")
    assert "par Nadia Benali" in text_of(client.get("/suivi/listes"))
    client.sign_in(ada)
    assert "DIU d’essai" in text_of(client.get("/mon-plan/listes"))
    client.post(f"/mon-plan/listes/{made.id}/ajouter")
    assert "L’équipe a changé cette liste" not in text_of(client.get("/mon-plan"))
    db.expire_all()
    item = made.items[0]
    client.sign_in(nadia)
    assert 'value="15"' in client.get(f"{page}/lignes/{item.id}").text
    client.post(f"{page}/lignes/{item.id}", data={"text": "S’inscrire en ligne"})
    client.post(f"{page}/lignes/{made.items[1].id}/retirer")
    client.post(f"{page}/proposer", data={"proposer": "non"})
    client.post("/suivi/listes", data={"label": "Encadrer un club"})
    assert "Encadrer un club" in client.get("/suivi/listes").text
    aim = list_aims(db)[-1]
    client.post(f"/suivi/listes/visees/{aim.id}/retirer")
    shown = client.sign_in(ada).get("/mon-plan").text
    assert "L’équipe a changé cette liste" in shown
    assert "Payer" in shown
    assert "DIU d’essai" not in text_of(client.get("/mon-plan/listes"))
    assert "Encadrer un club" not in client.get("/mon-plan/visees").text
    assert client.post(f"/mon-plan/listes/{made.id}/ajouter").status_code == 404


def test_an_aim_no_longer_proposed_is_proposed_again_from_the_page_it_was_retired_on(
    make: Factory, client: LookingClient, db: Session
) -> None:
    client.sign_in(make.user("facilitator"))
    client.post("/suivi/listes", data={"label": "Encadrer un club"})
    aim = list_aims(db)[-1]
    after = client.post(f"/suivi/listes/visees/{aim.id}/retirer", follow_redirects=True)
    offered = after.text.split("Encadrer un club")[1:]
    assert any("Proposer de nouveau" in part for part in offered)
    assert "Encadrer un club" not in client.get("/mon-plan/visees").text
    client.post("/suivi/listes", data={"label": "Encadrer un club"})
    assert "Encadrer un club" in client.get("/mon-plan/visees").text
    db.expire_all()
    assert list_aims(db)[-1].id == aim.id


def test_the_paper_says_the_plan_and_why_only_if_asked(
    client: LookingClient, db: Session, nadia: User, ada: User, tmp_path: Path
) -> None:
    plan = make_plan(db, ada)
    copy_checklist(db, ada.id, make_checklist(db).id, now=NOW)
    rules.tick_step(db, ada.id, step_of(plan).id, True, now=NOW)
    agree_on(db, plan, nadia)
    client.sign_in(ada)
    answer = client.get("/mon-plan.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert "no-store" in answer.headers["Cache-Control"]
    words = said_by(answer.data, tmp_path)
    for said in ("Ada Moreau", AIMS[0], "Lire le programme", "S’inscrire", "Nadia Benali"):
        assert said in words
    assert "Transmettre" not in words
    with_why = client.get("/mon-plan.pdf?avec=pourquoi").data
    assert "Transmettre" in said_by(with_why, tmp_path)
    assert "Table" in " ".join(assert_is_tagged(answer.data, "Plan de formation, Ada Moreau"))


def test_more_steps_ask_the_database_no_more_questions(
    client: LookingClient, db: Session, nadia: User, ada: User
) -> None:
    plan = make_plan(db, ada)
    copy_checklist(db, ada.id, make_checklist(db).id, now=NOW)
    agree_on(db, plan, nadia)
    pages = [(ada, "/mon-plan"), (nadia, f"/plans/{plan.id}"), (nadia, f"/suivi/{ada.id}")]

    def asked(who: User, url: str) -> int:
        db.expire_all()
        client.sign_in(who)
        with counted_queries() as sent:
            assert client.get(url).status_code == 200
        return len(sent)

    few = [asked(*page) for page in pages]
    for number in range(20):
        rules.add_step(db, ada.id, Asked(f"Étape {number}", in_days(number)), now=NOW)
    agree_on(db, plan, nadia)
    assert [asked(*page) for page in pages] == few
