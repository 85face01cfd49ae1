"""Signing a half-day: by the room's code, by one's own, by name; countersigning; forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tests.support.signing_in import CODES, DAY, HALF_DAY, THEN, Phone, all_is_whole, book, send
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.models import Manner, Signature
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
from tierslieu.errors import NotYours, Refused

pytestmark = pytest.mark.both_databases


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
