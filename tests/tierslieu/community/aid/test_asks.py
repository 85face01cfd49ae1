"""Asking, answering, thanking; what is refused, what closes, which mails leave."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.aid import Aid
from tests.support.at_once import AT_ONCE, at_once
from tests.support.client import LookingClient
from tests.support.people import outbox
from tests.support.sessions import NOW
from tierslieu.clock import days, fixed_at
from tierslieu.community.aid.asks import rules
from tierslieu.community.aid.asks.words import pieces
from tierslieu.community.aid.groups.queries import Group, reader_of
from tierslieu.community.aid.groups.rules import join_aid, leave_aid
from tierslieu.community.aid.helping.rules import Help, save_offer
from tierslieu.community.aid.jobs import send_digests, sweep
from tierslieu.community.aid.models import AidAsk, AidMember, AidMessage, AidOffer, Notices
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.settings import Settings


@pytest.mark.both_databases
def test_a_question_is_asked_answered_solved_and_its_helper_thanked(
    client: LookingClient, aid: Aid
) -> None:
    asker, helper = aid.member(), aid.member("Samira Haddad")
    group = f"/entraide/parcours/{aid.path.id}"
    client.sign_in(asker)
    filled = {
        "title": "Qui peut m’aider sur l’étape B ?",
        "step": aid.keys[1],
        "words": "def f(n):\n    return f(n)\nvoir https://fr.wikipedia.org/wiki/Pile_(informatique)",
    }
    missing = client.post(f"{group}/demander", data={**filled, "title": ""})
    assert missing.status_code == 422
    assert "def f(n):" in missing.text  # nothing that was written is lost
    url = client.post(f"{group}/demander", data=filled).headers["Location"]
    page = client.get(url).text
    assert "    return f(n)" in page
    assert 'href="https://fr.wikipedia.org/wiki/Pile_(informatique)"' in page
    client.sign_in(helper)
    assert "Étape B" in client.get(f"{group}?etape={aid.keys[1]}&etat=ouvertes").text
    client.post(url, data={"words": "Je peux aider."})
    client.sign_in(asker)
    answer = aid.db.scalars(select(AidMessage).where(AidMessage.author_id == helper.id)).one()
    done = client.post(f"{url}/resolue", data={"thanked": str(answer.id)}, follow_redirects=True)
    assert "1 merci est parti." in done.text
    assert "Merci, cela a aidé" in done.text
    assert "Qui peut" not in client.get(f"{group}?etat=ouvertes").text
    assert client.sign_in(helper).post(f"{url}/rouvrir").status_code == 404
    client.sign_in(asker).post(f"{url}/rouvrir")
    assert "Qui peut" in client.get(f"{group}?etat=ouvertes&q=ETAPE").text


@pytest.mark.parametrize("field", ["title", "words"])
def test_an_address_is_refused_beside_its_field_and_nothing_is_written(
    client: LookingClient, aid: Aid, field: str
) -> None:
    client.sign_in(aid.member())
    url = f"/entraide/parcours/{aid.path.id}/demander"
    filled = {"title": "Bonjour", "step": "", "words": "Qui peut m’aider ?"}
    for text in ("Écrivez à ana@exemple.fr", "Appelez le 06 12 34 56 78"):
        refused = client.post(url, data={**filled, field: text})
        assert refused.status_code == 422
        assert "tout le groupe" in refused.text
    assert aid.db.scalar(select(func.count(AidAsk.id))) == 0


def test_only_links_of_the_web_become_links() -> None:
    found = list(pieces("<b>, javascript:x, voir https://a.example/x, (http://b.example)."))
    assert [piece.url for piece in found if piece.url] == [
        "https://a.example/x",
        "http://b.example",
    ]
    assert "".join(piece.text for piece in found).startswith("<b>, javascript:x")
    assert not [p for p in pieces("https://connu.example@ailleurs.example") if p.url]


@pytest.mark.both_databases
def test_who_writes_without_end_is_slowed_and_told_why(client: LookingClient, aid: Aid) -> None:
    asker, other = aid.member(), aid.member("Samira Haddad")
    for number in range(rules.MOST_ASKS):
        ask = aid.ask(asker, f"Question {number}")
    with pytest.raises(Refused) as refused:
        aid.ask(asker, "Une de trop")
    assert (refused.value.code, refused.value.status) == ("too_many", 429)
    aid.ask(asker, "Le lendemain", now=NOW + days(1) + timedelta(seconds=1))
    for _number in range(rules.MOST_MESSAGES):
        aid.answer(other, ask)
    client.sign_in(other)
    answer = client.post(f"/entraide/demandes/{ask.id}", data={"words": "Encore"})
    assert answer.status_code == 429
    assert "en un quart d’heure" in answer.text
    aid.answer(other, ask, now=NOW + rules.MESSAGES_WITHIN + timedelta(seconds=1))


@pytest.mark.both_databases
def test_what_is_silent_closes_then_goes_and_its_author_may_open_it_again(aid: Aid) -> None:
    asker, other = aid.member(), aid.member("Samira Haddad")
    ask = aid.ask(asker)
    assert sweep(aid.db, NOW + rules.SILENCE) == 0
    later = NOW + rules.SILENCE + days(1)
    assert sweep(aid.db, later) == 1
    assert sweep(aid.db, later) == 0
    with pytest.raises(Refused, match="close"):
        aid.answer(other, ask)
    rules.reopen(aid.db, aid.reader(asker), ask.id, now=later)
    aid.db.commit()
    aid.answer(other, ask, now=later)
    sweep(aid.db, later + rules.KEPT + days(1))
    assert aid.db.scalar(select(func.count(AidMessage.id))) == 0


def test_only_who_asked_thanks_solves_and_takes_back(aid: Aid) -> None:
    asker, helper, other = aid.member(), aid.member("Samira Haddad"), aid.member("Ana Popescu")
    ask = aid.ask(asker)
    message = aid.answer(helper, ask)
    for person in (helper, other):
        with pytest.raises(NotYours):
            rules.solve(aid.db, aid.reader(person), ask.id, (), now=NOW)
        with pytest.raises(NotYours):
            rules.thank(aid.db, aid.reader(person), message.id, now=NOW)
    with pytest.raises(NotYours):
        rules.take_back(aid.db, aid.reader(asker), message.id, now=NOW)
    rules.thank(aid.db, aid.reader(asker), message.id, now=NOW)
    with pytest.raises(Refused, match="déjà remercié"):
        rules.thank(aid.db, aid.reader(asker), message.id, now=NOW)
    first = next(one for one in ask.messages if one.is_first)
    kept = rules.take_back(aid.db, aid.reader(asker), first.id, now=NOW)
    assert kept is not None
    assert (kept.title, [one.words for one in kept.messages]) == ("", ["", "Je peux aider."])
    alone = aid.ask(other)
    assert rules.take_back(aid.db, aid.reader(other), alone.messages[0].id, now=NOW) is None


@pytest.mark.both_databases
def test_solving_and_thanking_at_once_count_once(app: Flask, aid: Aid) -> None:
    asker, helper = aid.member(), aid.member("Samira Haddad")
    ask = aid.ask(asker)
    message = aid.answer(helper, ask)
    asker_id, ask_id, message_id = asker.id, ask.id, message.id

    def solve(session: Session, number: int) -> None:
        reader = reader_of(session, session.get_one(User, asker_id))
        rules.solve(session, reader, ask_id, {message_id}, now=NOW + timedelta(seconds=number))

    aid.db.rollback()
    outcomes = at_once(app, solve)
    assert sorted(outcomes) == sorted(["already_solved"] * (AT_ONCE - 1) + ["done"])


@pytest.mark.both_databases
def test_joining_at_once_makes_one_member(app: Flask, aid: Aid) -> None:
    person = aid.follower()
    person_id: UUID = person.id
    aid.db.rollback()

    def join(session: Session, number: int) -> None:
        join_aid(session, person_id, shown_name="Ana", accepts=0, notices=Notices.NONE, now=NOW)

    assert at_once(app, join) == ["done"] * AT_ONCE
    assert aid.db.scalar(select(func.count(AidMember.id))) == 1


def mails(db: Session, kind: str) -> list[OutboxMessage]:
    """The mails of that kind, the first first."""
    wanted = OutboxMessage.template == f"community_aid_{kind}"
    return list(db.scalars(select(OutboxMessage).where(wanted).order_by(OutboxMessage.created_at)))


@pytest.mark.both_databases
def test_mails_tell_that_somebody_wrote_never_what_nor_who_and_none_at_night(
    client: LookingClient, aid: Aid, settings: Settings
) -> None:
    asker = aid.member(notices=Notices.EACH)
    helper = aid.member("Samira Haddad", notices=Notices.EACH)
    quiet = aid.member("Ana Popescu")
    offered = Help(frozenset(aid.keys[:1]), online=True)
    group = Group(aid.path, None)
    for person in (asker, helper, quiet):
        save_offer(aid.db, aid.reader(person), group, offered, steps=aid.keys, now=NOW)
    night = NOW.replace(hour=22)
    ask = aid.ask(asker, step_key=aid.keys[0], now=night)
    (told,) = mails(aid.db, "asked")
    assert told.recipient == helper.email
    assert told.next_try_at > night + timedelta(hours=8)
    aid.answer(helper, ask, "Un secret bien gardé.", now=night)
    aid.answer(asker, ask, "Merci.", now=night)
    (reply,) = mails(aid.db, "reply")
    assert reply.recipient == asker.email
    with client.application.test_request_context():
        mail = render_mail(reply, settings)
    for text in (mail.text, mail.html):
        assert "récursivité" in text
        assert "secret" not in text
        assert "Samira" not in text
    stop = f"/entraide/arreter/{aid.reader(asker).member.stop_key}"  # type: ignore[union-attr]
    assert stop in mail.text
    client.sign_out()
    assert client.get(stop).status_code == 200
    assert aid.reader(asker).member.notices is Notices.EACH  # type: ignore[union-attr]
    assert "l’entraide ne vous écrit plus" in client.post(stop).text
    aid.answer(helper, ask, "Encore.", now=night)
    assert len(mails(aid.db, "reply")) == 1
    assert client.get(f"{stop}x").status_code == 404


@pytest.mark.both_databases
@pytest.mark.parametrize("by_leaving", [False, True])
def test_what_its_author_takes_back_at_night_is_not_mailed_in_the_morning(
    aid: Aid, by_leaving: bool
) -> None:
    asker, helper = (aid.member(name, notices=Notices.EACH) for name in ("Camille", "Samira"))
    group, offered = Group(aid.path, None), Help(frozenset(aid.keys[:1]), online=True)
    save_offer(aid.db, aid.reader(helper), group, offered, steps=aid.keys, now=NOW)
    night = NOW.replace(hour=22)
    ask = aid.ask(asker, step_key=aid.keys[0], now=night)
    reply = aid.answer(helper, ask, now=night)
    aid.db.execute(update(AidOffer).values(is_paused=True))  # helps no more, and is told no more
    assert (len(mails(aid.db, "asked")), len(mails(aid.db, "reply"))) == (1, 1)
    for person, message in ((helper, reply), (asker, ask.messages[0])):
        if by_leaving:
            leave_aid(aid.db, person.id, with_words=True, now=night)
        else:
            rules.take_back(aid.db, aid.reader(person), message.id, now=night)
        aid.db.commit()
    assert mails(aid.db, "asked") + mails(aid.db, "reply") == []


@pytest.mark.both_databases
@pytest.mark.parametrize("by_leaving", [False, True])
def test_taking_back_or_leaving_gives_nobody_more_to_write(
    client: LookingClient, aid: Aid, by_leaving: bool
) -> None:
    asker = aid.member()
    for number in range(rules.MOST_ASKS):
        ask = aid.ask(asker, f"Question {number}")
        if not by_leaving:
            rules.take_back(aid.db, aid.reader(asker), ask.messages[0].id, now=NOW)
            aid.db.commit()
    if by_leaving:
        leave_aid(aid.db, asker.id, with_words=True, now=NOW)
        aid.db.commit()
        aid.join(asker)
    page = client.sign_in(asker).get(f"/entraide/parcours/{aid.path.id}").text
    assert "Demande retirée" not in page, "the empty rows are unseen"
    with pytest.raises(Refused, match="en un jour"):
        aid.ask(asker, "Une de trop")
    aid.db.rollback()
    assert sweep(aid.db, NOW + days(1)) == rules.MOST_ASKS
    assert aid.db.scalars(select(AidAsk)).all() == []


@pytest.mark.both_databases
def test_a_thread_is_found_by_what_is_left_in_it(aid: Aid) -> None:
    leaver, other = aid.member(), aid.member("Samira Haddad")
    mine, theirs = aid.ask(leaver, "Une pile"), aid.ask(other, "Un tas")
    aid.answer(other, mine, "Voyez le chapitre sur les files.")
    aid.answer(leaver, theirs, "Mon adresse est secrète.")
    leave_aid(aid.db, leaver.id, with_words=True, now=NOW + days(2))
    aid.db.commit()
    found = {ask.id: ask.search_text for ask in aid.db.scalars(select(AidAsk))}
    assert "pile" not in found[mine.id]
    assert "files" in found[mine.id], "answers of others stay searchable"
    assert "secrete" not in found[theirs.id]
    assert "tas" in found[theirs.id]


@pytest.mark.both_databases
def test_a_digest_leaves_once_a_day_at_most_by_day_and_only_with_something_new(aid: Aid) -> None:
    reads = aid.member(notices=Notices.DIGEST)
    other = aid.member("Samira Haddad")
    day = NOW.replace(hour=9) + days(2)
    assert send_digests(aid.db, day) == 1
    assert outbox(aid.db) == []
    mine = aid.ask(reads, "La mienne", now=day + timedelta(hours=1))
    aid.ask(other, "Une autre", now=day + timedelta(hours=2))
    aid.answer(other, mine, now=day + timedelta(hours=3))
    assert send_digests(aid.db, day + timedelta(hours=10)) == 0  # told less than a day ago
    assert send_digests(aid.db, day + timedelta(hours=25, minutes=-720)) == 0
    assert send_digests(aid.db, (day + days(1)).replace(hour=23)) == 0  # the night
    assert send_digests(aid.db, day + days(1)) == 1
    (mail,) = mails(aid.db, "digest")
    assert mail.recipient == reads.email
    assert [(one["title"], one["is_answer"]) for one in mail.context["lines"]] == [
        ("La mienne", True),
        ("Une autre", False),
    ]
    assert send_digests(aid.db, day + days(2)) == 1
    assert len(mails(aid.db, "digest")) == 1


def test_whoever_takes_up_the_digest_again_is_not_told_of_months(
    client: LookingClient, aid: Aid
) -> None:
    reads, other = aid.member(), aid.member("Samira Haddad")
    aid.ask(other, "D’il y a longtemps", now=NOW + timedelta(hours=1))
    later = NOW + days(20)
    with fixed_at(later):
        filled = {"shown_name": "Camille", "notices": "digest"}
        client.sign_in(reads).post("/entraide/reglages", data=filled)
    send_digests(aid.db, later + days(1))
    assert mails(aid.db, "digest") == []
