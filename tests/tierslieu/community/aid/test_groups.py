"""Who is in a group, and what everybody else sees of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from courses.enrolments.cohorts.rules import CohortPlan, join_cohort, open_cohort
from courses.enrolments.models import Cohort, EnrolmentStatus, StopReason
from courses.enrolments.queries import find_living_enrolment
from courses.enrolments.rules import change_status
from tests.support.aid import Aid
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.aid.groups.rules import join_aid, publish_charter, settle_left
from tierslieu.community.aid.models import AidAsk, AidMember, AidMessage, Notices
from tierslieu.errors import NotYours
from tierslieu.people.models import User

SECRET = "Qui peut m’aider"


def open_a_cohort(aid: Aid, leader: User) -> Cohort:
    day = NOW.date()
    plan = CohortPlan(
        "Automne", day, day + timedelta(days=30), leader.id, "https://forum.example/a"
    )
    cohort = open_cohort(aid.db, aid.path.id, plan, now=NOW)
    aid.db.commit()
    return cohort


def put_in(aid: Aid, person: User, cohort_id: UUID | None) -> None:
    enrolment = find_living_enrolment(aid.db, person.id, aid.path.id)
    assert enrolment is not None
    join_cohort(aid.db, enrolment.id, cohort_id, now=NOW, by_team=True)
    aid.db.commit()


def sees(client: LookingClient, person: User, ask: AidAsk, group: str) -> bool:
    """All of an ask (the list, the thread, the report's page), or nothing of it."""
    client.sign_in(person)
    message = ask.messages[0].id
    pages = (group, f"/entraide/demandes/{ask.id}", f"/entraide/messages/{message}/signaler")
    found = {SECRET in client.get(url).text for url in pages}
    answers = {
        client.post(f"/entraide/demandes/{ask.id}", data={"words": ""}).status_code != 404,
        client.get(f"/entraide/demandes/{ask.id}").status_code == 200,
    }
    assert len(found | answers) == 1, (found, answers)
    return found.pop()


@pytest.mark.both_databases
def test_a_paths_group_is_for_its_members_and_the_team_alone(
    client: LookingClient, aid: Aid, make: Factory, team: User
) -> None:
    author, member = aid.member(), aid.member("Samira Haddad")
    stopped, gone = aid.member("Jean Petit"), aid.follower(name="Ana Popescu")
    ask, group = aid.ask(author), f"/entraide/parcours/{aid.path.id}"
    enrolment = find_living_enrolment(aid.db, stopped.id, aid.path.id)
    assert enrolment is not None
    change_status(
        aid.db,
        enrolment.id,
        EnrolmentStatus.STOPPED,
        now=NOW,
        actor_id=stopped.id,
        cause=StopReason.TIME,
    )
    aid.db.commit()
    for person in (author, member, team):
        assert sees(client, person, ask, group)
    others = [make.user(role) for role in ("coordinator", "administrator", "researcher", "learner")]
    for person in (stopped, gone, *others):
        assert not sees(client, person, ask, group)
    assert client.sign_in(gone).get(group).status_code == 200  # what it is, and how to join
    assert client.sign_in(stopped).get(group).status_code == 404
    client.sign_out()
    assert SECRET not in client.get(f"/entraide/demandes/{ask.id}").text


@pytest.mark.both_databases
def test_a_cohorts_group_is_for_those_of_the_cohort_and_who_leads_it(
    client: LookingClient, aid: Aid, make: Factory, team: User
) -> None:
    cohort = open_a_cohort(aid, team)
    inside, outside = aid.member(), aid.member("Samira Haddad")
    put_in(aid, inside, cohort.id)
    ask, group = aid.ask(inside, cohort=cohort), f"/entraide/promotions/{cohort.id}"
    assert sees(client, inside, ask, group)
    assert "https://forum.example/a" in client.get(group).text
    assert sees(client, make.user("facilitator"), ask, group)
    assert not sees(client, outside, ask, group)
    assert client.get(group).status_code == 404
    assert SECRET not in client.get(f"/entraide/parcours/{aid.path.id}").text
    put_in(aid, inside, None)
    assert not sees(client, inside, ask, group)
    aid.join(team)
    assert sees(client, team, ask, group)
    team.roles = []
    aid.db.commit()
    assert not sees(client, team, ask, group), "the role is gone, and the group with it"


def test_joining_takes_the_charter_and_a_name_that_is_no_address(
    client: LookingClient, aid: Aid
) -> None:
    person = aid.follower(name="Camille Dubois-Martin")
    client.sign_in(person)
    page = client.get("/entraide/rejoindre").text
    assert 'value="Camille D."' in page
    assert "ni numéro de téléphone" in page
    filled = {"shown_name": "Camille D.", "notices": "digest", "charter": "0"}
    assert "cochez que vous l’acceptez" in client.post("/entraide/rejoindre", data=filled).text
    bad = {**filled, "accepts": "y", "shown_name": person.email}
    assert "Il y a là une adresse mail" in client.post("/entraide/rejoindre", data=bad).text
    old = {**filled, "accepts": "y", "charter": "7"}
    assert "La charte vient de changer" in client.post("/entraide/rejoindre", data=old).text
    assert aid.db.scalars(select(AidMember)).all() == []
    group = f"/entraide/parcours/{aid.path.id}"
    answer = client.post(f"/entraide/rejoindre?suite={group}", data={**filled, "accepts": "y"})
    assert answer.headers["Location"] == group
    member = aid.db.scalars(select(AidMember)).one()
    assert (member.shown_name, member.charter_number, member.accepted_at) == ("Camille D.", 0, NOW)
    for elsewhere in ("https://ailleurs.example/entraide/", "//ailleurs.example", "/entraide//x"):
        again = client.post(f"/entraide/rejoindre?suite={elsewhere}", data={**filled, "accepts": 1})
        assert again.headers["Location"] == "/entraide"


def test_a_page_of_a_group_shows_no_address_and_only_chosen_names(
    client: LookingClient, aid: Aid, team: User
) -> None:
    author = aid.member("Zoé Leroy")
    member = aid.db.scalars(select(AidMember)).one()
    member.shown_name = "Zoé"
    aid.db.commit()
    ask = aid.ask(author)
    client.sign_in(aid.member("Samira Haddad"))
    for url in (f"/entraide/parcours/{aid.path.id}", f"/entraide/demandes/{ask.id}"):
        page = client.get(url).text
        assert "Zoé" in page
        assert "Leroy" not in page
        assert author.email not in page


@pytest.mark.both_databases
def test_a_changed_charter_is_asked_again_before_writing_not_before_reading(
    client: LookingClient, aid: Aid, make: Factory, team: User
) -> None:
    author = aid.member()
    ask = aid.ask(author)
    admin = make.user("administrator")
    client.sign_in(admin).post(
        "/entraide/charte/modifier", data={"seen": "0", "text": "Soyons patients."}
    )
    stale = client.post("/entraide/charte/modifier", data={"seen": "0", "text": "Autre chose."})
    assert "Quelqu’un a publié une autre charte" in stale.text
    assert client.sign_in(author).get(f"/entraide/demandes/{ask.id}").status_code == 200
    moved = client.post(f"/entraide/demandes/{ask.id}", data={"words": "Encore une chose."})
    assert moved.headers["Location"].startswith("/entraide/rejoindre?suite=")
    assert "Soyons patients." in client.get(moved.headers["Location"]).text
    aid.join(author, now=NOW + days(1))
    member = aid.db.scalars(select(AidMember)).one()
    assert (member.charter_number, member.accepted_at) == (1, NOW + days(1))
    aid.answer(author, ask, "Encore une chose.")
    with pytest.raises(NotYours):
        publish_charter(aid.db, author.id, "À moi.", seen=1, now=NOW)


@pytest.mark.both_databases
@pytest.mark.parametrize("with_words", [False, True])
def test_who_leaves_chooses_whether_their_words_stay_without_name_or_go(
    client: LookingClient, aid: Aid, with_words: bool
) -> None:
    leaver, other = aid.member(), aid.member("Samira Haddad")
    alone, answered = aid.ask(leaver, "Sans réponse"), aid.ask(leaver, "Avec réponse")
    of_other = aid.ask(other, "D’une autre")
    aid.answer(other, answered, "Voici comment.")
    aid.answer(leaver, of_other, "Moi aussi.")
    ids = alone.id, answered.id, of_other.id
    client.sign_in(leaver)
    assert "reste, sans votre nom" in client.get("/entraide/quitter").text
    client.post("/entraide/quitter", data={"words": "remove" if with_words else "keep"})
    aid.db.rollback()
    assert "Camille" not in client.sign_in(other).get(f"/entraide/demandes/{of_other.id}").text
    settle_left(aid.db, NOW + days(2))
    aid.db.commit()
    aid.db.expire_all()
    left = {ask.id: ask for ask in aid.db.scalars(select(AidAsk))}
    words = set(aid.db.scalars(select(AidMessage.words)))
    assert "Voici comment." in words
    assert not aid.db.scalars(select(AidMessage).where(AidMessage.author_id == leaver.id)).all()
    assert not aid.db.scalars(select(AidMember).where(AidMember.user_id == leaver.id)).all()
    if with_words:
        assert set(left) == {ids[1], ids[2]}
        assert left[ids[1]].title == ""
        assert "Moi aussi." not in words
    else:
        assert set(left) == set(ids)
        assert "Moi aussi." in words


def test_whoever_is_in_no_group_has_nothing_to_join(aid: Aid, make: Factory) -> None:
    with pytest.raises(NotYours):
        join_aid(
            aid.db,
            make.user().id,
            shown_name="Ana",
            accepts=0,
            notices=Notices.NONE,
            now=NOW,
        )


def test_the_courses_forum_is_shown_and_the_team_may_change_it(
    client: LookingClient, aid: Aid, team: User
) -> None:
    group = f"/entraide/parcours/{aid.path.id}"
    assert "https://mooc-forums.inria.fr/moocnsi/" in client.sign_in(aid.member()).get(group).text
    url = f"{group}/forum"
    client.sign_in(team)
    assert client.post(url, data={"url": "javascript:alert(1)"}).status_code == 422
    client.post(url, data={"url": "https://forum.example/nsi"})
    assert 'href="https://forum.example/nsi"' in client.get(group).text
    client.post(url, data={"url": ""})
    assert "n’a pas de forum connu" in client.get(group).text
