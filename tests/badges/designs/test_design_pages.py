"""The badges' pages, by role."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from badges.designs.models import CriterionKind
from badges.designs.queries import find_badge, list_badges
from badges.designs.rules import Condition
from tests.support.badges import make_award, make_badge, make_path_badge, open_badges
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.designing import asks, fields, row
from tests.support.factories import Factory

NASTY = '<script>alert("x")</script>"\'&'


def test_anybody_sees_the_list_and_the_page_of_a_badge(db: Session, client: LookingClient) -> None:
    badge, path = make_path_badge(db)
    listed = client.get("/badges").get_data(as_text=True)
    assert "Enseigner SNT\u00a0: Python" in listed
    page = client.get(f"/badges/{badge.slug}").get_data(as_text=True)
    assert f"Terminer le parcours «\u202f{path.title}\u202f»" in page
    assert "<strong>terminé le parcours</strong>" in page
    assert "CRCN 3.4 Programmer" in page
    assert "Attribuer" not in page
    assert client.get("/badges/inconnu").status_code == 404


def test_an_empty_place_says_so(client: LookingClient) -> None:
    assert "Pas encore de badge" in client.get("/badges").get_data(as_text=True)


def test_a_machine_gets_the_achievement_at_the_same_address(
    db: Session, client: LookingClient
) -> None:
    badge = make_badge(db)
    answer = client.get(f"/badges/{badge.slug}", headers={"Accept": "application/ld+json"})
    assert answer.content_type == "application/ld+json"
    assert answer.json["type"] == ["Achievement"]
    assert answer.json["id"].endswith(f"/badges/{badge.slug}")
    assert answer.vary.as_set() >= {"accept"}
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get(f"/badges/{badge.slug}", headers={"Accept": browser}).mimetype == "text/html"


def test_the_picture_is_given_in_both_forms_and_kept_by_whoever_asks(
    db: Session, client: LookingClient
) -> None:
    badge = make_badge(db)
    svg = client.get(f"/badges/{badge.slug}.svg")
    png = client.get(f"/badges/{badge.slug}.png")
    assert svg.mimetype == "image/svg+xml"
    assert png.data.startswith(b"\x89PNG")
    assert "public" in png.headers["Cache-Control"]
    again = client.get(f"/badges/{badge.slug}.png", headers={"If-None-Match": png.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/badges/dessin/circle-mer-code.svg").mimetype == "image/svg+xml"
    assert client.get("/badges/dessin/circle-mer-passwd.svg").status_code == 404


def test_a_facilitator_makes_a_badge(db: Session, make: Factory, client: LookingClient) -> None:
    path = make_path(db)
    step = steps_of(db, path)[0]
    client.sign_in(make.user("facilitator"))
    assert client.get("/badges/creer").status_code == 200
    answer = client.post(
        "/badges/creer",
        data=fields(
            **asks(
                row("path_completed", path=str(path.id)),
                row("step_done", step=str(step.id)),
                row("half_days", count="2", path=""),
                row("session_attended"),
            )
        ),
    )
    assert answer.status_code == 302
    badge = find_badge(db, "donnees-et-web")
    assert badge is not None
    assert badge.criteria == "Avoir\nterminé."
    assert [c.kind for c in badge.conditions] == [
        CriterionKind.PATH_COMPLETED,
        CriterionKind.STEP_DONE,
        CriterionKind.HALF_DAYS,
        CriterionKind.SESSION_ATTENDED,
    ]
    assert [s.code for s in badge.skills] == ["3.4"]
    assert (badge.hours, badge.valid_months, badge.shape) == (12, 36, "circle")


def test_searching_a_skill_keeps_what_was_written_and_saves_nothing(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/badges/creer", data=fields(skill_search="python", search="1", name=""))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'value="ESCO:ccd0a1d9"' in page
    assert 'value="CRCN:3.4" checked' in page, "what was ticked stays ticked"
    assert "Sait lire une table" in page
    assert "Donnez un nom" not in page, "nothing is refused while searching"
    assert not list_badges(db)
    nothing = client.post(
        "/badges/creer", data=fields(skill_search="macramé", search="1", skills=[])
    )
    assert "Aucune compétence ne correspond" in nothing.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Donnez un nom au badge."),
        ({"description": ""}, "Dites en une phrase"),
        ({"hours": "deux"}, "Écrivez un nombre entier, sans lettre."),
        (asks(row("half_days", count="deux")), "Écrivez un nombre entier, sans lettre."),
        (asks(row("half_days", count="")), "Écrivez un nombre, de 1 à 2 000."),
        (asks(row("path_completed", path="")), "Choisissez un parcours."),
        (asks(row("step_done", step="x")), "valid"),
        (asks(row("badge_held", badge="")), "Choisissez un badge."),
        (asks(row("judgement", statement=" ")), "Dites ce que l’équipe doit avoir constaté."),
        (asks(row("moonlight")), "Choisissez une condition de la liste."),
        (asks(row("half_days", count="2"), row("half_days", count="2")), "deux fois"),
        (asks(row("half_days", count="2"), needed="3"), "personne ne pourrait le remplir"),
        (
            asks(row("half_days", count="2")) | asks(group=1),
            "Un groupe est vide",
        ),
        (
            asks(row("judgement", statement="a enseigné")) | {"automatic": "y"},
            "ne peut pas être attribué sans relecture",
        ),
        (
            asks(row("session_attended")) | {"automatic": "y"},
            "ne peut pas être attribué sans relecture",
        ),
        ({"hours": "0"}, "nombre entier"),
        ({"name": "a\u0007b"}, "caractère invisible"),
        ({"shape": "triangle"}, "Forme"),
    ],
)
def test_a_wrong_answer_gets_its_sentence_and_keeps_the_others(
    db: Session, make: Factory, client: LookingClient, changes: dict[str, str], sentence: str
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/badges/creer", data=fields(**changes))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert sentence in page
    assert "Avoir" in page
    assert not list_badges(db)


def test_a_badge_that_asks_nothing_is_refused(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    data = {k: v for k, v in fields().items() if "conditions" not in k}
    answer = client.post("/badges/creer", data=data)
    assert answer.status_code == 422
    assert "au moins un critère" in answer.get_data(as_text=True)
    assert not list_badges(db)


def test_a_badge_can_be_changed_then_is_frozen_by_its_first_award(
    db: Session, make: Factory, client: LookingClient
) -> None:
    team = make.user("facilitator")
    client.sign_in(team)
    badge = make_badge(db)
    page = client.get(f"/badges/{badge.slug}/modifier").get_data(as_text=True)
    assert "Enseigner SNT" in page
    done = client.post(f"/badges/{badge.slug}/modifier", data=fields())
    assert done.status_code == 302
    db.refresh(badge)
    assert badge.name == "Données et Web"

    award = make_award(db, make.user(), team, open_badges(db))
    slug = award.badge.slug
    assert client.get(f"/badges/{slug}/modifier").status_code == 409
    refused = client.post(f"/badges/{slug}/modifier", data=fields())
    assert refused.status_code == 422
    assert "ne change plus" in refused.get_data(as_text=True)
    assert "Données et Web" in refused.get_data(as_text=True), "what was written is still there"
    copy = client.get(f"/badges/creer?modele={slug}").get_data(as_text=True)
    assert "Enseigner SNT" in copy


def test_archiving_and_taking_up_again(db: Session, make: Factory, client: LookingClient) -> None:
    badge = make_badge(db)
    client.sign_in(make.user("facilitator"))
    client.post(f"/badges/{badge.slug}/archiver")
    page = client.get(f"/badges/{badge.slug}").get_data(as_text=True)
    assert "N’est plus attribué" in page
    assert "Badges archivés" in client.get("/badges").get_data(as_text=True)
    client.post(f"/badges/{badge.slug}/reprendre")
    assert "N’est plus attribué" not in client.get(f"/badges/{badge.slug}").get_data(as_text=True)


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_facilitators_make_badges(
    db: Session, make: Factory, client: LookingClient, role: str
) -> None:
    badge = make_badge(db)
    assert client.get("/badges/creer").status_code == 302, "a visitor is sent to sign in"
    client.sign_in(make.user(role))
    assert client.get("/badges/creer").status_code == 403
    assert client.post("/badges/creer", data=fields()).status_code == 403
    assert client.get(f"/badges/{badge.slug}/modifier").status_code == 403
    assert client.post(f"/badges/{badge.slug}/archiver").status_code == 403


def test_what_a_facilitator_writes_is_shown_as_words(
    db: Session, make: Factory, client: LookingClient
) -> None:
    badge = make_badge(db, name=NASTY, description=NASTY, criteria=NASTY)
    client.sign_in(make.user("facilitator"))
    for path in ("/badges", f"/badges/{badge.slug}", f"/badges/{badge.slug}/modifier"):
        page = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_rows_are_added_and_removed_without_a_script_and_nothing_typed_is_lost(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    first = asks(row("half_days", count="7", path=""), row("judgement", statement="a enseigné"))
    sent = {**fields(), **first, "groups-0-new": "badge_held", "search": "add:0"}
    answer = client.post("/badges/creer", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'name="groups-0-conditions-2-badge"' in page
    assert re.search(r'<select[^>]*autofocus[^>]*id="groups-0-conditions-2-badge"', page)
    assert "a enseigné" in page
    assert "Données et Web" in page
    assert "Choisissez un badge" not in page, "nothing is refused while building"
    without = client.post("/badges/creer", data={**sent, "search": "remove:0:0"}).text
    assert "a enseigné" in without
    assert 'name="groups-0-conditions-1-' not in without, "numbers follow one another"
    assert 'name="groups-0-conditions-0-count"' not in without
    two = client.post("/badges/creer", data={**sent, "search": "add-group"}).text
    assert 'name="groups-1-needed"' not in two, "an empty group asks only what to add"
    assert 'name="groups-1-new"' in two
    both = {**sent, **asks(row("hours", count="9", path=""), group=1)}
    one = client.post("/badges/creer", data={**both, "search": "remove:0"}).text
    assert re.search(r'<input[^>]*name="groups-0-conditions-0-count"[^>]*value="9"', one)
    assert "a enseigné" not in one
    for nonsense in ("remove:9", "remove:0:9", "add:9"):
        assert client.post("/badges/creer", data={**sent, "search": nonsense}).status_code == 200
    assert not list_badges(db)


def test_three_of_five_badges_are_asked_and_shown_and_begun_from(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    parts = [make_badge(db, name=f"Partie {n}") for n in range(5)]
    rows = [row("badge_held", badge=str(part.id)) for part in parts]
    made = client.post("/badges/creer", data=fields(**asks(*rows, needed="3"), name="Trois"))
    assert made.status_code == 302
    badge = find_badge(db, "trois")
    assert badge is not None
    assert [group.needed for group in badge.groups] == [3]
    page = client.get("/badges/trois").text
    assert "Au moins 3 de ces 5 conditions" in page
    assert "Détenir le badge «\u202fPartie 4\u202f»" in page
    again = client.get("/badges/trois/modifier").text
    assert '<option selected value="3">' in again
    assert again.count(f'<option selected value="{parts[2].id}">') == 1
    asked = fields(**asks(row("badge_held", badge=str(badge.id))))
    circle = client.post(f"/badges/{parts[0].slug}/modifier", data=asked)
    assert circle.status_code == 422
    assert "personne ne pourrait commencer" in circle.text


def test_awarding_without_reading_over_is_switched_on_and_off(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    badge = make_badge(db, Condition(CriterionKind.HALF_DAYS, count=2))
    url = f"/badges/{badge.slug}"
    assert "qu’après relecture" in client.get(url).text
    on = client.post(f"{url}/automatique", data={"automatic": "y"}, follow_redirects=True).text
    assert "sera attribué sans relecture" in on
    db.refresh(badge)
    assert badge.automatic
    client.post(f"{url}/automatique", data={"automatic": ""})
    db.refresh(badge)
    assert not badge.automatic
    judged = make_badge(db, Condition(CriterionKind.JUDGEMENT, statement="est là"))
    no = client.post(
        f"/badges/{judged.slug}/automatique", data={"automatic": "y"}, follow_redirects=True
    ).text
    assert "ne peut pas être attribué sans relecture" in no
    db.refresh(judged)
    assert not judged.automatic


def test_the_next_version_is_prepared_unseen_then_published(
    db: Session, make: Factory, client: LookingClient
) -> None:
    team, visitor = make.user("facilitator"), client.application.test_client()
    slug = make_award(db, make.user(), team, open_badges(db)).badge.slug
    client.sign_in(team)
    assert "Préparer la version 2" in client.get(f"/badges/{slug}").get_data(as_text=True)
    begun = client.post(f"/badges/{slug}/nouvelle-version")
    assert begun.headers["Location"].endswith(f"/badges/{slug}-v2/modifier")
    assert "Préparer la version 2" in client.get(begun.headers["Location"]).get_data(as_text=True)
    draft = client.get(f"/badges/{slug}-v2")
    assert "Brouillon" in draft.get_data(as_text=True)
    assert "private" in client.get(f"/badges/{slug}-v2.svg").headers["Cache-Control"]
    assert "Versions en préparation" in client.get("/badges").get_data(as_text=True)
    for hidden in ("", ".svg", ".png", "/en"):
        assert visitor.get(f"/badges/{slug}-v2{hidden}").status_code == 404
    assert "-v2" not in visitor.get("/badges").get_data(as_text=True)
    assert "-v2" not in visitor.get(f"/badges/{slug}").get_data(as_text=True)
    frozen = client.get(f"/badges/{slug}/modifier").get_data(as_text=True)
    assert "Continuer la version 2" in frozen

    client.post(f"/badges/{slug}-v2/publier")
    old = visitor.get(f"/badges/{slug}").get_data(as_text=True)
    assert "Version 1, remplacée" in old
    assert f'href="/badges/{slug}-v2"' in old
    listed = visitor.get("/badges").get_data(as_text=True)
    assert f'href="/badges/{slug}-v2"' in listed
    assert f'href="/badges/{slug}"' not in listed
    achievement = visitor.get(f"/badges/{slug}-v2", headers={"Accept": "application/json"}).json
    assert achievement["version"] == "2"
    assert {"id": f"http://localhost/badges/{slug}", "type": ["Related"], "inLanguage": "fr",
            "version": "1"} in achievement["related"]  # fmt: skip


def test_a_draft_is_given_up_and_the_badge_stays(
    db: Session, make: Factory, client: LookingClient
) -> None:
    team = make.user("facilitator")
    slug = make_award(db, make.user(), team, open_badges(db)).badge.slug
    client.sign_in(team)
    client.post(f"/badges/{slug}/nouvelle-version")
    answer = client.post(f"/badges/{slug}-v2/abandonner")
    assert answer.headers["Location"].endswith(f"/badges/{slug}")
    assert client.get(f"/badges/{slug}-v2").status_code == 404
    refused = client.post(f"/badges/{slug}/abandonner", follow_redirects=True)
    assert "elle ne s’efface pas" in refused.get_data(as_text=True)
    assert client.get(f"/badges/{slug}").status_code == 200
