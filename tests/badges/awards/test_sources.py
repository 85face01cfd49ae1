"""Awarding from a path that many follow: list by list, page by page, or everybody at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from badges.awards import queries, sources, views
from badges.awards.keys import Signer
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.rules import Condition
from courses.paths.models import Path
from tests.support.badges import finish_path, make_badge, open_badges
from tests.support.batches import work
from tests.support.client import LookingClient
from tests.support.courses import make_path
from tests.support.factories import Factory
from tierslieu.people.models import User

K = CriterionKind
READY = ["Ada Un", "Ada Deux", "Ada Trois", "Ada Quatre", "Ada Cinq"]


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def signer(db: Session) -> Signer:
    return open_badges(db)


@pytest.fixture
def path(
    db: Session, make: Factory, team: User, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Five have finished it, one has begun; two people make a page."""
    monkeypatch.setattr(sources, "TOGETHER", 2)
    path = make_path(db, "grand")
    for name in READY:
        finish_path(db, make.user(name=name), path, team)
    finish_path(db, make.user(name="Bob Martin"), path, team, steps=1)
    return path


@pytest.fixture
def badge(db: Session, path: Path) -> BadgeClass:
    return make_badge(db, Condition(K.PATH_COMPLETED, path_id=path.id))


def names_on(page: str) -> set[str]:
    return {name for name in [*READY, "Bob Martin"] if name in page}


def test_each_list_is_looked_at_page_by_page_and_nobody_is_left_out(
    client: LookingClient, badge: BadgeClass, path: Path, team: User
) -> None:
    address = f"/badges/{badge.slug}/attribuer?parcours={path.slug}"
    client.sign_in(team)
    first = client.get(address).get_data(as_text=True)
    assert "5 personnes remplissent les critères" in first
    seen = [names_on(client.get(f"{address}&page={n}").get_data(as_text=True)) for n in (1, 2, 3)]
    assert [len(names) for names in seen] == [2, 2, 1]
    assert set.union(*seen) == set(READY)
    (other,) = re.findall(r'href="([^"]*voir=missing[^"]*)"', first)
    missing = client.get(other.replace("&amp;", "&")).get_data(as_text=True)
    assert names_on(missing) == {"Bob Martin"}
    assert "il manque 1 étape" in missing
    assert 'type="checkbox"' not in missing
    assert client.get(f"{address}&voir=missing&page=9").status_code == 200
    assert client.get(f"{address}&voir=nimporte&page=9").status_code == 200


def test_what_is_ticked_on_a_page_is_awarded_and_one_comes_back_to_it(
    db: Session, client: LookingClient, badge: BadgeClass, path: Path, team: User
) -> None:
    address = f"/badges/{badge.slug}/attribuer?parcours={path.slug}&page=2"
    page = client.sign_in(team).get(address).get_data(as_text=True)
    (target,) = re.findall(r'<form method="post" action="([^"]+attribuer[^"]*)"', page)
    target = target.replace("&amp;", "&")
    nobody = client.post(target, data={"parcours": path.slug})
    assert "page=2" in nobody.location
    assert f"parcours={path.slug}" in nobody.location
    people = re.findall(r'name="people" value="([^"]+)" checked', page)
    assert len(people) == 2
    client.post(target, data={"parcours": path.slug, "people": people})
    assert {str(award.user_id) for award in queries.list_all_awards(db)} == set(people)


@pytest.mark.both_databases
@pytest.mark.parametrize("in_number", [2, 50])
def test_all_who_qualify_are_awarded_at_once_whatever_the_page_shows(
    db: Session,
    client: LookingClient,
    badge: BadgeClass,
    path: Path,
    team: User,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
    in_number: int,
) -> None:
    """Here and now when they are few, by the worker when they are many."""
    monkeypatch.setattr(views, "IN_NUMBER", in_number)
    client.sign_in(team)
    page = client.get(f"/badges/{badge.slug}/attribuer?parcours={path.slug}").get_data(as_text=True)
    assert "Attribuer aux 5 personnes, toutes pages comprises" in page
    answer = client.post(
        f"/badges/{badge.slug}/attribuer", data={"parcours": path.slug, "tous": "1"}
    )
    assert answer.status_code == 302
    if in_number == 2:
        assert "/attributions/" in answer.location
        work(db, signer)
        db.rollback()
    held = {award.holder_name for award in queries.list_all_awards(db)}
    assert held == set(READY)


@pytest.fixture
def judged(db: Session, path: Path) -> BadgeClass:
    """Of which those who finished the path lack only the team's word."""
    return make_badge(
        db,
        Condition(K.PATH_COMPLETED, path_id=path.id),
        Condition(K.JUDGEMENT, statement="a conduit une séance"),
        name="Conduire",
    )


def form_on(page: str) -> str:
    (target,) = re.findall(r'<form method="post" action="([^"]+attribuer[^"]*)"', page)
    return str(target.replace("&amp;", "&"))


def test_after_a_mistake_the_pages_are_of_the_same_path_and_what_was_typed_is_there(
    db: Session, client: LookingClient, judged: BadgeClass, path: Path, team: User
) -> None:
    address = f"/badges/{judged.slug}/attribuer?parcours={path.slug}"
    client.sign_in(team)
    second = client.get(f"{address}&page=2").get_data(as_text=True)
    first = client.get(address).get_data(as_text=True)
    person = re.findall(r'name="people" value="([^"]+)"', second)[0]
    key = f"{person}-{judged.conditions[1].id}"
    sent = {
        "parcours": path.slug,
        "people": [person],
        f"reason-{key}": "",
        f"url-{key}": "https://exemple.org/vu",
    }
    answer = client.post(form_on(first), data=sent)  # as if the list had moved meanwhile
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="https://exemple.org/vu"' in page
    (onward,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert f"parcours={path.slug}" in onward


def test_words_typed_about_somebody_who_is_not_ticked_are_kept(
    db: Session, client: LookingClient, judged: BadgeClass, path: Path, team: User
) -> None:
    address = f"/badges/{judged.slug}/attribuer?parcours={path.slug}"
    page = client.sign_in(team).get(address).get_data(as_text=True)
    person = re.findall(r'name="people" value="([^"]+)"', page)[0]
    key = f"{person}-{judged.conditions[1].id}"
    sent = {"parcours": path.slug, f"reason-{key}": "Vue hier, au tableau."}
    answer = client.post(form_on(page), data=sent)
    assert answer.status_code == 422
    assert "cochez la personne dont vous parlez" in answer.get_data(as_text=True)
    assert "Vue hier, au tableau.</textarea>" in answer.get_data(as_text=True)
    assert queries.list_all_awards(db) == []


@pytest.mark.parametrize("query", ["slug=x", "endpoint=x", "_method=PUT", "_anchor=x", "page=a"])
def test_strange_words_in_the_address_do_no_harm(
    client: LookingClient, badge: BadgeClass, path: Path, team: User, query: str
) -> None:
    address = f"/badges/{badge.slug}/attribuer?{query}"
    answer = client.sign_in(team).post(address, data={"parcours": path.slug})
    assert answer.status_code == 302


@pytest.mark.parametrize("query", ["voir=held", "voir=to_judge", "voir=ready&page=99"])
def test_an_empty_list_says_so(
    client: LookingClient, badge: BadgeClass, path: Path, team: User, query: str
) -> None:
    address = f"/badges/{badge.slug}/attribuer?parcours={path.slug}&{query}"
    assert "Personne ici" in client.sign_in(team).get(address).get_data(as_text=True)
