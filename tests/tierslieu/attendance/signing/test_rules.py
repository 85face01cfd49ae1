"""Signing a half-day: by the room's code, by one's own, by name; countersigning; forgetting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tests.support.signing_in import CODES, Phone, touched
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.chains import read_instant, write_instant
from tierslieu.attendance.signing.checks import check_chains, check_lines
from tierslieu.attendance.signing.device.rules import receive
from tierslieu.attendance.signing.models import Manner, Signature, SigningChain
from tierslieu.attendance.signing.names import is_same_name
from tierslieu.attendance.signing.queries import list_signatures
from tierslieu.attendance.signing.rules import (
    MOST_MISSES,
    countersign,
    find_half_day,
    list_uncovered,
    read_room_code,
    sign_by_code,
    sign_expected,
    sign_in_room,
    sign_walk_in,
)
from tierslieu.attendance.signing.words import how_signed
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, PersonalData
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases
DAY = date(2026, 11, 26)
HALF_DAY = (DAY, Half.AFTERNOON)
THEN = NOW + timedelta(days=7, hours=5, minutes=3)  # three minutes into the session


def book(db: Session, session: LearningSession, user: User) -> User:
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    return user


def all_is_whole(db: Session) -> bool:
    return not [*check_chains(db).broken, *check_lines(db).broken]


def test_who_has_a_seat_signs_once_and_is_noted_present(db: Session, make: Factory) -> None:
    session, user = make_session(db), make.user(name="Zoé Martin")
    book(db, session, user)
    first = sign_in_room(db, session.id, user, now=THEN)
    db.commit()
    again = sign_in_room(db, session.id, user, now=THEN + timedelta(minutes=1))
    db.commit()
    assert again.id == first.id
    line = db.scalars(select(Attendance)).one()
    assert (line.presence, line.user_id, line.arrived_at) == (Presence.PRESENT, user.id, THEN)
    assert (first.manner, first.name, first.line) == (Manner.ROOM, "Zoé Martin", line)
    assert all_is_whole(db)


def test_who_has_no_seat_is_told_what_to_do(db: Session, make: Factory) -> None:
    session = make_session(db)
    with pytest.raises(Refused, match="elle vous ajoute") as refused:
        sign_in_room(db, session.id, make.user(), now=THEN)
    assert refused.value.code == "not_expected"


@pytest.mark.parametrize(
    ("minutes", "half"),
    [(-31, None), (-30, Half.AFTERNOON), (0, Half.AFTERNOON), (209, Half.AFTERNOON), (210, None)],
)
def test_one_signs_from_half_an_hour_before_to_half_an_hour_after(
    db: Session, minutes: int, half: Half | None
) -> None:
    session = make_session(db)  # 14 h – 17 h
    found = find_half_day(session, session.starts_at + timedelta(minutes=minutes))
    assert found == ((DAY, half) if half else None)


def test_at_noon_the_half_day_one_is_in_is_signed(db: Session) -> None:
    session = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8)  # noqa: DTZ001
    for hour, half in ((3.9, Half.MORNING), (4.0, Half.AFTERNOON)):
        found = find_half_day(session, session.starts_at + timedelta(hours=hour))
        assert found == (DAY, half)


def test_a_session_called_off_is_not_signed(db: Session, make: Factory) -> None:
    session, user = make_session(db), make.user()
    book(db, session, user)
    session.cancelled_at = NOW
    db.commit()
    with pytest.raises(Refused, match="annulée"):
        sign_in_room(db, session.id, user, now=THEN)


def test_guessing_the_rooms_code_is_slowed(db: Session, make: Factory) -> None:
    session, user, other = make_session(db), make.user(), make.user()
    for _try in range(MOST_MISSES):
        assert not read_room_code(db, session.id, user.id, "x", CODES, now=THEN)
        db.commit()
    right = CODES.show(session.id, THEN)
    with pytest.raises(Refused) as refused:
        read_room_code(db, session.id, user.id, right, CODES, now=THEN)
    assert refused.value.status == 429
    db.rollback()
    assert read_room_code(db, session.id, other.id, right, CODES, now=THEN)
    later = THEN + timedelta(minutes=11)
    right = CODES.show(session.id, later)
    assert read_room_code(db, session.id, user.id, right, CODES, now=later)


@pytest.mark.parametrize(
    ("written", "name", "is_same"),
    [
        ("zoe martin", "Zoé Martin", True),
        ("MARTIN Zoé", "Zoé Martin", True),
        ("Z. Martin", "Zoé Martin", True),
        ("Martin", "Zoé Martin", True),
        ("jean pierre lebœuf", "Jean-Pierre Leboeuf", True),
        ("Karim", "Zoé Martin", False),
        ("Zoé Durand", "Zoé Martin", False),
        ("z", "Zoé Martin", False),
        ("", "Zoé Martin", False),
        ("...", "Zoé Martin", False),
        ("X", "X", True),
    ],
)
def test_a_typed_name_is_compared_kindly(written: str, name: str, is_same: bool) -> None:
    assert is_same_name(written, name) is is_same


def test_a_name_is_typed_on_the_facilitators_device(db: Session, make: Factory) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user(name="Zoé Martin"))
    args = {"now": THEN, "actor_id": leader.id, "manner": Manner.TYPED}
    with pytest.raises(Refused, match="Zoé Martin") as refused:
        sign_expected(db, session.id, HALF_DAY, user.id, written="Karim", **args)
    assert refused.value.code == "name_differs"
    db.rollback()
    with pytest.raises(NotYours):
        sign_expected(db, session.id, HALF_DAY, uuid4(), written="Karim", **args)
    db.rollback()
    one = sign_expected(db, session.id, HALF_DAY, user.id, written="zoe martin", **args)
    db.commit()
    assert (one.written, one.manner, one.by_id) == ("zoe martin", Manner.TYPED, leader.id)


def test_ones_own_code_signs_for_oneself_at_this_session_alone(db: Session, make: Factory) -> None:
    session, other, leader = make_session(db), make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    book(db, other, user)
    args = {"now": THEN, "actor_id": leader.id}
    wrong = CODES.own(other.id, user.id)
    with pytest.raises(Refused, match="à personne"):
        sign_by_code(db, session.id, HALF_DAY, wrong, CODES, **args)
    db.rollback()
    right = CODES.own(session.id, user.id).lower().replace("-", "")
    one, who = sign_by_code(db, session.id, HALF_DAY, right, CODES, **args)
    db.commit()
    assert (who.user_id, one.manner) == (user.id, Manner.OWN)


@pytest.mark.parametrize("how", ["typed", "team", "own"])
def test_a_second_tap_on_the_device_of_who_leads_adds_nothing(
    db: Session, make: Factory, how: str
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user(name="Zoé Martin"))

    def tap(minutes: int, written: str = "zoe martin") -> Signature:
        args = {"now": THEN + timedelta(minutes=minutes), "actor_id": leader.id}
        if how == "own":
            code = CODES.own(session.id, user.id)
            one, _who = sign_by_code(db, session.id, HALF_DAY, code, CODES, **args)
        else:
            manner = Manner(how)
            one = sign_expected(
                db, session.id, HALF_DAY, user.id, manner=manner, written=written, **args
            )
        db.commit()
        return one

    first = tap(0)
    args = {"now": THEN + timedelta(minutes=1), "actor_id": leader.id}
    countersign(db, session.id, HALF_DAY, "Nadia", **args)
    assert tap(2).id == first.id
    assert tap(3).id == first.id
    assert list_uncovered(list_signatures(db, session.id, HALF_DAY)) == []
    assert len(db.scalars(select(Signature)).all()) == 2
    if how == "typed":  # it is still their name that is asked
        with pytest.raises(Refused, match="Zoé Martin"):
            tap(4, "Karim")
    assert all_is_whole(db)


def test_who_signed_on_their_own_phone_or_walked_in_is_not_signed_again(
    db: Session, make: Factory
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    args = {"now": THEN, "actor_id": leader.id, "manner": Manner.TEAM}
    own = sign_in_room(db, session.id, user, now=THEN)
    assert sign_expected(db, session.id, HALF_DAY, user.id, **args) is own
    guest = sign_walk_in(
        db, session.id, HALF_DAY, "Maëlle", "m@example.org", now=THEN, actor_id=leader.id
    )
    assert guest.line is not None
    assert sign_expected(db, session.id, HALF_DAY, guest.line.id, **args) is guest
    db.commit()
    assert len(db.scalars(select(Signature)).all()) == 2


def test_who_was_seen_by_the_team_may_still_sign_themselves(db: Session, make: Factory) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    args = {"now": THEN, "actor_id": leader.id}
    seen = sign_expected(db, session.id, HALF_DAY, user.id, manner=Manner.TEAM, **args)
    code = CODES.own(session.id, user.id)
    own, _who = sign_by_code(db, session.id, HALF_DAY, code, CODES, **args)
    db.commit()
    assert (seen.manner, own.manner) == (Manner.TEAM, Manner.OWN)
    assert own.line is seen.line


def test_who_signs_again_after_the_roll_was_corrected_to_their_absence_is_noted_anew(
    db: Session, make: Factory
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    code, args = CODES.own(session.id, user.id), {"now": THEN, "actor_id": leader.id}
    first, _who = sign_by_code(db, session.id, HALF_DAY, code, CODES, **args)
    db.commit()
    absent = RollEntry(Presence.ABSENT, user.id)
    note_presence(db, session.id, [absent], now=THEN + timedelta(minutes=5), actor_id=leader.id)
    db.commit()
    args["now"] = THEN + timedelta(minutes=9)
    again, _who = sign_by_code(db, session.id, HALF_DAY, code, CODES, **args)
    db.commit()
    assert again.id != first.id
    assert again.line is not None
    assert again.line.presence is Presence.PRESENT
    third, _who = sign_by_code(db, session.id, HALF_DAY, code, CODES, **args)
    assert third.id in (first.id, again.id)
    db.commit()
    assert len(db.scalars(select(Signature)).all()) == 2
    assert all_is_whole(db)


def test_who_walks_in_is_noted_once_however_often_one_taps(db: Session, make: Factory) -> None:
    session, leader = make_session(db), make.user("facilitator")
    args = {"now": THEN, "actor_id": leader.id}
    made = []
    for typed in ("M@example.org", "m@Example.org"):
        made.append(sign_walk_in(db, session.id, HALF_DAY, "Maëlle Le Goff", typed, **args).id)
        db.commit()
    assert made[0] == made[1]
    with pytest.raises(Refused) as refused:  # the school's address, say
        sign_walk_in(db, session.id, HALF_DAY, "Bruno Deux", "m@example.org", **args)
    assert (refused.value.code, refused.value.field) == ("address_taken", "guest_email")
    db.rollback()
    other = sign_walk_in(db, session.id, HALF_DAY, "Ana Dias", "a@example.org", **args)
    db.commit()
    assert other.id != made[0]
    known = make.user()
    for _tap in range(2):
        sign_walk_in(db, session.id, HALF_DAY, "Nom", known.email, **args)
        db.commit()
    assert len(db.scalars(select(Signature)).all()) == 3
    assert all_is_whole(db)


def test_who_was_corrected_to_absent_may_sign_again_on_their_own_phone(
    db: Session, make: Factory
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    first = sign_in_room(db, session.id, user, now=THEN)
    db.commit()
    assert sign_in_room(db, session.id, user, now=THEN).id == first.id
    absent = RollEntry(Presence.ABSENT, user.id)
    note_presence(db, session.id, [absent], now=THEN + timedelta(minutes=5), actor_id=leader.id)
    db.commit()
    again = sign_in_room(db, session.id, user, now=THEN + timedelta(minutes=9))
    db.commit()
    assert again.id != first.id
    assert again.line is not None
    assert again.line.presence is Presence.PRESENT
    assert all_is_whole(db)


def test_a_countersignature_covers_what_came_before_it(db: Session, make: Factory) -> None:
    session, leader = make_session(db), make.user("facilitator")
    first, second = (book(db, session, make.user()) for _n in range(2))
    sign_in_room(db, session.id, first, now=THEN)
    args = {"now": THEN + timedelta(hours=3), "actor_id": leader.id}
    assert countersign(db, session.id, HALF_DAY, "Nadia", **args) is not None
    assert countersign(db, session.id, HALF_DAY, "Nadia", **args) is None  # nothing waits
    late = sign_in_room(db, session.id, second, now=THEN + timedelta(hours=3, minutes=1))
    db.commit()
    assert list_uncovered(list_signatures(db, session.id, HALF_DAY)) == [late]
    assert all_is_whole(db)


def test_who_walks_in_is_added_with_a_name_and_an_address(db: Session, make: Factory) -> None:
    session, leader = make_session(db), make.user("facilitator")
    one = sign_walk_in(
        db, session.id, HALF_DAY, "Maëlle", "M@Example.org", now=THEN, actor_id=leader.id
    )
    db.commit()
    assert one.line is not None
    assert (one.line.guest_email, one.line.walked_in) == ("m@example.org", True)
    again = sign_expected(
        db, session.id, HALF_DAY, one.line.id, manner=Manner.TYPED, written="maelle", now=THEN,
        actor_id=leader.id,
    )  # fmt: skip
    db.commit()
    assert again.line is one.line


def test_an_afternoon_is_not_signed_in_the_morning(db: Session, make: Factory) -> None:
    day = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8, onsite=5)  # noqa: DTZ001
    leader, user = make.user("facilitator"), book(db, day, make.user(name="Zoé Martin"))
    args = {"now": day.starts_at + timedelta(hours=1), "actor_id": leader.id}
    typed = {**args, "manner": Manner.TYPED, "written": "Zoé Martin"}
    code, phone = CODES.own(day.id, user.id), Phone(day.id, HALF_DAY)
    ahead = phone.sign(user.id, user.name, args["now"])
    tries = (
        lambda: sign_expected(db, day.id, HALF_DAY, user.id, **typed),
        lambda: sign_by_code(db, day.id, HALF_DAY, code, CODES, **args),
        lambda: sign_walk_in(db, day.id, HALF_DAY, "Maëlle", "m@example.org", **args),
        lambda: countersign(db, day.id, HALF_DAY, "Nadia", **args),
        lambda: send(db, phone, leader, now=args["now"]),
    )
    for sign in tries:
        with pytest.raises(Refused, match="On ne signe pas d’avance") as refused:
            sign()
        assert refused.value.code == "closed"
        db.rollback()
    assert refused.value.more == {"nonce": ahead.link.nonce}
    sign_expected(db, day.id, (DAY, Half.MORNING), user.id, **typed)
    assert send(db, phone, leader, now=day.starts_at + timedelta(hours=3, minutes=30)) == [True]


@pytest.mark.parametrize(("half", "name"), [("am", "Nadia"), ("pm", " ")])
def test_a_countersignature_is_of_a_half_day_of_the_session_and_has_a_name(
    db: Session, make: Factory, half: str, name: str
) -> None:
    session, leader = make_session(db), make.user("facilitator")  # 14 h – 17 h
    phone = Phone(session.id, (DAY, Half(half)))
    record = phone.countersign(name, THEN)
    with pytest.raises(Refused) as refused:
        send(db, phone, leader)
    assert refused.value.more == {"nonce": record.link.nonce}  # it can be taken off the phone


def phone_of(db: Session, make: Factory) -> tuple[LearningSession, User, list[User], Phone]:
    """A session, who leads it, three people with a seat, and the phone of who leads."""
    session, leader = make_session(db, onsite=5), make.user("facilitator")
    people = [book(db, session, make.user(name=f"Ada {n}")) for n in range(3)]
    return session, leader, people, Phone(session.id, HALF_DAY)


def send(db: Session, phone: Phone, leader: User, *, skew: int = 0, now: datetime = THEN) -> list:
    heard = receive(
        db, phone.session_id, phone.id, phone.records, CODES, skew=timedelta(seconds=skew),
        now=now, actor_id=leader.id,
    )  # fmt: skip
    db.commit()
    return [one.is_new for one in heard]


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
