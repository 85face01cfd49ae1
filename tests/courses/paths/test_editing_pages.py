"""Writing a path on the page: who may, what one sees, what a wrong word says."""

from __future__ import annotations

import io
import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.paths.models import PathDraft
from tests.support.client import LookingClient
from tests.support.courses import make_path, path_facts, step_facts
from tests.support.factories import Factory
from tierslieu.people.models import User

EDIT = "/parcours/essai/modifier"


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


def revision(db: Session, slug: str = "essai") -> str:
    db.rollback()
    found = db.scalar(select(PathDraft.revision).where(PathDraft.slug == slug))
    return str(found or 0)


def step_fields(**changes: object) -> dict[str, object]:
    return {"title": "Une étape", "kind": "online", "place": "required", **changes}


def test_a_path_is_begun_filled_and_published_on_the_page(
    client: LookingClient, db: Session, team: User
) -> None:
    client.sign_in(team)
    assert "/parcours/nouveau" in client.get("/parcours").text
    wrong = client.post("/parcours/nouveau", data={"title": "", "short_title": ""})
    assert wrong.status_code == 422
    made = client.post("/parcours/nouveau", data={"title": "Enseigner l’IA", "short_title": "IA"})
    assert made.location == "/parcours/ia/modifier"
    edit = made.location
    assert "Aucune étape n’est demandée" in client.get(edit).text
    pool = {"title": "Options", "needed": "1", "revision": revision(db, "ia")}
    client.post(f"{edit}/choix-nouveau", data=pool)
    for title, more in (
        ("Se préparer", {"kind": "preparation"}),
        ("Apprendre", {"needs": ["se-preparer"], "hours": "6,5", "units": "- Un\n• Deux\n"}),
        ("Vision", {"place": "pool:options"}),
    ):
        answer = client.post(
            f"{edit}/etape-nouvelle",
            data=step_fields(title=title, revision=revision(db, "ia"), **more),
        )
        assert answer.status_code == 302, answer.text
    html = client.get(edit).text
    assert "après «\u202fSe préparer\u202f»" in html
    assert "6\u00a0h\u00a030" in html
    unread = client.post(f"{edit}/publier", data={"revision": revision(db, "ia")})
    assert unread.status_code == 422
    assert "Relisez-le d’abord" in unread.text
    done = client.post(
        f"{edit}/publier",
        data={"revision": revision(db, "ia"), "sure": "y"},
        follow_redirects=True,
    )
    assert "Version 1 publiée" in done.text
    assert "vous choisissez 1 étape parmi 1" in done.text.replace("\u00a0", " ")
    assert "<li>Un</li>" in done.text


def test_what_was_changed_meanwhile_is_said_and_what_was_typed_is_kept(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db)
    client.sign_in(team)
    client.post(EDIT)
    read = revision(db)
    client.post(f"{EDIT}/etapes/a/descendre")
    answer = client.post(
        f"{EDIT}/etapes/a", data=step_fields(title="Mon titre à moi", revision=read)
    )
    assert answer.status_code == 422
    assert "Quelqu’un a changé ce brouillon" in answer.text
    assert "Mon titre à moi" in answer.text
    # Knowing it, one may keep what one wrote: the page that said so carries the newer state.
    again = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert again is not None
    kept = client.post(
        f"{EDIT}/etapes/a", data=step_fields(title="Mon titre à moi", revision=again[1])
    )
    assert kept.status_code == 302


def test_who_publishes_what_changed_meanwhile_reads_it_first(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db)
    client.sign_in(team)
    client.post(EDIT)
    read = revision(db)
    client.post(f"{EDIT}/etapes/a/descendre")
    answer = client.post(f"{EDIT}/publier", data={"revision": read, "sure": "y"})
    assert answer.status_code == 422
    assert "relisez-le avant de publier" in answer.text
    assert re.search(r'name="sure"[^>]*checked', answer.text) is None
    again = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert again is not None
    done = client.post(f"{EDIT}/publier", data={"revision": again[1], "sure": "y"})
    assert done.status_code == 302


def test_a_bad_link_stands_beside_its_field_and_a_wrong_number_too(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db)
    client.sign_in(team)
    client.post(EDIT)
    for changes, words in (
        ({"url": "javascript:alert(1)"}, "n’est pas une adresse du Web"),
        ({"hours": "-3"}, "Donnez un nombre d’heures"),
        ({"title": ""}, "Ce champ est nécessaire"),
        ({"title": "x" * 201}, "trop long"),
        ({"kind": "magie"}, "Ce choix"),
    ):
        answer = client.post(f"{EDIT}/etapes/a", data=step_fields(revision=revision(db), **changes))
        assert answer.status_code == 422, changes
        assert words in answer.text
    assert revision(db) == "1"


def test_steps_and_pools_are_arranged_with_a_tap(
    client: LookingClient, db: Session, team: User
) -> None:
    pools = [{"key": "p", "title": "Options", "needed": 1}]
    make_path(db, pools=pools, steps=[step_facts("A"), step_facts("B", pool="p")])
    client.sign_in(team)
    client.post(EDIT)
    assert client.post(f"{EDIT}/etapes/b/monter").location == f"{EDIT}#etape-b"
    html = client.get(EDIT).text
    assert html.index("B · Étape B") < html.index("A · Étape A")
    client.post(f"{EDIT}/choix/p/retirer")
    client.post(f"{EDIT}/etapes/a/retirer")
    html = client.get(EDIT).text
    assert "Options" not in html
    assert "A · Étape A" not in html
    for missing in ("/etapes/a/monter", "/etapes/b/peindre", "/choix/p/retirer"):
        assert client.post(EDIT + missing).status_code == 404
    assert client.get(f"{EDIT}/etapes/a").status_code == 404


