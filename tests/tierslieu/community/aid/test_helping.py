"""Offers of help: counted, shown, and called upon while who offers may answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from courses.enrolments.models import EnrolmentStatus, StopReason
from courses.enrolments.queries import find_living_enrolment
from courses.enrolments.rules import change_status
from tests.support.aid import Aid
from tests.support.client import LookingClient
from tests.support.courses import steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.clock import days
from tierslieu.community.aid.groups.queries import Group
from tierslieu.community.aid.helping.queries import count_shown, list_shown
from tierslieu.community.aid.helping.rules import Help, save_offer
from tierslieu.community.aid.models import (
    AidOffer,
    Notices,
)
from tierslieu.community.aid.moderation.rules import suspend
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User


def test_who_may_not_answer_is_not_called_to_help(aid: Aid, team: User) -> None:
    helper, other = aid.member("Jean Petit", notices=Notices.EACH), aid.member("Samira Haddad")
    offered = Help(frozenset(aid.keys[:1]), online=True)
    group = Group(aid.path, None)
    save_offer(aid.db, aid.reader(helper), group, offered, steps=aid.keys, now=NOW)
    aid.db.commit()
    said = aid.answer(helper, aid.ask(other), "Quelle question idiote.")
    aid.ask(other, step_key=aid.keys[0])
    calls = select(func.count(OutboxMessage.id)).where(
        OutboxMessage.template == "community_aid_asked"
    )
    assert aid.db.scalar(calls) == 1
    suspend(aid.db, aid.reader(team), said.id, count=3, word="Trop.", now=NOW)
    aid.db.commit()
    aid.ask(other, step_key=aid.keys[0], now=NOW + days(1))
    assert aid.db.scalar(calls) == 1
    aid.ask(other, step_key=aid.keys[0], now=NOW + days(4))
    assert aid.db.scalar(calls) == 2


@pytest.mark.both_databases
def test_an_offer_of_help_is_counted_on_the_page_of_its_steps_until_it_ends(
    client: LookingClient, aid: Aid, make: Factory
) -> None:
    helper, learner = aid.member("Samira Haddad"), aid.member()
    url = f"/entraide/parcours/{aid.path.id}"
    client.sign_in(helper)
    bare = client.post(f"{url}/aider", data={"months": "3"})
    assert "Cochez au moins une étape." in bare.text
    filled = {"steps": aid.keys[0], "ways": "on_site", "months": "1", "words": "Le mercredi."}
    spoilt = {**filled, "words": "06 12 34 56 78"}
    assert "numéro de téléphone" in client.post(f"{url}/aider", data=spoilt).text
    client.post(f"{url}/aider", data=filled)
    enrolment = find_living_enrolment(aid.db, learner.id, aid.path.id)
    assert enrolment is not None
    first, second, *_rest = steps_of(aid.db, aid.path)
    pages = [f"/mes-parcours/{enrolment.id}/etapes/{step.id}" for step in (first, second)]
    said = "1 personne propose son aide sur cette étape"
    client.sign_in(learner)
    assert [said in client.get(page).text for page in pages] == [True, False]
    assert "Samira" not in client.get(pages[0]).text
    assert "Le mercredi." in client.get(f"{url}?etape={first.key}").text
    assert "Le mercredi." not in client.get(f"{url}?etape={second.key}").text
    client.sign_in(helper).post(f"{url}/aider/pause")
    assert said not in client.sign_in(learner).get(pages[0]).text
    client.sign_in(helper).post(f"{url}/aider/reprise")
    assert said in client.sign_in(learner).get(pages[0]).text
    found = aid.db.scalars(select(AidOffer)).one()
    found.ends_on = NOW.date() - timedelta(days=1)
    aid.db.commit()
    assert said not in client.get(pages[0]).text
    assert client.sign_in(make.user()).post(f"{url}/aider/fin").status_code == 404
    client.sign_in(helper).post(f"{url}/aider/fin")
    assert aid.db.scalar(select(func.count(AidOffer.id))) == 0


@pytest.mark.both_databases
def test_help_is_counted_of_who_still_follows_the_path_and_of_the_team(
    aid: Aid, team: User
) -> None:
    helper, day = aid.member("Samira Haddad"), NOW.date()
    aid.join(team)
    offered, group = Help(frozenset(aid.keys[:1]), online=True), Group(aid.path, None)
    for person in (helper, team):
        save_offer(aid.db, aid.reader(person), group, offered, steps=aid.keys, now=NOW)
    aid.db.commit()
    assert count_shown(aid.db, aid.path.id, day, aid.keys[0]) == 2
    enrolment = find_living_enrolment(aid.db, helper.id, aid.path.id)
    assert enrolment is not None
    stopped, why = EnrolmentStatus.STOPPED, StopReason.TIME
    change_status(aid.db, enrolment.id, stopped, now=NOW, actor_id=helper.id, cause=why)
    aid.db.commit()
    assert [name for _offer, name in list_shown(aid.db, aid.path.id, day)] == [team.name]
