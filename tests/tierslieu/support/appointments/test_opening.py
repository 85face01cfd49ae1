"""Opening slots: none where one is busy already; closing one tells who had it, why."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.support.appointments import (
    LINK,
    ONLINE,
    THURSDAY,
    after,
    at,
    mails,
    make_slots,
    opening,
    take,
)
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tierslieu.agenda.planning import hold_facilitators
from tierslieu.base import new_id
from tierslieu.db import is_sqlite
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import User
from tierslieu.support.appointments.models import AppointmentSlot, AppointmentState
from tierslieu.support.appointments.queries import Wanted, list_free
from tierslieu.support.figures import check_apart
from tierslieu.support.slots.rules import Opening, answer, close_slot, open_slots

both = pytest.mark.both_databases
STARTS = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


def lead(db: Session, who: User, starts: datetime = STARTS, hours: float = 1) -> None:
    session = make_session(db, starts=starts, hours=hours, facilitators=[who], title="Atelier")
    hold_facilitators(db, session)
    db.commit()


@both
def test_an_hour_makes_two_slots_of_half_an_hour_every_week_until_a_day(
    db: Session, nadia: User
) -> None:
    slots = make_slots(db, nadia, until=date(2026, 12, 11))
    assert [slot.starts_local.isoformat(" ", "minutes") for slot in slots] == [
        "2026-11-26 14:00", "2026-11-26 14:30",
        "2026-12-03 14:00", "2026-12-03 14:30",
        "2026-12-10 14:00", "2026-12-10 14:30",
    ]  # fmt: skip
    assert slots[0].starts_at == at("26 14:00")


def test_a_slot_stays_at_its_hour_across_the_change_of_clocks(db: Session, nadia: User) -> None:
    slots = make_slots(db, nadia, first=date(2027, 3, 25), until=date(2027, 4, 1), minutes=60)
    assert [slot.starts_local.hour for slot in slots] == [14, 14]
    assert slots[1].starts_at - slots[0].starts_at == timedelta(days=7, hours=-1)


@both
def test_a_slot_that_touches_another_of_ones_own_is_refused_beside_the_hour(
    db: Session, nadia: User, make: Factory
) -> None:
    make_slots(db, nadia)
    with pytest.raises(Refused) as refused:
        open_slots(db, nadia.id, opening(starts=time(14, 15)), now=NOW)
    assert (refused.value.code, refused.value.field) == ("slot_taken", "starts")
    assert "jeudi" in refused.value.message
    db.rollback()
    assert len(make_slots(db, nadia, starts=time(15), ends=time(16))) == 2, "half-open"
    assert len(make_slots(db, make.user("facilitator"))) == 2, "another's are another's"


@both
def test_a_slot_during_a_session_that_one_leads_is_refused_and_none_of_the_weeks_is_written(
    db: Session, nadia: User
) -> None:
    lead(db, nadia, STARTS + timedelta(days=14))
    with pytest.raises(Refused) as refused:
        open_slots(db, nadia.id, opening(until=date(2026, 12, 31)), now=NOW)
    assert (refused.value.code, refused.value.field) == ("session_led", "starts")
    assert "Atelier" in refused.value.message
    db.rollback()
    assert not db.scalars(select(AppointmentSlot)).all()


@both
def test_a_session_planned_later_hides_the_slot_it_touches(
    db: Session, nadia: User, ada: User
) -> None:
    slots = make_slots(db, nadia)
    lead(db, nadia, STARTS, 0.5)
    assert [one.id for one in list_free(db, Wanted(), ada.id, NOW, limit=9)] == [slots[1].id]
    with pytest.raises(Refused) as refused:
        take(db, slots[0], ada)
    assert refused.value.code == "closed"


@both
def test_two_slots_at_once_are_refused_by_postgresql_itself_and_found_by_the_audit_on_sqlite(
    db: Session, nadia: User
) -> None:
    slot, _other = make_slots(db, nadia)
    values = {c.name: getattr(slot, c.name) for c in AppointmentSlot.__table__.columns}
    twin = insert(AppointmentSlot).values({**values, "id": new_id()})
    assert check_apart(db).broken == []
    if is_sqlite(db):
        db.execute(twin)
        assert len(check_apart(db).broken) == 1
    else:
        with pytest.raises(IntegrityError, match="slot_once"):
            db.execute(twin)
    db.rollback()
    db.execute(update(AppointmentSlot).values(closed_at=NOW))
    db.execute(twin)
    assert check_apart(db).broken == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": date(2026, 11, 18)}, "day"),
        ({"first": date(2026, 11, 19), "starts": time(8)}, "day"),
        ({"first": date(2036, 11, 19)}, "day"),
        ({"ends": time(14)}, "ends"),
        ({"ends": time(13)}, "ends"),
        ({"minutes": 5}, "minutes"),
        ({"minutes": 61}, "minutes"),
        ({"minutes": 600, "ends": time(23)}, "minutes"),
        ({"until": date(2026, 11, 25)}, "until"),
        ({"until": date(2027, 11, 25)}, "until"),
        ({"starts": time(0), "ends": time(23), "minutes": 10, "until": date(2027, 3, 1)}, "until"),
        ({"on_site": False, "online": False, "by_phone": False}, "modes"),
        ({"online_link": ""}, "online_link"),
        ({"online": False}, "online_link"),
        ({"place": ""}, "place"),
        ({"on_site": False}, "place"),
        ({"room_id": new_id()}, "room"),
        ({"first": date(2027, 3, 28), "starts": time(2), "ends": time(3)}, "starts"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_with_nothing_written(
    db: Session, nadia: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        open_slots(db, nadia.id, opening(**changes), now=NOW)
    assert refused.value.field == field
    db.rollback()
    assert not db.scalars(select(AppointmentSlot)).all()


def test_who_is_not_of_the_team_opens_none(db: Session, ada: User) -> None:
    with pytest.raises(NotYours):
        open_slots(db, ada.id, opening(), now=NOW)


@given(
    starts=st.times(max_value=time(22)),
    length=st.integers(min_value=10, max_value=119),
    minutes=st.integers(min_value=10, max_value=240),
    weeks=st.integers(min_value=0, max_value=26),
    extra=st.integers(min_value=0, max_value=6),
)
def test_slots_follow_one_another_within_the_hours_asked(
    starts: time, length: int, minutes: int, weeks: int, extra: int
) -> None:
    end = (datetime.combine(THURSDAY, starts) + timedelta(minutes=length)).time()
    until = THURSDAY + timedelta(days=7 * weeks + extra)
    asked = Opening(THURSDAY, starts, end, minutes, until=until)
    times = list(asked.times())
    assert len(times) == (weeks + 1) * (length // minutes)
    for (first, last), following in zip(times, [*times[1:], None], strict=False):
        assert last - first == timedelta(minutes=minutes)
        assert first.date() == last.date()
        assert first.time() >= starts
        assert last.time() <= end
        assert first.weekday() == THURSDAY.weekday()
        assert first.date() <= until
        assert following is None or last <= following[0]


@both
def test_closing_a_slot_tells_who_had_it_with_the_word_and_a_cancel(
    db: Session, nadia: User, ada: User
) -> None:
    slot, free = make_slots(db, nadia)
    made = take(db, slot, ada)
    with pytest.raises(Refused) as refused:
        close_slot(db, slot.id, nadia.id, "  ", now=NOW)
    assert (refused.value.field, refused.value.status) == ("word", 422)
    db.rollback()
    close_slot(db, slot.id, nadia.id, "Je suis souffrante.", now=NOW)
    close_slot(db, free.id, nadia.id, "", now=NOW)
    db.commit()
    assert made.state is AppointmentState.CANCELLED
    told = mails(db, ada)[-1]
    assert told.template == "support_cancelled"
    assert told.context["word"] == "Je suis souffrante."
    assert told.attachments[0]["params"] == {"method": "CANCEL"}
    assert not list_free(db, Wanted(), ada.id, NOW, limit=9)
    with pytest.raises(Refused):
        close_slot(db, slot.id, nadia.id, "Encore", now=NOW)


def test_a_slot_closed_in_the_night_is_told_in_the_morning(
    db: Session, nadia: User, ada: User
) -> None:
    slot, _free = make_slots(db, nadia)
    take(db, slot, ada)
    close_slot(db, slot.id, nadia.id, "Je suis souffrante.", now=at("24 23:30"))
    db.commit()
    assert mails(db, ada)[-1].next_try_at == at("25 08:00")


def test_nobody_closes_anothers_slot_nor_one_that_began(
    db: Session, nadia: User, make: Factory
) -> None:
    slot, _free = make_slots(db, nadia)
    with pytest.raises(NotYours):
        close_slot(db, slot.id, make.user("facilitator").id, "x", now=NOW)
    with pytest.raises(Refused):
        close_slot(db, slot.id, nadia.id, "x", now=at("26 14:00"))


@pytest.mark.parametrize("state", ["held", "excused", "absent"])
def test_how_it_went_is_said_once_it_began_and_may_be_corrected(
    db: Session, nadia: User, ada: User, state: str
) -> None:
    made = take(db, make_slots(db, nadia)[0], ada)
    with pytest.raises(Refused) as refused:
        answer(db, made.id, nadia.id, AppointmentState(state), now=NOW)
    assert refused.value.code == "closed"
    db.rollback()
    for each in (state, "held"):
        answer(db, made.id, nadia.id, AppointmentState(each), now=after(made))
        db.commit()
        assert made.state is AppointmentState(each)


def test_another_facilitator_says_nothing_of_it(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    made = take(db, make_slots(db, nadia)[0], ada)
    with pytest.raises(NotYours):
        answer(db, made.id, make.user("facilitator").id, AppointmentState.HELD, now=after(made))
    with pytest.raises(NotYours):
        answer(db, made.id, nadia.id, AppointmentState.CANCELLED, now=after(made))


def test_the_link_is_kept_for_who_meets_online(db: Session, nadia: User, ada: User) -> None:
    slot, other = make_slots(db, nadia)
    take(db, slot, ada)
    assert LINK not in str(mails(db, ada)[-1].context)
    take(db, other, ada, ONLINE)
    assert mails(db, ada)[-1].context["meeting"]["link"] == LINK
