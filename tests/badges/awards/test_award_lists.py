"""Who holds a badge: the list for the team, and what it says."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.models import Award
from tests.support.badges import (
    NOW,
    make_award,
    make_badge,
    open_badges,
)
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people.models import User

# WeasyPrint leaves the closing of its own colour profile to the collector.


pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*sRGB2014:ResourceWarning")


NASTY = '<script>alert("x")</script>'


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def team(make: Factory) -> User:
    return make.user("facilitator")


@pytest.fixture
def award(db: Session, ada: User, team: User) -> Award:
    return make_award(db, ada, team, open_badges(db))


def share(db: Session, award: Award) -> None:
    assert award.user_id is not None
    rules.share(db, award.id, award.user_id, now=NOW)
    db.commit()


def test_the_list_of_holders_is_for_the_team(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    client.sign_in(team)
    page = client.get(f"/badges/{award.badge.slug}/attribues").get_data(as_text=True)
    assert "Ada Lovelace" in page
    assert "En cours" in page
    badge = make_badge(db, name="À personne")
    none = client.get(f"/badges/{badge.slug}/attribues").get_data(as_text=True)
    assert "n’a pas encore été attribué" in none


def test_a_holder_s_name_is_shown_as_words(
    db: Session, make: Factory, client: LookingClient, team: User
) -> None:
    eve = make.user(name=NASTY)
    award = make_award(db, eve, team, open_badges(db), description=NASTY)
    share(db, award)
    page = client.get(f"/credentials/{award.id}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert client.get(f"/credentials/{award.id}.pdf").status_code == 200


def test_who_received_a_badge_says_how_many_and_how_many_withdrawn(
    db: Session, client: LookingClient, award: Award, team: User
) -> None:
    url = f"/badges/{award.badge.slug}/attribues"
    client.sign_in(team)
    assert "<p>1 attribution.</p>" in client.get(url).text
    rules.revoke(db, award.id, reason="Erreur.", now=clock.now(), actor_id=team.id)
    db.commit()
    assert "<p>1 attribution, dont 1 retirée.</p>" in client.get(url).text
