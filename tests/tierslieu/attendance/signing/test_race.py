"""Several phones and people at one instant: each record once, one line a person, whole chains."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tests.support.signing_in import Phone
from tests.support.signing_race import Sender, send_at_once
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half
from tierslieu.attendance.signing.checks import check_chains, check_lines
from tierslieu.attendance.signing.models import SigningChain
from tierslieu.bookings.rules import claim

THEN = NOW + timedelta(days=7, hours=5, minutes=3)  # three minutes into the session
HALF_DAY = (date(2026, 11, 26), Half.AFTERNOON)


@pytest.mark.proof
@pytest.mark.both_databases
def test_what_is_sent_at_one_instant_is_noted_once(app: Flask, db: Session, make: Factory) -> None:
    session, leader = make_session(db, onsite=12), make.user("facilitator")
    people = [make.user() for _n in range(8)]
    for user in people:
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    first, second = Phone(session.id, HALF_DAY), Phone(session.id, HALF_DAY)
    for phone, signers in ((first, people[:5]), (second, people[3:])):  # two sign on both
        for user in signers:
            phone.sign(user.id, user.name, THEN)
        phone.countersign("Nadia Benali", THEN)
    senders = [
        *(Sender(first) for _again in range(3)),  # sent again before the answer came
        *(Sender(second) for _again in range(3)),
        *(Sender(user_id=user.id) for user in people[:3] for _twice in range(2)),
    ]
    session_id, leader_id = session.id, leader.id
    db.rollback()
    url = app.config["TIERSLIEU"].database_url
    told = send_at_once(url, session_id, senders, THEN, leader_id)
    assert told == {"noted": 12, "known": 24, "signed": 6}
    db.expire_all()
    assert len(db.scalars(select(Attendance)).all()) == len(people)
    lengths = {c.id: c.length for c in db.scalars(select(SigningChain)) if not c.is_place}
    assert lengths == {first.id: 6, second.id: 6}
    assert not [*check_chains(db).broken, *check_lines(db).broken]
