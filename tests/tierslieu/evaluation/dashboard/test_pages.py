"""The dashboard on a page and on paper, by who looks and in each view."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from courses.progress.models import RecordState
from courses.progress.rules import decide
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, said_by
from tests.support.sessions import plain
from tierslieu import clock
from tierslieu.people.models import ROLES, Audience, Gender

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ADDRESSES = ("/tableau-de-bord", "/tableau-de-bord.pdf")
HIDDEN = "qui permettrait de les retrouver par soustraction"


def fill(db: Session, make: Factory, count: int, begun: int, slug: str = "essai") -> None:
    """``count`` people on a path, of whom ``begun`` have a validated step; every other a woman,
    two in three teach."""
    path, team = make_path(db, slug), make.user("facilitator")
    first = steps_of(db, path)[0]
    for number in range(count):
        audience = Audience.ANYBODY if number % 3 == 0 else Audience.TEACHER
        user = make.user(audience=audience, name=f"Zoé Delacroix{number}")
        assert user.profile is not None
        user.profile.gender = (Gender.WOMAN, Gender.MAN)[number % 2]
        db.commit()
        enrolment = make_enrolment(db, user, path, now=NOW)
        if number < begun:
            record = make_record(db, enrolment, first)
            decide(db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
    db.commit()


def read(client: LookingClient, address: str) -> str:
    with clock.fixed_at(NOW):
        answer = client.get(address)
    assert answer.status_code == 200
    return plain(answer.text)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("role", ROLES)
def test_the_dashboard_opens_to_who_coordinates_or_administers(
    client: LookingClient, make: Factory, address: str, role: str
) -> None:
    status = client.sign_in(make.user(role)).get(address).status_code
    assert status == (200 if role in ("coordinator", "administrator") else 403)


@pytest.mark.both_databases
def test_everybody_is_counted_and_each_view_says_its_own(
    client: LookingClient, db: Session, make: Factory
) -> None:
    fill(db, make, 30, 15)
    fill(db, make, 15, 0, "autre")
    client.sign_in(make.user("coordinator"))
    page = read(client, "/tableau-de-bord")
    assert "Inscription : 45, Début : 15, Venue au lieu : 0" in page
    assert "Pas commencé : 30, Commencé, sans venir ni terminer : 15" in page
    assert "23 sur 45. Intervalle de Wilson à 95 % : de 37 % à 65 %." in page
    assert "n trop petit pour conclure" in page
    assert "France, 2022 : 14,6 %" in page
    assert "Inscription : 30, Début : 15" in read(client, "/tableau-de-bord?vue=parcours:essai")
    assert "Inscription : 15, Début : 0" in read(client, "/tableau-de-bord?vue=parcours:autre")
    assert "Inscription : 30, Début : 10" in read(client, "/tableau-de-bord?vue=public:teacher")
    assert "Delacroix" not in page


def test_what_is_hidden_says_why_on_the_page_and_on_paper(
    client: LookingClient, db: Session, make: Factory, tmp_path: Path
) -> None:
    fill(db, make, 30, 3)
    client.sign_in(make.user("coordinator"))
    page = read(client, "/tableau-de-bord")
    assert "Inscription : 30, Début : –" in page
    assert "Pas commencé : –, Commencé, sans venir ni terminer : –" in page
    assert HIDDEN in page
    with clock.fixed_at(NOW):
        paper = said_by(client.get("/tableau-de-bord.pdf").data, tmp_path)
    assert HIDDEN in paper


def test_few_people_in_all_and_nothing_is_said_of_them(
    client: LookingClient, db: Session, make: Factory
) -> None:
    fill(db, make, 9, 9)
    client.sign_in(make.user("coordinator"))
    for view in ("", "parcours:essai", "public:teacher"):
        page = read(client, f"/tableau-de-bord?vue={view}")
        assert "Inscription : –, Début : –" in page
        assert "moins de 10 personnes" in page


def test_a_path_of_few_people_is_told_of_with_others_and_says_so(
    client: LookingClient, db: Session, make: Factory
) -> None:
    for slug, count in (("grand", 20), ("petit", 6), ("moyen", 11)):
        fill(db, make, count, 0, slug)
    client.sign_in(make.user("coordinator"))
    page = read(client, "/tableau-de-bord?vue=parcours:petit")
    assert "Inscription : 17" in page
    together = page.split("ces chiffres sont ceux de ")[1].split(", ensemble")[0]
    assert sorted(together.split(", ")) == ["MOYEN", "PETIT"]
    assert "ces chiffres sont ceux" not in read(client, "/tableau-de-bord?vue=parcours:grand")


@pytest.mark.parametrize("view", ["", "vue=parcours:essai", "vue=public:teacher"])
def test_page_and_paper_say_the_same(
    client: LookingClient, db: Session, make: Factory, tmp_path: Path, view: str
) -> None:
    fill(db, make, 36, 15)
    client.sign_in(make.user("administrator"))
    page = read(client, f"/tableau-de-bord?{view}")
    with clock.fixed_at(NOW):
        pdf = client.get(f"/tableau-de-bord.pdf?{view}").data
    assert_is_tagged(pdf, "Tableau de bord 2026-2027")
    paper = said_by(pdf, tmp_path)
    rows = ("Inscription", "Début", "Venue au lieu", "Pas commencé")
    for row in rows:
        value = page.split(f"{row} : ")[1].split(",")[0]
        assert f"{row} {value}" in paper, (row, value)
    share = page.split("Intervalle de Wilson à 95 % : ")[1].split(".")[0]
    assert share in paper


@pytest.mark.both_databases
def test_an_empty_house_has_a_dashboard(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("coordinator"))
    page = read(client, "/tableau-de-bord")
    assert "Inscription : 0" in page
    assert "Personne n’a dit son genre" in page
    assert HIDDEN not in page
    assert client.get("/tableau-de-bord.pdf").status_code == 200


@pytest.mark.parametrize(
    "asked", ["annee=1999", "annee=rien", "vue=parcours:rien", "vue=rien", "vue=public:"]
)
def test_a_year_or_a_view_that_is_not_there_is_not_found(
    client: LookingClient, make: Factory, asked: str
) -> None:
    client.sign_in(make.user("coordinator"))
    assert client.get(f"/tableau-de-bord?{asked}").status_code == 404


def test_another_year_has_its_own_people(client: LookingClient, db: Session, make: Factory) -> None:
    path = make_path(db)
    for _one in range(12):
        make_enrolment(db, make.user(), path, now=datetime(2026, 8, 31, 12, 0, tzinfo=UTC))
    client.sign_in(make.user("coordinator"))
    assert "Inscription : 0" in read(client, "/tableau-de-bord")
    assert "Inscription : 12" in read(client, "/tableau-de-bord?annee=2025")


def test_the_figures_of_the_month_lead_there(client: LookingClient, make: Factory) -> None:
    client.sign_in(make.user("coordinator"))
    assert 'href="/tableau-de-bord"' in client.get("/chiffres").text
