"""The catalogue of the place: what stands in it for whom, and how little it asks the database."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathDraft, PathVersion
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.support.plans.checklists.models import Checklist
from tierslieu.surveys.models import Instrument

pytestmark = pytest.mark.both_databases
CATALOGUE = "/administration/catalogue"


def put(db: Session, slug: str, title: str, *, retired: bool = False) -> Path:
    path = Path(slug=slug, title=title, short_title=title, retired_at=NOW if retired else None)
    path.versions.append(PathVersion(number=1))
    db.add(path)
    db.commit()
    return path


def main(client: LookingClient, **asked: str) -> str:
    return client.get(CATALOGUE, query_string=asked).text.partition("<main")[2]


def test_each_thing_is_found_by_its_state_and_its_name_whatever_the_accents(
    make: Factory, client: LookingClient, db: Session
) -> None:
    put(db, "ecole", "École des réseaux")
    put(db, "vieux", "Vieux parcours", retired=True)
    db.add(PathDraft(slug="neuf", content={"title": "Parcours neuf"}))
    db.add(PathDraft(slug="ecole", content={"title": "École, autrement"}))
    db.add(Checklist(title="S’inscrire au DIU"))
    db.commit()
    client.sign_in(make.user("facilitator"))
    everything = main(client)
    for name in ("École des réseaux", "Vieux parcours", "Parcours neuf", "DIU"):
        assert name in everything
    assert "École, autrement" not in everything
    found = main(client, q="ecole RESEAUX")
    assert "École des réseaux" in found
    assert "Vieux parcours" not in found
    retired = main(client, etat="retire", genre="parcours")
    assert "Vieux parcours" in retired
    assert "/parcours/vieux/remettre" in retired
    assert "École des réseaux" not in retired
    drafts = main(client, etat="brouillon")
    assert "Parcours neuf" in drafts
    assert "École des réseaux" in drafts
    assert "une version se prépare" in drafts
    assert "Vieux parcours" not in drafts
    assert "Rien de tel" in main(client, q="introuvable")


def test_who_may_not_change_a_thing_is_offered_no_button_and_sees_no_draft_of_it(
    make: Factory, client: LookingClient, db: Session
) -> None:
    put(db, "ecole", "École des réseaux")
    content = {"name": "x"}
    db.add(
        Instrument(
            slug="essai",
            version=1,
            title="Questionnaire secret",
            licence="CC0",
            content=content,
            content_sha256="0" * 64,
        )
    )
    db.commit()
    client.sign_in(make.user("facilitator"))
    shown = main(client)
    assert "/parcours/ecole/retirer" in shown
    assert "Questionnaire secret" not in shown
    client.sign_in(make.user("administrator"))
    shown = main(client)
    assert "École des réseaux" in shown
    assert "/parcours/ecole/retirer" not in shown
    assert "Questionnaire secret" in shown
    assert client.sign_in(make.user("learner")).get(CATALOGUE).status_code == 403


def test_a_longer_catalogue_has_pages_and_asks_no_more_of_the_database(
    make: Factory, client: LookingClient, db: Session
) -> None:
    put(db, "p-0", "Parcours 00")
    client.sign_in(make.user("facilitator", "administrator"))
    main(client)
    db.expire_all()  # as writing does below: both read who asks, and their roles
    with counted_queries() as few:
        main(client)
    for number in range(1, 30):
        put(db, f"p-{number}", f"Parcours {number:02}")
    with counted_queries() as many:
        first = main(client)
    assert len(many) == len(few)
    assert "Parcours 24" in first
    assert "Parcours 25" not in first
    assert "Parcours 25" in main(client, page="2")
