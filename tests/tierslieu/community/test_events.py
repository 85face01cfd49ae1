"""The base of events: what is to come and in which order, who comes and who sees it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.community import announce, viewing
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.events.models import Event, EventComer, OpenTo
from tierslieu.community.events.queries import EventsWanted, count_events, list_events
from tierslieu.community.events.rules import EventFacts, save_event
from tierslieu.people.models import User

TODAY = date(2026, 11, 19)
FORM = {
    "name": "Portes ouvertes",
    "date_words": "mi-décembre",
    "place": "Antibes",
    "description": "On montre tout.",
    "organiser": "Le lieu",
    "author": "Bo",
    "open_to": "yes",
    "link": "",
    "space": "",
}


def comers(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(EventComer)) or 0


def test_a_date_stays_as_it_was_typed_and_says_how_it_was_understood(
    client: LookingClient, db: Session, make: Factory
) -> None:
    client.sign_in(make.user())
    html = client.post("/evenements/nouveau", data=FORM, follow_redirects=True).text
    assert "mi-décembre" in html
    assert "entre le 11\u00a0décembre\u00a02026 et le 20\u00a0décembre\u00a02026" in html
    (event,) = db.scalars(select(Event))
    assert (event.earliest, event.latest) == (date(2026, 12, 11), date(2026, 12, 20))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Donnez un nom à l’événement"),
        ({"date_words": "x" * 121}, "120 caractères sont possibles"),
        ({"open_to": ""}, "Choisissez une réponse"),
        ({"link": "ftp://x"}, "Ce lien n’est pas une adresse du Web"),
        ({"place": "a\nb\x07"}, "caractère invisible"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_its_field(
    client: LookingClient, db: Session, make: Factory, changes: dict[str, str], sentence: str
) -> None:
    response = client.sign_in(make.user()).post("/evenements/nouveau", data={**FORM, **changes})
    assert response.status_code == 422
    assert sentence in response.text
    assert db.scalar(select(func.count(Event.id))) == 0


@pytest.mark.both_databases
def test_vague_dates_sort_among_exact_ones_and_what_nobody_understood_comes_last(
    db: Session, make: Factory
) -> None:
    owner = make.user()
    for name, when in (
        ("e", "quand on pourra"),
        ("d", "printemps 2027"),
        ("b", "mi-décembre"),
        ("c", "15 décembre 2026"),
        ("a", "novembre 2026"),
        ("passé 2", "14/11/2026"),
        ("passé 1", "octobre 2026"),
    ):
        announce(db, owner, name, when)
    viewer = viewing(db, owner)

    def names(**wanted: Any) -> list[str]:
        return [e.name for e in list_events(db, viewer, EventsWanted(**wanted), TODAY)]

    assert names() == ["a", "b", "c", "d", "e"]
    assert names(is_past=True) == ["passé 2", "passé 1"]
    assert names(is_past=None) == ["passé 1", "a", "passé 2", "b", "c", "d", "e"]
    assert names(text="DECEMBRE") == ["b", "c"]
    assert count_events(db, viewer, EventsWanted(), TODAY) == 5


def test_the_list_says_which_dates_were_not_understood(
    client: LookingClient, db: Session, make: Factory
) -> None:
    owner = make.user()
    announce(db, owner, "Bientôt", "quand on pourra")
    announce(db, owner, "Sûr", "1er décembre 2026")
    html = client.sign_in(owner).get("/evenements").text
    assert html.count("date non comprise, rangée à la fin") == 1
    assert html.index("Sûr") < html.index("Bientôt")


@pytest.mark.parametrize(
    ("words", "says_how"), [("14 mars 2027", False), ("14 mars", True), ("mi-mars 2027", True)]
)
def test_how_words_were_understood_is_said_unless_they_are_the_very_day(
    client: LookingClient, db: Session, make: Factory, words: str, says_how: bool
) -> None:
    owner = make.user()
    event = announce(db, owner, "Fête", words)
    html = client.sign_in(owner).get(f"/evenements/{event.id}").text
    assert ("rangé" in html) is says_how


@pytest.mark.both_databases
def test_the_days_of_unchanged_words_do_not_slip_a_year(db: Session, make: Factory) -> None:
    owner = make.user()
    event = announce(db, owner, when="mi-décembre")
    later = NOW + days(60)
    viewer = viewing(db, owner)
    facts = EventFacts("Portes ouvertes", place="Nice", date_words="mi-décembre")
    save_event(db, viewer, event.id, facts, now=later)
    assert event.earliest == date(2026, 12, 11)
    facts = EventFacts("Portes ouvertes", place="Nice", date_words="mi-janvier")
    save_event(db, viewer, event.id, facts, now=later)
    assert event.earliest == date(2027, 1, 11)


@pytest.mark.both_databases
def test_one_says_one_comes_by_name_or_not_and_takes_it_back(
    client: LookingClient, db: Session, make: Factory, team: User
) -> None:
    owner = make.user()
    event = announce(db, owner)
    url = f"/evenements/{event.id}"
    named, shy = make.user(name="Zoé Leroy"), make.user(name="Igor Caché")
    client.sign_in(named)
    html = client.post(f"{url}/participation", data={"is_named": "y"}, follow_redirects=True).text
    assert "Vous venez." in html
    assert "1 personne a dit" in html
    client.sign_in(shy).post(f"{url}/participation")
    for person in (owner, team):
        html = client.sign_in(person).get(url).text
        assert "2 personnes ont dit" in html
        assert "Zoé Leroy" in html
        assert "Igor Caché" not in html
    html = client.sign_in(make.user()).get(url).text
    assert "2 personnes ont dit" in html
    assert "Zoé Leroy" not in html
    client.sign_in(named).post(f"{url}/participation")  # changes their mind about the name
    assert "Zoé Leroy" not in client.sign_in(owner).get(url).text
    assert comers(db) == 2
    client.sign_in(shy).post(f"{url}/participation/retirer")
    client.post(f"{url}/participation/retirer")
    assert comers(db) == 1


@pytest.mark.parametrize(
    ("when", "open_to", "sentence"),
    [
        ("14 décembre 2026", OpenTo.NO, "ouvert qu’aux personnes invitées"),
        ("14/11/2026", OpenTo.YES, "Cet événement est passé"),
    ],
)
def test_nobody_comes_to_what_is_over_or_not_open(
    client: LookingClient, db: Session, make: Factory, when: str, open_to: OpenTo, sentence: str
) -> None:
    event = announce(db, make.user(), when=when, open_to=open_to)
    url = f"/evenements/{event.id}"
    client.sign_in(make.user())
    assert ">Je viens<" not in client.get(url).text
    assert sentence in client.post(f"{url}/participation", follow_redirects=True).text
    assert comers(db) == 0


@pytest.mark.both_databases
def test_where_one_comes_stands_on_ones_home_page_until_it_is_over(
    client: LookingClient, db: Session, make: Factory
) -> None:
    person = make.user()
    event = announce(db, make.user(), "La grande fête")
    client.sign_in(person)
    assert "La grande fête" not in client.get("/").text
    client.post(f"/evenements/{event.id}/participation")
    assert "La grande fête" in client.get("/").text
    event.earliest = event.latest = TODAY
    db.commit()
    assert "La grande fête" in client.get("/").text
    event.earliest = event.latest = date(2026, 11, 18)
    db.commit()
    assert "La grande fête" not in client.get("/").text


def test_a_visitor_is_asked_to_sign_in_before_saying_so(
    client: LookingClient, db: Session, make: Factory
) -> None:
    event = announce(db, make.user(), is_public=True)
    url = f"/evenements/{event.id}"
    assert f"/login?next=/evenements/{event.id}" in client.get(url).text
    assert "/login" in client.post(f"{url}/participation").location
    assert comers(db) == 0


def test_the_list_of_events_costs_few_statements(
    client: LookingClient, db: Session, make: Factory
) -> None:
    owner = make.user()
    for number in range(22):
        announce(db, owner, f"Événement {number:02}", f"{number + 1} décembre 2026")
    client.sign_in(owner)
    client.get("/evenements")
    with counted_queries() as sent:
        html = client.get("/evenements").text
    assert html.count("Événement ") == 20
    assert len(sent) <= 9, sent
    assert "Événement 21" in client.get("/evenements?page=2").text


def test_filters_of_the_address_are_those_of_the_list_and_of_its_csv(
    client: LookingClient, db: Session, make: Factory
) -> None:
    owner = make.user()
    announce(db, owner, "Ouverte")
    announce(db, owner, "Inscrite", open_to=OpenTo.REGISTRATION)
    announce(db, owner, "Passée", "14/11/2026")
    client.sign_in(owner)
    for query, names in (
        ("", {"Ouverte", "Inscrite"}),
        ("?ouvert=inscription", {"Inscrite"}),
        ("?quand=passes", {"Passée"}),
        ("?quand=tous", {"Ouverte", "Inscrite", "Passée"}),
        ("?q=inscri", {"Inscrite"}),
    ):
        for url in ("/evenements", "/evenements.csv"):
            text = client.get(url + query).text
            assert {n for n in ("Ouverte", "Inscrite", "Passée") if n in text} == names, url + query
