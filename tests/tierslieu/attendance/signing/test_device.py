"""What a phone kept is heard once, whole, and put right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import make_session
from tests.support.signing_in import CODES, HALF_DAY, THEN, Phone, all_is_whole, book, send, touched
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.checks import check_chains
from tierslieu.attendance.signing.models import Manner, Signature, SigningChain
from tierslieu.attendance.signing.queries import list_signatures
from tierslieu.attendance.signing.rules import (
    list_uncovered,
)
from tierslieu.attendance.signing.words import how_signed
from tierslieu.chaining import read_instant, write_instant
from tierslieu.errors import Refused
from tierslieu.house import House, PersonalData
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases


def phone_of(db: Session, make: Factory) -> tuple[LearningSession, User, list[User], Phone]:
    """A session, who leads it, three people with a seat, and the phone of who leads."""
    session, leader = make_session(db, onsite=5), make.user("facilitator")
    people = [book(db, session, make.user(name=f"Ada {n}")) for n in range(3)]
    return session, leader, people, Phone(session.id, HALF_DAY)


def test_what_a_phone_kept_is_written_once_however_often_it_is_sent(
    db: Session, make: Factory
) -> None:
    session, leader, people, phone = phone_of(db, make)
    phone.sign(people[0].id, people[0].name, THEN, written="ada")
    own = CODES.own(session.id, people[1].id)
    phone.sign(people[1].id, people[1].name, THEN, manner=Manner.OWN, written=own)
    phone.sign("maelle@example.org", "Maëlle", THEN, manner=Manner.TEAM)
    later = THEN + timedelta(hours=4)
    assert send(db, phone, leader, now=later) == [True, True, True]
    assert send(db, phone, leader, now=later) == [False, False, False]
    phone.countersign("Nadia Benali", THEN)
    assert send(db, phone, leader, now=later) == [False, False, False, True]
    lines = db.scalars(select(Attendance).order_by(Attendance.id)).all()
    assert [line.presence for line in lines] == [Presence.PRESENT] * 3
    assert {line.arrived_at for line in lines} == {THEN}
    assert db.scalars(select(SigningChain)).one().length == 4
    assert list_uncovered(list_signatures(db, session.id, HALF_DAY)) == []
    assert all_is_whole(db)


def test_two_phones_at_one_session_have_each_their_chain(db: Session, make: Factory) -> None:
    session, leader, people, phone = phone_of(db, make)
    other = Phone(session.id, HALF_DAY)
    phone.sign(people[0].id, people[0].name, THEN)
    other.sign(people[0].id, people[0].name, THEN)  # signed on both: still one line
    other.sign(people[1].id, people[1].name, THEN)
    assert send(db, phone, leader) == [True]
    assert send(db, other, leader) == [True, True]
    assert len(db.scalars(select(Attendance)).all()) == 2
    assert all_is_whole(db)


def test_a_slow_clock_is_put_right(db: Session, make: Factory) -> None:
    _session, leader, people, phone = phone_of(db, make)
    behind = timedelta(minutes=7)
    phone.sign(people[0].id, people[0].name, THEN - behind)
    send(db, phone, leader, skew=7 * 60, now=THEN + timedelta(minutes=1))
    one = db.scalars(select(Signature)).one()
    assert (one.at, one.signed_at) == (THEN, THEN - behind)
    assert one.line is not None
    assert one.line.arrived_at == THEN


@pytest.mark.parametrize("skew", [-7 * 60, 0, 7 * 60])
@pytest.mark.parametrize("said", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_clock_at_the_end_of_time_stops_no_phone_from_sending(
    db: Session, make: Factory, said: str, skew: int
) -> None:
    session, leader, people, phone = phone_of(db, make)
    phone.sign(people[0].id, people[0].name, read_instant(said))
    phone.sign(people[1].id, people[1].name, THEN)
    phone.countersign("Nadia Benali", read_instant(said))
    absent = RollEntry(Presence.ABSENT, people[0].id)
    note_presence(db, session.id, [absent], now=THEN, actor_id=leader.id)
    db.commit()
    now = THEN + timedelta(days=1)  # the roll keeps why it is changed so late
    assert send(db, phone, leader, skew=skew, now=now) == [True] * 3
    db.expire_all()
    records = list_signatures(db, session.id, HALF_DAY)
    assert [write_instant(one.signed_at) for one in records] == [said, write_instant(THEN), said]
    assert all(one.at <= now for one in records)
    if said.startswith("9999"):
        assert records[0].line is not None
        assert records[0].line.arrived_at == now
    assert all(how_signed(one) for one in records)
    assert all_is_whole(db)


@pytest.mark.parametrize("how", ["changed", "left_out", "another_name", "reused", "code"])
def test_a_chain_that_is_not_whole_is_refused_and_nothing_is_written(
    db: Session, make: Factory, how: str
) -> None:
    _session, leader, people, phone = phone_of(db, make)
    phone.sign(people[0].id, people[0].name, THEN)
    send(db, phone, leader)
    for user in people[1:]:
        phone.sign(user.id, user.name, THEN)
    if how == "changed":
        phone.records[1] = touched(phone.records[1], at="2026-11-26T09:00:00Z")
    elif how == "left_out":
        del phone.records[1]
    elif how == "reused":
        phone.records[0] = touched(phone.records[0], half="am")
        phone.records[0] = type(phone.records[0])(
            phone.records[0].link, phone.records[0].sealed, phone.records[0].link.digest
        )
    elif how == "another_name":
        phone.records[1] = type(phone.records[1])(
            phone.records[1].link, phone.records[2].sealed, phone.records[1].digest
        )
    else:
        phone.sign(people[2].id, people[2].name, THEN, manner=Manner.OWN, written="AAAA-AAAA")
    with pytest.raises(Refused) as refused:
        send(db, phone, leader)
    db.rollback()
    assert refused.value.code == ("code_wrong" if how == "code" else "chain_broken")
    assert refused.value.more["nonce"]
    assert len(db.scalars(select(Signature)).all()) == 1


def test_a_bad_address_names_the_record_it_is_in(db: Session, make: Factory) -> None:
    _session, leader, _people, phone = phone_of(db, make)
    bad = phone.sign("maelle@nulle part", "Maëlle", THEN, manner=Manner.TEAM)
    with pytest.raises(Refused, match="adresse") as refused:
        send(db, phone, leader)
    assert refused.value.more == {"nonce": bad.link.nonce}


def test_a_chain_is_of_one_session(db: Session, make: Factory) -> None:
    _session, leader, people, phone = phone_of(db, make)
    phone.sign(people[0].id, people[0].name, THEN)
    send(db, phone, leader)
    phone.session_id = make_session(db).id
    with pytest.raises(Refused, match="autre séance"):
        send(db, phone, leader)


def test_a_record_sent_days_later_corrects_the_roll_and_says_why(
    db: Session, make: Factory
) -> None:
    session, leader, people, phone = phone_of(db, make)
    absent = RollEntry(Presence.ABSENT, people[0].id)
    note_presence(db, session.id, [absent], now=THEN, actor_id=leader.id)
    db.commit()
    phone.sign(people[0].id, people[0].name, THEN)
    send(db, phone, leader, now=THEN + timedelta(days=2))
    line = db.scalars(select(Attendance)).one()
    assert line.presence is Presence.PRESENT
    assert "Émargement du" in line.changes[0].why


def test_who_gave_their_seat_back_and_came_all_the_same_is_noted(
    db: Session, make: Factory
) -> None:
    _session, leader, _people, phone = phone_of(db, make)
    came = make.user(name="Léa Roy")
    phone.sign(came.id, came.name, THEN)
    assert send(db, phone, leader) == [True]
    assert db.scalars(select(Attendance.user_id)).all() == [came.id]


@pytest.mark.parametrize(
    "sabotage",
    [
        "UPDATE signature SET written = 'x' WHERE number = 1",
        "UPDATE signature SET signed_at = '2026-11-26 10:00:00' WHERE number = 2",
        "UPDATE signature SET half = 'am' WHERE number = 1",
        "DELETE FROM signature WHERE number = 2",
        "DELETE FROM signature WHERE number = 3",
        "DELETE FROM signature",
    ],
)
def test_the_audit_finds_what_was_changed_behind_its_back(
    db: Session, make: Factory, sabotage: str
) -> None:
    _session, leader, people, phone = phone_of(db, make)
    for user in people:
        phone.sign(user.id, user.name, THEN)
    send(db, phone, leader)
    assert all_is_whole(db)
    db.execute(text(sabotage))
    db.commit()
    db.expire_all()
    assert check_chains(db).broken


def test_who_is_erased_is_in_no_signature_and_the_chain_stays_whole(
    app: Flask, db: Session, make: Factory
) -> None:
    house: House = app.extensions["tierslieu.house"]
    _session, leader, people, phone = phone_of(db, make)
    phone.sign(people[0].id, people[0].name, THEN, written="ada zéro")
    phone.sign(people[1].id, people[1].name, THEN)
    send(db, phone, leader)
    datas = [d for d in house.all(PersonalData) if d.name in ("signatures", "attendance")]
    exported = datas[0].export(db, people[0].id)
    assert [(one["manner"], one["written"]) for one in exported] == [("typed", "ada zéro")]
    for data in datas:
        data.erase(db, people[0].id)
    db.commit()
    first, second = db.scalars(select(Signature).order_by(Signature.number)).all()
    assert (first.who, first.name, first.written, first.salt) == ("", "", "", "")
    assert second.name == people[1].name
    assert all_is_whole(db)
