"""Taking an appointment, moving it, cancelling it; what each side is told."""

from __future__ import annotations

import base64
from datetime import time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.support.appointments import (
    LINK,
    ONLINE,
    ONSITE,
    PHONE,
    at,
    mails,
    make_slots,
    take,
)
from tests.support.factories import Factory
from tests.support.sessions import NOW, plain
from tierslieu.base import new_id
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.words import take_language
from tierslieu.people.models import User
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentSlot,
    AppointmentState,
    Reason,
)
from tierslieu.support.appointments.queries import Wanted, count_free, list_free, list_receivers
from tierslieu.support.appointments.rules import Asked, book, cancel, move

both = pytest.mark.both_databases
S = AppointmentState


@pytest.fixture
def slots(db: Session, nadia: User) -> list[AppointmentSlot]:
    """Thursday 14:00, 14:30, 15:00, 15:30."""
    return make_slots(db, nadia, ends=time(16))


def event_of(mail: OutboxMessage) -> Any:
    (part,) = mail.attachments
    calendar = Calendar.from_ical(base64.b64decode(part["content"]))
    assert str(calendar["method"]) == part["params"]["method"]
    return calendar.events[0]


def code_of(act: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code, refused.value.field


@both
def test_a_slot_is_taken_and_both_are_told_with_an_invitation(
    db: Session, slots: list[AppointmentSlot], nadia: User, ada: User
) -> None:
    made = take(db, slots[0], ada, reason=Reason.STUCK, words="Je bloque sur les boucles.")
    assert made.state is S.BOOKED
    (to_ada,), (to_nadia,) = mails(db, ada), mails(db, nadia)
    assert (to_ada.template, to_nadia.template) == ("support_booked", "support_team")
    for mail, name in ((to_ada, "Nadia Benali"), (to_nadia, "Ada Moreau")):
        event = event_of(mail)
        assert str(event["uid"]) == str(made.id)
        assert name in str(event["summary"])
        assert str(event["status"]) == "CONFIRMED"
        assert str(event["location"]) == "le petit bureau"
    assert "boucles" not in str(to_nadia.context), "a reason is read on the page alone"
    free = list_free(db, Wanted(), ada.id, NOW, limit=9)
    assert [one.id for one in free] == [one.id for one in slots[1:]]


@both
def test_who_has_it_already_keeps_it_as_it_is(
    db: Session, slots: list[AppointmentSlot], ada: User
) -> None:
    first = take(db, slots[0], ada, words="Bonjour")
    again = take(db, slots[0], ada, ONLINE, words="Autre chose")
    assert again.id == first.id
    assert (again.mode, again.words) == (ONSITE, "Bonjour")
    assert len(mails(db, ada)) == 1


@both
def test_a_second_person_is_refused_kindly(
    db: Session, slots: list[AppointmentSlot], ada: User, make: Factory
) -> None:
    take(db, slots[0], ada)
    assert code_of(lambda: take(db, slots[0], make.user())) == ("taken", None)


@both
def test_the_schema_itself_refuses_two_standing_in_one_slot(
    db: Session, slots: list[AppointmentSlot], ada: User, make: Factory
) -> None:
    made = take(db, slots[0], ada)
    values = {c.name: getattr(made, c.name) for c in Appointment.__table__.columns}
    other = {**values, "id": new_id(), "user_id": make.user().id, "tap": "x"}
    with pytest.raises(IntegrityError):
        db.execute(insert(Appointment).values(other))


@both
def test_one_has_two_appointments_to_come_at_most_and_as_many_as_one_likes_behind(
    db: Session, slots: list[AppointmentSlot], ada: User
) -> None:
    for slot in slots[:2]:
        take(db, slot, ada)
    with pytest.raises(Refused) as refused:
        take(db, slots[2], ada)
    assert refused.value.code == "too_many"
    assert "2 rendez-vous à venir" in plain(refused.value.message)
    db.rollback()
    take(db, slots[3], ada, now=slots[0].ends_at)  # the first is behind by then


def test_one_is_not_at_two_places_at_once(
    db: Session, slots: list[AppointmentSlot], ada: User, make: Factory
) -> None:
    take(db, slots[0], ada)
    other = make_slots(db, make.user("facilitator"))[0]
    assert code_of(lambda: take(db, other, ada)) == ("busy", None)


@pytest.mark.parametrize("when", ["26 14:00", "26 14:10", "27 09:00"])
def test_what_began_is_taken_no_more_nor_moved_nor_cancelled(
    db: Session, slots: list[AppointmentSlot], ada: User, make: Factory, when: str
) -> None:
    made = take(db, slots[0], ada)
    assert code_of(lambda: take(db, slots[0], make.user(), now=at(when)))[0] == "closed"
    db.rollback()
    assert code_of(lambda: cancel(db, made.id, ada.id, now=at(when)))[0] == "closed"
    db.rollback()
    asked = Asked(ONSITE)
    assert (
        code_of(lambda: move(db, made.id, ada.id, slots[1].id, asked, now=at(when)))[0] == "closed"
    )


def test_ones_own_slot_is_not_for_oneself(
    db: Session, slots: list[AppointmentSlot], nadia: User
) -> None:
    assert count_free(db, Wanted(), nadia.id, NOW) == 0
    assert code_of(lambda: take(db, slots[0], nadia)) == ("own_slot", None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(PHONE), "phone"),
        (Asked(PHONE, phone="12 34"), "phone"),
        (Asked(PHONE, phone="0612345678 ou le fixe"), "phone"),
        (Asked(PHONE, phone="06١٢٣٤٥٦٧٨"), "phone"),
        (Asked(PHONE, phone="1" * 16), "phone"),
        (Asked(ONSITE, words="x" * 1001), "words"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    db: Session, slots: list[AppointmentSlot], ada: User, asked: Asked, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        book(db, slots[0].id, ada.id, asked, most=2, now=NOW)
    assert (refused.value.field, refused.value.status) == (field, 422)
    db.rollback()
    assert not db.scalar(select(func.count()).select_from(Appointment))


def test_a_way_to_meet_that_the_slot_does_not_offer_is_refused(
    db: Session, nadia: User, ada: User
) -> None:
    slot = make_slots(db, nadia, online=False, online_link="", by_phone=False)[0]
    assert code_of(lambda: take(db, slot, ada, ONLINE)) == ("wrong_mode", "mode")


@pytest.mark.parametrize("phone", ["06 12 34 56 78", "+33 (0)6.12-34-56-78", "0032/2345678"])
def test_a_number_is_kept_only_for_a_call_and_is_in_no_mail(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, phone: str
) -> None:
    by_phone = take(db, slots[0], ada, PHONE, phone=f" {phone} ")
    on_site = take(db, slots[1], ada, ONSITE, phone=phone)
    assert (by_phone.phone, on_site.phone) == (phone, "")
    for mail in mails(db, ada) + mails(db, nadia):
        whole = str(mail.context) + str(
            [base64.b64decode(part["content"]) for part in mail.attachments]
        )
        assert phone not in whole


@both
def test_cancelling_frees_the_slot_forgets_the_number_and_tells_both(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, make: Factory
) -> None:
    made = take(db, slots[0], ada, PHONE)
    cancel(db, made.id, ada.id, now=NOW + timedelta(hours=1))
    db.commit()
    assert (made.state, made.phone, made.cancelled_by_id) == (S.CANCELLED, "", ada.id)
    for mail in (mails(db, ada)[-1], mails(db, nadia)[-1]):
        event = event_of(mail)
        assert str(event["status"]) == "CANCELLED"
        assert event["sequence"] == 3600, "it outranks the invitation"
    take(db, slots[0], make.user())
    assert code_of(lambda: cancel(db, made.id, ada.id, now=NOW))[0] == "closed"


@both
def test_moving_frees_one_slot_takes_the_other_and_keeps_the_calendars_identifier(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, make: Factory
) -> None:
    made = take(db, slots[0], ada)
    take(db, slots[3], ada)  # at the limit: moving is still possible
    later = NOW + timedelta(minutes=5)
    moved = move(db, made.id, ada.id, slots[2].id, Asked(ONLINE, words="Plus tard"), now=later)
    db.commit()
    assert moved.id == made.id
    assert (moved.slot_id, moved.mode, moved.words) == (slots[2].id, ONLINE, "Plus tard")
    event = event_of(mails(db, ada, "moved")[-1])
    assert (str(event["uid"]), event["sequence"]) == (str(made.id), 300)
    assert event["dtstart"].dt.hour == 15
    assert LINK in str(event["description"])
    assert mails(db, nadia)[-1].context["turn"] == "moved"
    take(db, slots[0], make.user())


@both
def test_moving_to_somebody_else_tells_who_is_left_and_who_receives(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, make: Factory
) -> None:
    paul = make.user("facilitator", name="Paul Girard")
    made = take(db, slots[0], ada)
    other = make_slots(db, paul)[1]
    move(db, made.id, ada.id, other.id, Asked(ONSITE), now=NOW + timedelta(minutes=5))
    db.commit()
    left, comes = mails(db, nadia)[-1], mails(db, paul)[-1]
    assert (left.context["turn"], comes.context["turn"]) == ("left", "booked")
    assert left.attachments[0]["params"]["method"] == "CANCEL"
    assert "14 h – " in plain(take_language(left.context, "fr")["meeting"]["hours"]), (
        "what she kept, not what he keeps"
    )
    assert comes.attachments[0]["params"]["method"] == "REQUEST"


def test_what_is_taken_and_given_back_in_the_night_wakes_nobody_of_the_team(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User
) -> None:
    night = at("24 23:00")
    made = take(db, slots[0], ada, now=night)
    assert [mail.next_try_at for mail in mails(db, nadia)] == [at("25 08:00")]
    assert [mail.next_try_at for mail in mails(db, ada)] == [night], "who did it learns at once"
    cancel(db, made.id, ada.id, now=night + timedelta(minutes=5))
    db.commit()
    assert mails(db, nadia) == []


def test_a_move_onto_a_taken_slot_changes_nothing(
    db: Session, slots: list[AppointmentSlot], ada: User, make: Factory
) -> None:
    made = take(db, slots[0], ada)
    take(db, slots[1], make.user())
    asked = Asked(ONSITE)
    assert code_of(lambda: move(db, made.id, ada.id, slots[1].id, asked, now=NOW))[0] == "taken"
    db.rollback()
    assert made.slot_id == slots[0].id


def test_nobody_cancels_or_moves_what_is_anothers(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, make: Factory
) -> None:
    made = take(db, slots[0], ada)
    for other in (make.user(), nadia):
        with pytest.raises(NotYours):
            cancel(db, made.id, other.id, now=NOW)
        with pytest.raises(NotYours):
            move(db, made.id, other.id, slots[1].id, Asked(ONSITE), now=NOW)


@both
def test_who_receives_no_longer_has_no_free_slots(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User
) -> None:
    nadia.roles = []
    db.commit()
    assert count_free(db, Wanted(), ada.id, NOW) == 0
    assert code_of(lambda: take(db, slots[0], ada))[0] == "closed"


@both
def test_free_slots_are_narrowed_to_a_way_and_to_a_person(
    db: Session, slots: list[AppointmentSlot], ada: User, nadia: User, make: Factory
) -> None:
    paul = make.user("facilitator", name="Paul Girard")
    make_slots(db, paul, online=False, online_link="", by_phone=False)
    away = make.user("facilitator", active=False)
    make_slots(db, away)
    assert count_free(db, Wanted(), ada.id, NOW) == 6
    assert count_free(db, Wanted(mode=PHONE), ada.id, NOW) == 4
    assert count_free(db, Wanted(mode=ONLINE, facilitator_id=paul.id), ada.id, NOW) == 0
    assert count_free(db, Wanted(facilitator_id=paul.id), ada.id, NOW) == 2
    assert [one.name for one in list_receivers(db, ada.id, NOW)] == ["Nadia Benali", "Paul Girard"]
