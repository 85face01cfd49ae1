"""The page of everything that waits: who may receive which badge now, and why."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from badges.awards import proposals, queries, rules
from badges.designs.models import BadgeClass, CriterionKind
from badges.designs.rules import Condition, Group
from courses.paths.queries import find_path
from tests.support.badges import (
    NOW,
    finish_path,
    house_here,
    make_award,
    make_badge,
    make_path_badge,
    open_badges,
)
from tests.support.client import LookingClient
from tests.support.courses import counted_queries, make_path
from tests.support.crowd import make_crowd
from tests.support.factories import Factory
from tierslieu.people.models import User

K = CriterionKind
URL = "/badges/propositions"


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace")


def judged_badge(db: Session) -> tuple[BadgeClass, Any, Any]:
    """A badge for who finished a path and was seen to teach."""
    path = make_path(db, "avec-jugement")
    badge = make_badge(
        db,
        Condition(K.PATH_COMPLETED, path_id=path.id),
        Condition(K.JUDGEMENT, statement="a conduit une séance"),
        name="Enseigner devant une classe",
    )
    return badge, path, badge.conditions[1]


def test_nobody_waits_and_the_page_says_when_somebody_will(
    db: Session, client: LookingClient, team: User
) -> None:
    client.sign_in(team)
    assert "Personne n’attend de badge" in client.get(URL).get_data(as_text=True)


def test_who_qualifies_is_shown_with_since_when_and_why_and_awarded_in_one_press(
    db: Session, make: Factory, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path = make_path_badge(db)
    bob = make.user(name="Bob Martin")
    finish_path(db, ada, path, team)
    finish_path(db, bob, path, team, steps=1)
    client.sign_in(team)
    assert URL in client.get("/").get_data(as_text=True), "reached from the first page"
    page = client.get(URL).get_data(as_text=True)
    assert "1 personne remplit les critères" in page
    assert "Ada Lovelace" in page
    assert "depuis le 20\u00a0novembre\u00a02026" in page
    assert (
        f"parcours «\u202f{path.short_title}\u202f» terminé le 20\u00a0novembre\u00a02026" in page
    )
    assert "Bob Martin" not in page
    assert queries.list_all_awards(db) == [], "looking awards nothing"
    done = client.post(
        f"/badges/{badge.slug}/attribuer",
        data={"propositions": "1", "people": [str(ada.id)]},
        follow_redirects=True,
    )
    assert done.request.path == URL
    assert "Badge attribué à 1 personne" in done.get_data(as_text=True)
    assert "Ada Lovelace" not in done.get_data(as_text=True)
    (award,) = queries.list_awards(db, ada.id)
    assert award.awarded_by_id == team.id
    assert not award.is_automatic


def test_nobody_is_proposed_to_themselves(db: Session, client: LookingClient, team: User) -> None:
    open_badges(db)
    _badge, path = make_path_badge(db)
    other = Factory(db).user("facilitator")
    finish_path(db, team, path, other)
    client.sign_in(team)
    page = client.get(URL).get_data(as_text=True)
    assert "Vous remplissez aussi les critères" in page
    assert 'name="people"' not in page


def test_whom_it_was_withdrawn_from_is_shown_unticked_with_the_reason(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    award = make_award(db, ada, team, open_badges(db))
    slug = award.badge.slug
    rules.revoke(db, award.id, reason="Une autre Ada.", now=NOW, actor_id=team.id)
    db.commit()
    client.sign_in(team)
    page = client.get(URL).get_data(as_text=True)
    assert "Ce badge lui a été retiré le 20\u00a0novembre\u00a02026\u00a0: Une autre Ada." in page
    assert f'value="{ada.id}" checked' not in page
    client.post(f"/badges/{slug}/attribuer", data={"propositions": "1", "tous": "1"})
    assert len(queries.list_awards(db, ada.id)) == 1, "not with all the others"


def test_more_than_are_shown_are_awarded_at_once_on_demand(
    db: Session, make: Factory, client: LookingClient, team: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "SHOWN", 2)
    open_badges(db)
    badge, path = make_path_badge(db)
    people = [make.user() for _ in range(3)]
    for person in people:
        finish_path(db, person, path, team)
    client.sign_in(team)
    page = client.get(URL).get_data(as_text=True)
    assert page.count('name="people"') == 2
    assert "Attribuer à 3 personnes d’un coup" in page
    client.post(f"/badges/{badge.slug}/attribuer", data={"propositions": "1", "tous": "1"})
    assert len(queries.list_all_awards(db)) == 3


def test_a_judgement_is_stated_in_the_same_form_and_kept_as_it_was_said(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path, condition = judged_badge(db)
    finish_path(db, ada, path, team)
    client.sign_in(team)
    page = client.get(URL).get_data(as_text=True)
    assert "il ne manque que votre constat" in page
    assert f'value="{ada.id}" checked' not in page, "nobody is judged beforehand"
    assert f'name="reason-{ada.id}-{condition.id}"' in page
    public = re.search(rf'name="reason_public-{ada.id}-{condition.id}" value="y"( checked)?', page)
    assert public is not None
    assert public[1], "the words go into the badge unless one unticks it"
    key = f"{ada.id}-{condition.id}"
    data = {
        "propositions": "1",
        "people": [str(ada.id)],
        f"reason-{key}": "Vue en Seconde 4,\r\nle 3 novembre.",
        f"reason_public-{key}": "y",
        f"url-{key}": "https://example.org/photo",
    }
    client.post(f"/badges/{badge.slug}/attribuer", data=data)
    (award,) = queries.list_awards(db, ada.id)
    (judgement,) = award.judgements
    assert judgement.reason == "Vue en Seconde 4,\nle 3 novembre."
    assert not judgement.is_url_public
    evidence = json.loads(award.credential)["evidence"]
    assert [e.get("narrative") for e in evidence] == [judgement.reason]
    assert "example.org/photo" not in award.credential
    client.sign_in(ada)
    mine = client.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "https://example.org/photo" in mine
    assert "Ce lien n’est pas dans le badge" in mine
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    visitor = client.application.test_client()
    seen = visitor.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "Vue en Seconde 4" in seen
    assert "example.org/photo" not in seen


def test_words_kept_between_the_team_and_the_holder_are_on_no_public_page(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path, condition = judged_badge(db)
    finish_path(db, ada, path, team)
    client.sign_in(team)
    key = f"{ada.id}-{condition.id}"
    data = {"propositions": "1", "people": [str(ada.id)], f"reason-{key}": "Entre nous seulement."}
    client.post(f"/badges/{badge.slug}/attribuer", data=data)
    (award,) = queries.list_awards(db, ada.id)
    rules.share(db, award.id, ada.id, now=NOW)
    db.commit()
    visitor = client.application.test_client()
    for form in ("", ".json", ".svg"):
        assert "Entre nous" not in visitor.get(f"/credentials/{award.id}{form}").text
    assert "Entre nous" in client.get(f"/credentials/{award.id}").text


@pytest.mark.parametrize(
    ("reason", "url", "sentence"),
    [
        ("", "", "Écrivez ce que vous avez constaté"),
        ("", "https://example.org/", "Écrivez ce que vous avez constaté"),
        ("Vue.", "chez moi", "n’est pas une adresse du Web"),
        ("a\u0007b", "", "caractère invisible"),
    ],
)
@pytest.mark.parametrize("source", ["propositions", "parcours"])
def test_a_judgement_that_is_wrong_is_asked_again_with_what_was_typed_and_nothing_is_awarded(
    db: Session,
    client: LookingClient,
    make: Factory,
    ada: User,
    team: User,
    reason: str,
    url: str,
    sentence: str,
    source: str,
) -> None:
    open_badges(db)
    badge, path, condition = judged_badge(db)
    bob = make.user(name="Bob Martin")
    for person in (ada, bob):
        finish_path(db, person, path, team)
    client.sign_in(team)
    data = {source: "1" if source == "propositions" else path.slug, "people": [str(ada.id)]}
    for person in (ada, bob):
        data[f"reason-{person.id}-{condition.id}"] = reason if person is ada else "Autre chose."
        data[f"url-{person.id}-{condition.id}"] = url if person is ada else ""
    answer = client.post(f"/badges/{badge.slug}/attribuer", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{ada.id}" checked' in page, "who was ticked stays so"
    assert f'value="{url}"' in page
    assert queries.list_all_awards(db) == []


def test_from_a_path_too_the_judgement_is_stated(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    open_badges(db)
    badge, path, condition = judged_badge(db)
    finish_path(db, ada, path, team)
    client.sign_in(team)
    page = client.get(f"/badges/{badge.slug}/attribuer?parcours={path.slug}").text
    assert "Il ne manque que votre constat à 1 personne" in page
    data = {
        "parcours": path.slug,
        "people": [str(ada.id)],
        f"reason-{ada.id}-{condition.id}": "Vue.",
    }
    client.post(f"/badges/{badge.slug}/attribuer", data=data)
    assert len(queries.list_awards(db, ada.id)) == 1


def test_a_badge_that_asks_only_a_judgement_waits_for_nobody_in_particular(
    db: Session, client: LookingClient, make: Factory, ada: User, team: User
) -> None:
    open_badges(db)
    _badge, path = make_path_badge(db)
    finish_path(db, ada, path, team, steps=1)
    make_badge(db, Condition(K.JUDGEMENT, statement="est aimable"), name="Amabilité")
    client.sign_in(team)
    assert "Amabilité" not in client.get(URL).text


def test_the_holder_sees_in_the_backpack_how_many_are_missing(
    db: Session, client: LookingClient, ada: User, team: User
) -> None:
    parts = [make_award(db, ada, team, open_badges(db), name=f"Partie {n}").badge for n in (1, 2)]
    parts += [make_badge(db, name=f"Partie {n}") for n in (3, 4, 5)]
    wanted = [Condition(K.BADGE_HELD, asked_badge_id=part.id) for part in parts]
    make_badge(db, name="Trois de cinq", groups=[Group(wanted, 3)])
    client.sign_in(ada)
    page = client.get("/mes-badges").text
    assert "Trois de cinq" in page
    assert "2 sur 3\u00a0: il manque l’un de ces points" in page


@pytest.mark.both_databases
def test_the_page_takes_as_many_queries_for_many_badges_and_people_as_for_few(
    app: Flask, db: Session, make: Factory
) -> None:
    make_path(db)
    counts = []
    viewer = make.user("facilitator").id
    for seed, people in ((1, 5), (2, 60)):
        path = find_path(db, "essai")
        assert path is not None
        make_crowd(db, make, people, [path], seed=seed)
        for number in range(seed * 3):
            conditions = (
                Condition(K.PATH_COMPLETED, path_id=path.id),
                Condition(K.HALF_DAYS, count=1),
            )
            make_badge(db, *conditions, name=f"Badge {seed}-{number}")
        db.expunge_all()
        with counted_queries(db) as seen:
            found = proposals.list_proposals(db, house_here(), viewer_id=viewer, now=NOW)
        assert found
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", ["learner", "researcher", "coordinator", "administrator"])
def test_only_the_team_sees_it(make: Factory, client: LookingClient, role: str) -> None:
    client.sign_in(make.user(role))
    assert client.get(URL).status_code == 403