def test_a_draft_is_given_up(client: LookingClient, db: Session, team: User) -> None:
    make_path(db)
    client.sign_in(team)
    client.post(EDIT)
    answer = client.post(f"{EDIT}/abandonner", follow_redirects=True)
    assert "Brouillon abandonné" in answer.text
    assert "Commencer un brouillon" in client.get(EDIT).text


def test_a_path_goes_out_and_comes_in_as_a_file(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db)
    sent = client.get("/parcours/essai.json")
    assert sent.mimetype == "application/json"
    assert 'filename="essai.json"' in sent.headers["Content-Disposition"]
    facts = {**json.loads(sent.text), "slug": "copie", "short_title": "Copie"}
    client.sign_in(team)
    bad = client.post(
        "/parcours/importer", data={"file": (io.BytesIO(b'{"slug": 3}'), "mauvais.json")}
    )
    assert bad.status_code == 422
    assert "doit être un texte" in bad.text
    assert client.post("/parcours/importer", data={}).status_code == 422
    taken = client.post(
        "/parcours/importer",
        data={"file": (io.BytesIO(json.dumps(facts).encode()), "copie.json")},
        follow_redirects=True,
    )
    assert "Le fichier est devenu un brouillon" in taken.text
    again = client.post(
        "/parcours/importer",
        data={"file": (io.BytesIO(json.dumps(facts).encode()), "copie.json")},
    )
    assert "Un brouillon de ce parcours existe déjà" in again.text


def test_a_path_no_longer_proposed_says_so_and_can_be_proposed_again(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db)
    client.sign_in(team)
    html = client.post("/parcours/essai/retirer", follow_redirects=True).text
    assert "plus proposé" in html
    assert 'href="/parcours/essai"' not in client.get("/parcours").text
    assert (
        "de nouveau proposé" in client.post("/parcours/essai/remettre", follow_redirects=True).text
    )


def test_only_the_team_writes_paths_and_sees_drafts(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    client.sign_in(team)
    client.post("/parcours/nouveau", data={"title": "Secret", "short_title": "Secret"})
    for role in ("learner", "researcher", "coordinator"):
        client.sign_in(make.user(role))
        assert client.get("/parcours/secret/modifier").status_code == 403
        assert client.get("/parcours/secret").status_code == 404
        assert client.get("/parcours/secret.json").status_code == 404
        assert client.post("/parcours/secret/modifier/abandonner").status_code == 403
        assert "/parcours/nouveau" not in client.get("/parcours").text


def test_what_the_team_writes_is_shown_as_text(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db, summary="<script>alert(1)</script>")
    client.sign_in(team)
    client.post(EDIT)
    client.post(f"{EDIT}/etapes/a", data=step_fields(title="<img src=x>", revision=revision(db)))
    for page in (EDIT, f"{EDIT}/etapes/a", f"{EDIT}/fiche"):
        html = client.get(page).text
        assert "<img src=x" not in html
        assert "<script>alert" not in html


def test_the_form_of_a_path_keeps_what_it_showed(
    client: LookingClient, db: Session, team: User
) -> None:
    facts = path_facts(hours_from=4.5, hours=12, audiences=["teacher", "anybody"])
    make_path(db, **{key: facts[key] for key in ("hours_from", "hours", "audiences")})
    client.sign_in(team)
    client.post(EDIT)
    html = client.get(f"{EDIT}/fiche").text
    assert 'value="4.5"' in html or 'value="4,5"' in html
    answer = client.post(
        f"{EDIT}/fiche",
        data={
            "title": "Nouveau nom",
            "short_title": "Essai",
            "language": "en",
            "audiences": ["anybody"],
            "hours": "10",
            "hours_from": "",
            "revision": revision(db),
        },
    )
    assert answer.location == EDIT
    db.rollback()
    draft = db.scalar(select(PathDraft))
    assert draft is not None
    kept = ("title", "language", "audiences", "hours", "hours_from")
    assert [draft.content[name] for name in kept] == ["Nouveau nom", "en", ["anybody"], 10.0, None]


def test_a_new_step_never_takes_the_key_of_one_that_was(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db, steps=[step_facts("Bloc 1"), step_facts("B")])
    make_path(db, steps=[step_facts("B")])
    client.sign_in(team)
    client.post(EDIT)
    client.post(
        f"{EDIT}/etape-nouvelle",
        data=step_fields(title="Réseaux", code="Bloc 1", revision=revision(db)),
    )
    db.rollback()
    draft = db.scalar(select(PathDraft))
    assert draft is not None
    assert [step["key"] for step in draft.content["steps"]] == ["b", "bloc-1-2"]


@pytest.mark.parametrize("source", ["http://[", "javascript:alert(1)", "un livre, page 3"])
def test_a_source_that_is_no_link_is_shown_as_words(
    client: LookingClient, db: Session, source: str
) -> None:
    make_path(db, source=source)
    html = client.get("/parcours/essai").text
    assert f'href="{source}"' not in html
    assert source in html


def test_a_path_no_longer_proposed_offers_no_button_to_begin_it(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    make_path(db)
    client.sign_in(team)
    client.post("/parcours/essai/retirer")
    html = client.sign_in(make.user()).get("/parcours/essai").text
    assert "Suivre ce parcours" not in html
    assert "Ce parcours n’est plus proposé" in html


def test_the_parent_of_a_path_is_kept_though_it_is_no_longer_proposed(
    client: LookingClient, db: Session, team: User
) -> None:
    make_path(db, "parent")
    make_path(db, parent="parent", language="de")
    client.sign_in(team)
    client.post("/parcours/parent/retirer")
    client.post(EDIT)
    html = client.get(f"{EDIT}/fiche").text
    assert '<option selected value="parent">' in html
    assert '<option selected value="de">' in html
