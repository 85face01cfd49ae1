"""The catalogue of the place: what stands in it for whom, and how little it asks the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy.orm import Session

from courses.paths.models import Path, PathDraft, PathVersion
from courses.positioning.models import QuizVersion
from tests.support.badges import make_badge
from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tests.support.weeks import make_week
from tierslieu import clock
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


def lines(page: str) -> dict[str, str]:
    """Each line of the list, as text, by its name."""
    found = html.fromstring(f"<main{page}").xpath('//ul[contains(@class, "roll")]/li')
    return {one.xpath(".//strong")[0].text_content(): one.text_content() for one in found}


def test_a_course_says_where_it_comes_from_and_is_read_again_after_a_year(
    make: Factory, client: LookingClient, db: Session
) -> None:
    snt, old = put(db, "snt", "Enseigner SNT"), put(db, "iai", "L’IA")
    for path in (snt, old):
        path.url, path.licence = "https://www.fun-mooc.fr/cours", "CC BY 4.0"
        path.source = "https://portail.example/fr/moocs ; https://github.com/inria/snt"
    put(db, "ici", "Écrit ici")
    old.versions[0].published_at = clock.now() - timedelta(days=400)
    put(db, "sans", "Sans licence").url = "https://www.elementsofai.fr"
    db.commit()
    client.sign_in(make.user("facilitator"))
    found = lines(main(client))
    for told in ("www.fun-mooc.fr", "portail.example", "github.com", "CC BY 4.0", "« Animer »"):
        assert told.replace("« ", "«\u202f").replace(" »", "\u202f»") in found["Enseigner SNT"], (
            told
        )
    assert "à revoir" not in found["Enseigner SNT"]
    assert "D’où il vient" not in found["Écrit ici"]
    assert "source lue il y a plus d’un an" in found["L’IA"]
    assert "licence non dite par la source" in found["Sans licence"]
    assert set(lines(main(client, etat="a-revoir"))) == {"L’IA", "Sans licence"}

    old.versions.append(PathVersion(number=2))  # read again today
    db.commit()
    assert set(lines(main(client, etat="a-revoir"))) == {"Sans licence"}
    old.retired_at = NOW - timedelta(days=500)
    db.commit()
    assert set(lines(main(client, etat="a-revoir"))) == {"Sans licence"}


def test_badges_weeks_and_positionings_stand_there_as_they_are(
    make: Factory, client: LookingClient, db: Session
) -> None:
    team = make.user("facilitator")
    make_badge(db, name="Badge en préparation")
    offered, archived = make_badge(db, name="Badge proposé"), make_badge(db, name="Badge archivé")
    offered.published_at = archived.published_at = archived.archived_at = NOW
    db.commit()
    make_week(db, team, title="Semaine publiée", beds=(), half_days=1)
    off = make_week(db, team, title="Semaine annulée", beds=(), half_days=1)
    off.cancelled_at = NOW
    quiz = put(db, "quiz", "Parcours au positionnement")
    db.add(QuizVersion(path_id=quiz.id, number=1, content={}))
    db.commit()
    client.sign_in(team)
    badges = lines(main(client, genre="badges"))
    assert "en préparation" in badges["Badge en préparation"]
    assert "Archiver" in badges["Badge proposé"]
    assert "L’attribuer de nouveau" in badges["Badge archivé"]
    assert set(lines(main(client, genre="badges", etat="retire"))) == {"Badge archivé"}
    weeks = lines(main(client, genre="semaines"))
    assert "annulée" in weeks["Semaine annulée"]
    assert "Annuler la semaine" not in weeks["Semaine annulée"]
    assert "Semaine publiée" in weeks
    found = main(client, genre="positionnements")
    assert "version 1" in lines(found)["Parcours au positionnement"]
    assert f"/parcours/{quiz.slug}/positionnement" in found
    assert set(lines(main(client, genre="positionnements", etat="brouillon"))) == set()
