"""Reporting; what the team decides; that it is told and written down; offers of help."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.aid import Aid
from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tests.tierslieu.community.test_offers import offer
from tierslieu.clock import days
from tierslieu.community.aid.asks.rules import take_back
from tierslieu.community.aid.groups.queries import Group, reader_of
from tierslieu.community.aid.groups.rules import change_member, leave_aid, settle_left
from tierslieu.community.aid.helping.queries import count_shown
from tierslieu.community.aid.helping.rules import Help, save_offer
from tierslieu.community.aid.models import (
    Act,
    AidAsk,
    AidDecision,
    AidMember,
    AidMessage,
    AidReport,
    Notices,
    ReportReason,
)
from tierslieu.community.aid.moderation.rules import lift, moderate, report, suspend
from tierslieu.errors import NotYours, Refused
from tierslieu.house import PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

HURTFUL = ReportReason.HURTFUL


def told(db: Session, person: User) -> list[tuple[str, str]]:
    """What this person was told by mail of what was decided."""
    found = db.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.template == "community_aid_moderated",
            OutboxMessage.recipient == person.email,
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
    )
    return [(mail.context["act"], mail.context["word"]) for mail in found]


def say(aid: Aid, person: User, message: AidMessage) -> None:
    report(aid.db, aid.reader(person), message.id, reason=HURTFUL, words="", now=NOW)
    aid.db.commit()


@pytest.mark.both_databases
def test_a_reported_message_is_looked_at_hidden_with_a_word_and_restored(
    client: LookingClient, aid: Aid, team: User
) -> None:
    author, reporter = aid.member("Jean Petit"), aid.member("Samira Haddad")
    ask = aid.ask(reporter)
    message = aid.answer(author, ask, "Quelle question idiote.")
    url, thread = f"/entraide/messages/{message.id}", f"/entraide/demandes/{ask.id}"
    client.sign_in(reporter)
    assert "Choisissez ce qui ne va pas." in client.post(f"{url}/signaler", data={}).text
    client.post(f"{url}/signaler", data={"reason": "hurtful", "words": "Blessant."})
    again = client.post(f"{url}/signaler", data={"reason": "hurtful"})
    assert "Vous avez déjà signalé" in again.text
    assert client.sign_in(author).get(f"{url}/moderer").status_code == 403
    client.sign_in(team)
    assert "1 message signalé" in client.get("/").text
    assert "Blessant." in client.get(f"{url}/moderer").text
    assert "Dites pourquoi" in client.post(f"{url}/moderer", data={"act": "hide"}).text
    client.post(f"{url}/moderer", data={"act": "hide", "word": "Restons bienveillants."})
    assert "Rien à regarder" in client.get("/entraide/moderation").text
    assert "Restons bienveillants." in client.get("/entraide/moderation").text
    assert told(aid.db, author) == [("hide", "Restons bienveillants.")]
    assert "idiote" not in client.sign_in(reporter).get(thread).text
    group = f"/entraide/parcours/{aid.path.id}"
    assert "1 demande<" not in client.get(f"{group}?q=idiote").text
    assert "idiote" in client.sign_in(author).get(thread).text
    client.sign_in(team).post(f"{url}/moderer", data={"act": "restore", "word": ""})
    assert "idiote" in client.sign_in(reporter).get(thread).text
    assert "1 demande<" in client.get(f"{group}?q=idiote").text
    acts = list(aid.db.scalars(select(AidDecision).order_by(AidDecision.at, AidDecision.id)))
    assert [(one.act, one.actor_id) for one in acts] == [
        (Act.HIDE, team.id),
        (Act.RESTORE, team.id),
    ]


@pytest.mark.both_databases
def test_three_people_hide_a_message_until_the_team_has_looked(aid: Aid, team: User) -> None:
    author = aid.member("Jean Petit")
    ask = aid.ask(author)
    message = ask.messages[0]
    people = [aid.member(f"Personne {number}") for number in range(6)]
    for person in people[:2]:
        say(aid, person, message)
    assert message.hidden_at is None
    with pytest.raises(Refused, match="de vous"):
        say(aid, author, message)
    aid.db.rollback()
    say(aid, people[2], message)
    assert message.hidden_at == NOW
    assert told(aid.db, author) == [("auto_hide", "")]
    with pytest.raises(NotYours):  # an ask that is hidden is nobody's to read
        say(aid, people[3], message)
    aid.db.rollback()
    with pytest.raises(Refused, match="masqué"):
        take_back(aid.db, aid.reader(author), message.id, now=NOW)
    aid.db.rollback()
    moderate(aid.db, aid.reader(team), message.id, Act.RESTORE, word="", now=NOW)
    aid.db.commit()
    say(aid, people[3], message)
    say(aid, people[4], message)
    assert message.hidden_at is None  # those that were answered count no more


@pytest.mark.both_databases
def test_reporting_at_once_counts_one_a_person(app: Flask, aid: Aid) -> None:
    author, person = aid.member("Jean Petit"), aid.member("Samira Haddad")
    message_id, person_id = aid.ask(author).messages[0].id, person.id
    aid.db.rollback()

    def act(session: Session, number: int) -> None:
        reader = reader_of(session, session.get_one(User, person_id))
        report(session, reader, message_id, reason=HURTFUL, words="", now=NOW)

    outcomes = at_once(app, act)
    assert sorted(outcomes) == sorted(["already_reported"] * (AT_ONCE - 1) + ["done"])
    assert aid.db.scalar(select(func.count(AidReport.id))) == 1


@pytest.mark.both_databases
def test_several_people_at_once_hide_once(app: Flask, aid: Aid) -> None:
    author = aid.member("Jean Petit")
    people = [aid.member(f"Personne {number}").id for number in range(AT_ONCE)]
    message_id = aid.answer(author, aid.ask(author), "Un mot.").id
    aid.db.rollback()

    def act(session: Session, number: int) -> None:
        reader = reader_of(session, session.get_one(User, people[number]))
        report(session, reader, message_id, reason=HURTFUL, words="", now=NOW)

    outcomes = at_once(app, act)
    assert set(outcomes) <= {"done", "not_found"}  # who comes late finds it hidden
    assert outcomes.count("done") >= 3
    assert aid.db.scalar(select(func.count(AidDecision.id))) == 1


def test_nobody_moderates_their_own_message(
    client: LookingClient, aid: Aid, make: Factory, team: User
) -> None:
    own = aid.follower("facilitator", name="Paul Girard")
    aid.join(own)
    message = aid.ask(own).messages[0]
    say(aid, aid.member("Samira Haddad"), message)
    for act in (Act.KEEP, Act.HIDE, Act.REMOVE):
        with pytest.raises(Refused, match="autre personne de l’équipe"):
            moderate(aid.db, aid.reader(own), message.id, act, word="Non.", now=NOW)
        aid.db.rollback()
    url = f"/entraide/messages/{message.id}/moderer"
    page = client.sign_in(own).get(url).text
    assert "Une autre personne de l’équipe" in page
    assert 'name="act"' not in page
    assert "1 signalement" in page
    assert "Samira" not in page, "whoever wrote it does not learn who reported it"
    assert "blessant" not in page
    moderate(aid.db, aid.reader(team), message.id, Act.REMOVE, word="Hors sujet.", now=NOW)
    aid.db.commit()
    assert (message.words, message.ask.title) == ("", "")
    page = client.get(url).text
    assert "Message retiré" in page
    assert team.name not in page, "nor who decided"


@pytest.mark.both_databases
def test_a_reported_message_is_not_taken_back_before_the_team_has_looked(
    aid: Aid, team: User
) -> None:
    author = aid.member("Jean Petit")
    message = aid.ask(author).messages[0]
    say(aid, aid.member("Samira Haddad"), message)
    with pytest.raises(Refused, match="signalé") as refused:
        take_back(aid.db, aid.reader(author), message.id, now=NOW)
    assert refused.value.code == "reported"
    aid.db.rollback()
    moderate(aid.db, aid.reader(team), message.id, Act.KEEP, word="", now=NOW)
    take_back(aid.db, aid.reader(author), message.id, now=NOW)


@pytest.mark.both_databases
def test_who_is_suspended_reads_does_not_write_and_does_not_dodge_by_leaving(
    client: LookingClient, aid: Aid, team: User
) -> None:
    author, other = aid.member("Jean Petit"), aid.member("Samira Haddad")
    ask = aid.ask(other)
    message = aid.answer(author, ask, "Quelle question idiote.")
    url = f"/entraide/messages/{message.id}"
    client.sign_in(team)
    assert client.post(f"{url}/suspendre", data={"days": "0", "why": "x"}).status_code == 422
    assert client.post(f"{url}/suspendre", data={"days": "7", "why": ""}).status_code == 422
    client.post(f"{url}/suspendre", data={"days": "7", "why": "Trois rappels déjà."})
    assert told(aid.db, author) == [("suspend", "Trois rappels déjà.")]
    page = client.sign_in(author).post(f"/entraide/demandes/{ask.id}", data={"words": "Bah."})
    assert page.status_code == 422
    assert "vous lisez mais n’écrivez pas" in page.text
    leave_aid(aid.db, author.id, with_words=False, now=NOW + days(2))
    aid.db.commit()
    aid.join(author)
    with pytest.raises(Refused) as refused:
        aid.ask(author)
    assert refused.value.code == "suspended"
    aid.db.rollback()
    aid.ask(author, now=NOW + days(7) + timedelta(seconds=1))
    with pytest.raises(Refused, match="partie"):  # the words stayed, without a name
        suspend(aid.db, aid.reader(team), message.id, count=3, word="x", now=NOW)


@pytest.mark.both_databases
@pytest.mark.parametrize("with_words", [False, True])
def test_whoever_is_reported_does_not_escape_by_leaving(
    aid: Aid, team: User, with_words: bool
) -> None:
    author, other = aid.member("Jean Petit"), aid.member("Samira Haddad")
    message = aid.answer(author, aid.ask(other), "Quelle question idiote.")
    say(aid, other, message)
    later = NOW + days(2)
    leave_aid(aid.db, author.id, with_words=with_words, now=later)
    aid.db.commit()
    settle_left(aid.db, later)
    aid.db.commit()
    aid.db.refresh(message)
    assert (message.author_id, message.words) == (author.id, "Quelle question idiote.")
    assert (message.hidden_at is not None) is with_words, "only the team reads what was to go"
    suspend(aid.db, aid.reader(team), message.id, count=3, word="Trop.", now=later)
    act = Act.RESTORE if with_words else Act.HIDE
    moderate(aid.db, aid.reader(team), message.id, act, word="Trop.", now=later)
    aid.db.commit()
    settle_left(aid.db, later + days(1))
    aid.db.commit()
    aid.db.refresh(message)
    assert (message.author_id, message.words) == (None, "")


@pytest.mark.both_databases
def test_nobody_takes_the_name_of_another_nor_changes_theirs_while_suspended(
    client: LookingClient, aid: Aid, team: User
) -> None:
    author, other = aid.member("Jean Petit"), aid.member("Éloïse Haddad")
    for name in (team.name.upper(), "eloise  HADDAD"):
        with pytest.raises(Refused) as refused:
            change_member(aid.db, author.id, shown_name=name, notices=Notices.NONE, now=NOW)
        assert refused.value.code == "name_taken"
        aid.db.rollback()
    save_offer(
        aid.db,
        aid.reader(author),
        Group(aid.path, None),
        Help(frozenset(aid.keys[:1]), online=True),
        steps=aid.keys,
        now=NOW,
    )
    aid.db.commit()
    aid.join(team)
    ask = aid.ask(author)
    aid.answer(team, ask, "Voici.")
    page = client.sign_in(other).get(f"/entraide/demandes/{ask.id}").text
    assert page.count(">équipe<") == 1
    assert count_shown(aid.db, aid.path.id, NOW.date()) == 1
    suspend(aid.db, aid.reader(team), ask.messages[0].id, count=3, word="Trop.", now=NOW)
    aid.db.commit()
    assert count_shown(aid.db, aid.path.id, NOW.date()) == 0
    with pytest.raises(Refused, match="votre nom ne change pas"):
        change_member(aid.db, author.id, shown_name="Jeanne", notices=Notices.NONE, now=NOW)
    aid.db.rollback()
    lift(aid.db, aid.reader(team), ask.messages[0].id, now=NOW + timedelta(hours=1))
    aid.db.commit()
    assert count_shown(aid.db, aid.path.id, NOW.date()) == 1


def test_a_suspension_is_lifted_and_told(aid: Aid, team: User) -> None:
    author = aid.member("Jean Petit")
    message = aid.ask(author).messages[0]
    suspend(aid.db, aid.reader(team), message.id, count=3, word="Pause.", now=NOW)
    aid.db.commit()
    lift(aid.db, aid.reader(team), message.id, now=NOW + timedelta(hours=1))
    aid.db.commit()
    aid.ask(author, now=NOW + timedelta(hours=2))
    assert [act for act, _word in told(aid.db, author)] == ["suspend", "lift"]
    with pytest.raises(Refused, match="déjà écrire"):
        lift(aid.db, aid.reader(team), message.id, now=NOW + timedelta(hours=3))


@pytest.mark.both_databases
def test_everything_held_is_exported_and_goes_with_the_account(
    app: Flask, aid: Aid, team: User
) -> None:
    person, other = aid.member("Jean Petit"), aid.member("Samira Haddad")
    ask = aid.ask(person, "À moi")
    aid.answer(other, ask, "La réponse reste.")
    of_other = aid.ask(other, "À une autre")
    say(aid, person, of_other.messages[0])
    suspend(aid.db, aid.reader(team), ask.messages[0].id, count=3, word="Pause.", now=NOW)
    aid.db.commit()
    data = offer(app, PersonalData, "aid").export(aid.db, person.id)
    assert json.loads(json.dumps(data)) == data
    assert data["member"]["shown_name"] == "Jean Petit"
    assert [one["ask"] for one in data["messages"]] == ["À moi"]
    assert [one["reason"] for one in data["reports"]] == ["hurtful"]
    assert [one["word"] for one in data["decisions"]] == ["Pause."]
    offer(app, PersonalData, "aid").erase(aid.db, person.id)
    aid.db.commit()
    aid.db.expire_all()
    assert [one.user_id for one in aid.db.scalars(select(AidMember))] == [other.id]
    left = {one.title for one in aid.db.scalars(select(AidAsk))}
    assert left == {"", "À une autre"}
    words = set(aid.db.scalars(select(AidMessage.words)))
    assert words == {"", "La réponse reste.", "Ma fonction ne s’arrête pas."}
    assert aid.db.scalars(select(AidReport.reporter_id)).all() == [None]
    assert aid.db.scalar(select(func.count(AidDecision.id))) == 0
