"""Sessions by a rule: every date seen before it is planned; one, following or all changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession, Series
from tierslieu.agenda.planning import Keep, Plan
from tierslieu.agenda.series.rules import (
    Every,
    check_days,
    list_days,
    plan_of,
    plan_series,
    shifted,
)
from tierslieu.bookings.series.rules import Scope, call_off_series, change_series
from tierslieu.clock import to_local
from tierslieu.errors import Refused
from tierslieu.people.models import Audience

both = pytest.mark.both_databases
FIRST = date(2026, 12, 3)  # a Thursday
STARTS = datetime(2026, 12, 3, 14, 0)  # noqa: DTZ001 - wall time


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def plan(**changes: Any) -> Plan:
    values = {
        "title": "Club du jeudi",
        "starts_local": STARTS,
        "ends_local": STARTS + timedelta(hours=2),
        "online": 10,
        "online_link": "https://visio.example.org/x",
        **changes,
    }
    return Plan(**values)


def make_series(
    db: Session, make: Factory, count: int = 4, every: Every = Every.WEEK, **changes: Any
) -> list[LearningSession]:
    days = list_days(every, FIRST, count)
    made = plan_series(
        db, plan(**changes), every, days, now=NOW, actor_id=make.user("facilitator").id
    )
    db.commit()
    return made


@pytest.mark.parametrize(
    ("every", "first", "days"),
    [
        (Every.WEEK, "2026-12-03", ["2026-12-03", "2026-12-10", "2026-12-17"]),
        (Every.TWO_WEEKS, "2026-12-24", ["2026-12-24", "2027-01-07", "2027-01-21"]),
        (Every.MONTH, "2026-12-03", ["2026-12-03", "2027-01-07", "2027-02-04"]),
        (Every.MONTH, "2026-12-31", ["2026-12-31", "2027-01-28", "2027-02-25"]),
    ],
)
def test_a_rule_gives_its_dates(every: Every, first: str, days: list[str]) -> None:
    found = list_days(every, date.fromisoformat(first), 3)
    assert [day.isoformat() for day in found] == days


@given(st.sampled_from(Every), st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(2, 52))
def test_every_rule_gives_as_many_dates_as_asked_from_the_first_on_the_same_weekday(
    every: Every, first: date, count: int
) -> None:
    found = list_days(every, first, count)
    assert len(found) == len(set(found)) == count
    assert found == sorted(found)
    assert found[0] == first
    assert {day.weekday() for day in found} == {first.weekday()}


@pytest.mark.parametrize("count", [0, 1, 53])
def test_a_series_has_a_number_of_dates_one_can_look_through(count: int) -> None:
    with pytest.raises(Refused) as refused:
        list_days(Every.WEEK, FIRST, count)
    assert refused.value.field == "times"


def test_what_counts_from_a_session_moves_with_it() -> None:
    keep = Keep(2, Audience.TEACHER, STARTS - timedelta(days=2))
    opens = STARTS - timedelta(days=9)
    moved = shifted(plan(keep=keep, bookable_from=opens), timedelta(days=7))
    assert moved.starts_local == STARTS + timedelta(days=7)
    assert moved.bookable_from == opens + timedelta(days=7)
    assert moved.keep is not None
    assert moved.keep.until_local == keep.until_local + timedelta(days=7)


@both
def test_each_date_is_a_session_at_the_same_hour_across_the_change_of_hour(
    db: Session, make: Factory
) -> None:
    first = date(2027, 3, 18)
    start = datetime(2027, 3, 18, 14, 0)  # noqa: DTZ001
    made = plan_series(
        db,
        plan(starts_local=start, ends_local=start + timedelta(hours=2)),
        Every.WEEK,
        list_days(Every.WEEK, first, 3),
        now=NOW,
        actor_id=make.user("facilitator").id,
    )
    db.commit()
    assert [to_local(s.starts_at).hour for s in made] == [14, 14, 14]
    assert len({s.starts_at.hour for s in made}) == 2, "in UTC it is another hour in summer"
    series = db.scalars(select(Series)).one()
    assert "FREQ=WEEKLY" in series.rule
    assert {s.series_id for s in made} == {series.id}


@both
def test_looking_at_the_dates_writes_nothing_and_says_what_hinders_each(
    db: Session, make: Factory
) -> None:
    room, team = make_room(db), make.user("facilitator")
    make_session(db, title="Robots", starts=STARTS + timedelta(days=7), room=room)
    wanted = plan(room_id=room.id, onsite=5)
    days = list_days(Every.WEEK, FIRST, 3)
    found = check_days(db, wanted, days, now=NOW, actor_id=team.id)
    db.rollback()
    assert [bool(one.problem) for one in found] == [False, True, False]
    assert "est prise par" in found[1].problem
    assert len(db.scalars(select(LearningSession)).all()) == 1
    with pytest.raises(Refused) as refused:
        plan_series(db, wanted, Every.WEEK, days, now=NOW, actor_id=team.id)
    assert "jeudi 10" in refused.value.message.replace("\u00a0", " ")
    db.rollback()
    assert db.scalars(select(Series)).all() == [], "all or none"
    made = plan_series(db, wanted, Every.WEEK, [days[0], days[2]], now=NOW, actor_id=team.id)
    db.commit()
    assert [s.starts_local.date() for s in made] == [days[0], days[2]]


@both
@pytest.mark.parametrize(
    ("scope", "changed"),
    [(Scope.ONE, [1]), (Scope.FOLLOWING, [1, 2, 3]), (Scope.ALL, [0, 1, 2, 3])],
)
def test_one_the_following_or_all_are_changed_each_on_its_own_day(
    db: Session, make: Factory, scope: Scope, changed: list[int]
) -> None:
    made = make_series(db, make)
    before = [s.starts_local for s in made]
    moved = shifted(plan(title="Club, plus tard"), timedelta(days=7, hours=1))
    done = change_series(db, made[1].id, moved, scope, now=NOW)
    db.commit()
    assert len(done) == len(changed)
    for n, session in enumerate(made):
        is_changed = n in changed
        assert (session.title == "Club, plus tard") is is_changed
        assert session.starts_local == before[n] + timedelta(hours=1) * is_changed


@both
@pytest.mark.parametrize("days", [7, -7, 1])
def test_a_series_in_one_room_moves_by_weeks_without_running_into_itself(
    db: Session, make: Factory, days: int
) -> None:
    team = make.user("facilitator")
    made = make_series(
        db, make, room_id=make_room(db).id, onsite=5, facilitator_ids=(team.id,), online=None,
        online_link="",
    )  # fmt: skip
    before = [s.starts_local for s in made]
    base = plan(
        room_id=made[0].room_id, onsite=5, facilitator_ids=(team.id,), online=None, online_link=""
    )
    change_series(db, made[0].id, shifted(base, timedelta(days=days)), Scope.ALL, now=NOW)
    db.commit()
    assert [s.starts_local for s in made] == [one + timedelta(days=days) for one in before]


@both
def test_what_one_date_has_for_itself_stays_when_all_are_changed(
    db: Session, make: Factory
) -> None:
    made = make_series(db, make)
    room = make_room(db)
    own = Plan(
        **{
            **plan_of(made[1]).__dict__,
            "room_id": room.id,
            "onsite": 4,
            "ends_local": made[1].ends_local + timedelta(hours=1),
            "bring": "un casque",
        }
    )
    change_series(db, made[1].id, own, Scope.ONE, now=NOW)
    db.commit()
    corrected = Plan(**{**plan_of(made[0]).__dict__, "title": "Club, sans faute"})
    change_series(db, made[0].id, corrected, Scope.ALL, now=NOW)
    db.commit()
    assert {session.title for session in made} == {"Club, sans faute"}
    assert [session.room_id for session in made] == [None, room.id, None, None]
    assert made[1].bring == "un casque"
    assert made[1].ends_local - made[1].starts_local == timedelta(hours=3)
    assert plan_of(made[1]) == Plan(**{**own.__dict__, "title": "Club, sans faute"})


@both
def test_a_change_that_one_date_refuses_changes_none_and_names_it(
    db: Session, make: Factory
) -> None:
    room = make_room(db)
    made = make_series(db, make)
    make_session(db, title="Robots", starts=STARTS + timedelta(days=14), room=room)
    with pytest.raises(Refused) as refused:
        change_series(db, made[0].id, plan(room_id=room.id, onsite=3), Scope.ALL, now=NOW)
    assert "17" in refused.value.message
    db.rollback()
    assert {s.room_id for s in made} == {None}


@both
def test_what_began_or_was_called_off_is_left_as_it_was(db: Session, make: Factory) -> None:
    made = make_series(db, make)
    later = made[0].ends_at + timedelta(hours=1)
    gone = call_off_series(db, made[2].id, "Panne.", Scope.ONE, now=later)
    assert gone == [made[2]]
    done = change_series(
        db, made[1].id, shifted(plan(title="Autre"), timedelta(days=7)), Scope.ALL, now=later
    )
    db.commit()
    assert done == [made[1], made[3]]
    assert [s.title for s in made] == ["Club du jeudi", "Autre", "Club du jeudi", "Autre"]
    call_off_series(db, made[1].id, "Fini.", Scope.FOLLOWING, now=later)
    db.commit()
    assert [s.cancelled_at is None for s in made] == [True, False, False, False]


# Pages


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Club du jeudi",
        "day": "2026-12-03",
        "starts": "14:00",
        "ends": "16:00",
        "room": "",
        "onsite": "",
        "online": "10",
        "online_link": "https://visio.example.org/x",
        "step": "",
        "repeat": "week",
        "times": "3",
        "admission": "code",
        "invitation_code": "Ada",
        **changes,
    }


def test_a_facilitator_sees_every_date_leaves_one_out_and_plans_the_others(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    look = client.post("/agenda/nouvelle", data=filled())
    page = look.get_data(as_text=True)
    assert look.status_code == 200
    assert re.findall(r'name="dates" value="([^"]+)" checked', page) == [
        "2026-12-03", "2026-12-10", "2026-12-17",
    ]  # fmt: skip
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert sent["invitation_code"] == "Ada"
    assert db.scalars(select(LearningSession)).all() == []
    done = client.post(
        "/agenda/nouvelle",
        data={**sent, "confirmer": "1", "dates": ["2026-12-03", "2026-12-17", "2031-01-01"]},
        follow_redirects=True,
    )
    assert "2 séances sont à l’agenda." in text_of(done)
    assert "Séance 1 d’une série de 2" in text_of(done)
    made = db.scalars(select(LearningSession).order_by(LearningSession.starts_at)).all()
    assert [s.starts_local.date().isoformat() for s in made] == ["2026-12-03", "2026-12-17"]
    assert {s.admission for s in made} == {Admission.CODE}


def test_a_public_holiday_is_said_and_left_out_unless_it_is_wanted(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user("facilitator"))
    page = client.post("/agenda/nouvelle", data=filled(day="2026-12-18", times="3"))
    assert "Jour férié : Noël" in text_of(page)
    assert "Jour férié : Jour de l’an" in text_of(page)
    assert re.findall(r'name="dates" value="([^"]+)" checked', page.text) == ["2026-12-18"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"times": ""}, "Combien de séances, celle-ci comprise ?"),
        ({"times": "1"}, "Une série compte de 2 à 52 séances."),
        ({"times": "500"}, "Une série compte de 2 à 52 séances."),
        ({"repeat": "jour"}, "pas dans la liste"),
        ({"confirmer": "1", "dates": []}, "Gardez au moins deux dates"),
        ({"confirmer": "1", "dates": ["2026-12-03"]}, "Gardez au moins deux dates"),
    ],
)
def test_a_series_that_cannot_be_is_told_and_nothing_is_written(
    db: Session, make: Factory, client: LookingClient, changes: dict[str, Any], sentence: str
) -> None:
    client.sign_in(make.user("facilitator"))
    answer = client.post("/agenda/nouvelle", data=filled(**changes))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.scalars(select(LearningSession)).all() == []


def test_the_pages_that_change_and_call_off_ask_how_many_of_the_series(
    db: Session, make: Factory, client: LookingClient
) -> None:
    made = make_series(db, make)
    client.sign_in(make.user("facilitator"))
    address = f"/agenda/{made[1].id}"
    assert "Cette séance et les suivantes" in text_of(client.get(f"{address}/modifier"))
    data = filled(
        title="Club", day="2026-12-10", scope="following", repeat="", admission="open",
        invitation_code="",
    )  # fmt: skip
    done = client.post(f"{address}/modifier", data=data, follow_redirects=True)
    assert "3 séances sont modifiées." in text_of(done)
    gone = client.post(
        f"{address}/annuler", data={"reason": "Panne.", "scope": "all"}, follow_redirects=True
    )
    assert "4 séances sont annulées" in text_of(gone)
    alone = make_session(db)
    assert "les suivantes" not in text_of(client.get(f"/agenda/{alone.id}/modifier"))
