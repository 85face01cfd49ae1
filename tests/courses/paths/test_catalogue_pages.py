"""The catalogue and the page of a path, as a visitor reads them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from courses.paths.rules import load_catalogue
from tests.support.client import LookingClient
from tests.support.courses import NOW, make_enrolment, make_path, path_facts, step_facts
from tests.support.factories import Factory


@pytest.fixture
def catalogue(db: Session) -> None:
    load_catalogue(db, now=NOW)
    db.commit()


def slugs(html: str) -> list[str]:
    return re.findall(r'<a class="card c4" href="/parcours/([^"]+)"', html)


def test_a_visitor_sees_the_seven_paths(client: LookingClient, catalogue: None) -> None:
    html = client.get("/parcours").text
    assert len(slugs(html)) == 7
    assert "7 parcours" in html


def test_who_one_is_and_the_time_one_has_choose_and_the_page_says_how_many_fit(
    client: LookingClient, catalogue: None
) -> None:
    html = client.get("/parcours?public=anybody&temps=de-10-a-40-h").text
    assert "2 parcours vous conviennent" in html
    assert slugs(html)[:2] == ["iai", "elements-of-ai"]
    assert re.search(r'value="teacher">J’enseigne \(\d\)', html)


def test_a_search_that_finds_nothing_still_shows_every_path(
    client: LookingClient, catalogue: None
) -> None:
    html = client.get("/parcours?public=anybody&temps=moins-de-10-h").text
    assert "Aucun parcours ne répond exactement" in html
    assert "Pour vous aussi" in html
    assert sorted(slugs(html)) == sorted(set(slugs(html)))
    assert len(slugs(html)) == 7


def test_a_path_whose_source_says_no_hours_is_shown_apart(
    client: LookingClient, catalogue: None
) -> None:
    html = client.get("/parcours?public=teacher&temps=moins-de-10-h").text
    assert "leur source ne dit pas la durée" in html
    assert slugs(html)[:2] == ["ai4t", "snt"]


@pytest.mark.parametrize("query", ["public=martien", "temps=%00", "public=&temps=", "page=-1"])
def test_a_strange_filter_is_no_filter(client: LookingClient, catalogue: None, query: str) -> None:
    response = client.get(f"/parcours?{query}")
    assert response.status_code == 200
    assert "7 parcours" in response.text


def test_a_path_shows_its_steps_units_hours_licence_sources_and_the_course(
    client: LookingClient, catalogue: None
) -> None:
    html = client.get("/parcours/snt").text
    assert "Le codage binaire" in html
    assert "durée non précisée" in html
    assert "CC BY 4.0" in html
    assert 'href="https://www.fun-mooc.fr/' in html
    assert "github.com" in html
    assert html.count("/signaler") == 4  # every step, the half-day of the place too


def test_a_licence_that_no_source_states_is_said_so(client: LookingClient, catalogue: None) -> None:
    assert "licence non précisée" in client.get("/parcours/elements-of-ai").text


def test_nsi_leads_to_its_python_part_and_back(client: LookingClient, catalogue: None) -> None:
    assert 'href="/parcours/nsi-python"' in client.get("/parcours/nsi").text
    assert 'href="/parcours/nsi"' in client.get("/parcours/nsi-python").text


def test_an_unknown_path_is_not_found(client: LookingClient, catalogue: None) -> None:
    assert client.get("/parcours/cuisine").status_code == 404


def test_a_visitor_is_led_to_sign_in_and_comes_back(client: LookingClient, catalogue: None) -> None:
    assert 'href="/login?next=/parcours/snt"' in client.get("/parcours/snt").text


def test_the_page_of_a_path_knows_who_follows_it(
    client: LookingClient, db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    client.sign_in(user)
    assert "Suivre ce parcours" in client.get("/parcours/essai").text
    enrolment = make_enrolment(db, user, path)
    html = client.get("/parcours/essai").text
    assert "Vous suivez ce parcours" in html
    assert f"/mes-parcours/{enrolment.id}" in html


def test_what_a_catalogue_says_is_shown_as_text(client: LookingClient, db: Session) -> None:
    load_catalogue(
        db,
        now=NOW,
        catalogue=[path_facts(title="<b>gras</b>", steps=[step_facts("<i>A</i>")])],
    )
    db.commit()
    html = client.get("/parcours/essai").text
    assert "<b>gras" not in html
    assert "<i>A" not in html
