"""Planning: what is refused beside which field, and what keeps two sessions apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, plain
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode
from tierslieu.agenda.places.rules import save_room
from tierslieu.agenda.queries import (
    Filter,
    list_collisions,
    list_facilitators,
    list_sessions,
)
from tierslieu.agenda.rules import (
    Plan,
    cancel_session,
    edit_session,
    plan_session,
    renew_feed,
)
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused

pytestmark = pytest.mark.both_databases


def wall(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute)  # noqa: DTZ001 - wall time


PLAN = Plan(
    "Initiation à Python", wall(26, 14), wall(26, 17), online=10, online_link="https://x.fr"
)


def in_room(room: Room, **changes: Any) -> Plan:
    plan = replace(PLAN, room_id=room.id, onsite=10, online=None, online_link="")
    return replace(plan, **changes)


def refusal(db: Session, plan: Plan, now: datetime = NOW) -> tuple[str | None, str]:
    with pytest.raises(Refused) as refused:
        plan_session(db, plan, now=now, actor_id=uuid4())
    db.rollback()
    assert db.scalars(select(LearningSession).where(LearningSession.title == "refusée")).all() == []
    return refused.value.field, plain(refused.value.message)


def test_a_planned_session_keeps_its_wall_time_and_derives_the_instant(
    db: Session, make: Factory
) -> None:
    facilitator, room = make.user("facilitator"), make_room(db)
    plan = in_room(room, facilitator_ids=(facilitator.id,), online=5, online_link="https://x.fr")
    session = plan_session(db, plan, now=NOW, actor_id=facilitator.id)
    db.commit()
    assert session.starts_local == wall(26, 14)
    assert session.starts_at == clock.to_utc(wall(26, 14))
    assert {p.mode: p.capacity for p in session.pools} == {SeatMode.ONSITE: 10, SeatMode.ONLINE: 5}
    assert [f.id for f in session.facilitators] == [facilitator.id]


def test_the_same_wall_time_is_another_instant_after_the_change_of_hour(
    db: Session, make: Factory
) -> None:
    actor = make.user("facilitator").id
    instants = [
        plan_session(
            db,
            replace(PLAN, starts_local=day.replace(hour=14), ends_local=day.replace(hour=17)),
            now=datetime(2026, 3, 1, tzinfo=clock.PARIS),
            actor_id=actor,
        ).starts_at
        for day in (wall(28, 0, month=3), wall(30, 0, month=3))
    ]
    assert [i.hour for i in instants] == [13, 12]


@pytest.mark.parametrize(
    ("starts", "ends", "field", "words"),
    [
        (wall(26, 17), wall(26, 14), "ends", "finit à 14 h, avant de commencer à 17 h"),
        (wall(26, 14), wall(26, 14), "ends", "finit à l’heure où elle commence, 14 h"),
        (wall(26, 14), wall(27, 14, 1), "ends", "un jour au plus"),
        (wall(18, 14), wall(18, 17), "day", "déjà passé"),
        (
            datetime(1, 1, 1, 0, 0),  # noqa: DTZ001
            datetime(1, 1, 1, 3, 0),  # noqa: DTZ001
            "day",
            "déjà passé",
        ),
        (
            datetime(9999, 12, 31, 22, 0),  # noqa: DTZ001
            datetime(9999, 12, 31, 23, 0),  # noqa: DTZ001
            "day",
            "vérifiez l’année",
        ),
        (
            datetime(2027, 3, 28, 2, 30),  # noqa: DTZ001
            datetime(2027, 3, 28, 5, 0),  # noqa: DTZ001
            "starts",
            "2 h 30 n’existe pas le dimanche 28 mars 2027",
        ),
        (
            datetime(2027, 3, 28, 1, 0),  # noqa: DTZ001
            datetime(2027, 3, 28, 2, 30),  # noqa: DTZ001
            "ends",
            "n’existe pas",
        ),
        (
            datetime(2027, 10, 31, 2, 30),  # noqa: DTZ001
            datetime(2027, 10, 31, 5, 0),  # noqa: DTZ001
            "starts",
            "2 h 30 arrive deux fois le dimanche 31 octobre 2027",
        ),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_field(
    db: Session, starts: datetime, ends: datetime, field: str, words: str
) -> None:
    found, message = refusal(db, replace(PLAN, starts_local=starts, ends_local=ends))
    assert found == field
    assert words in message


def test_the_hours_named_by_the_issue_are_refused(db: Session) -> None:
    before = datetime(2026, 1, 5, tzinfo=clock.PARIS)
    for day, words in (
        (wall(29, 2, 30, month=3), "n’existe pas"),
        (wall(25, 2, 30, month=10), "deux fois"),
    ):
        plan = replace(PLAN, starts_local=day, ends_local=day + timedelta(hours=3))
        field, message = refusal(db, plan, before)
        assert (field, words in message) == ("starts", True)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"onsite": None}, "onsite", "Combien de places dans la salle ? Elle en compte 12."),
        ({"onsite": 13}, "onsite", "n’a que 12 places"),
        ({"room_id": None}, "room", "Choisissez la salle"),
        ({"room_id": uuid4()}, "room", "n’existe plus"),
        ({"room_id": None, "onsite": None}, "onsite", "au moins une façon"),
        ({"online": 5}, "online_link", "Indiquez le lien"),
        ({"online_link": "https://x.fr"}, "online", "Combien de places en ligne"),
        ({"facilitator_ids": (uuid4(),)}, "facilitators", "n’anime plus ici"),
        ({"step_id": uuid4()}, "step", "n’existe plus"),
    ],
)
def test_seats_rooms_and_people_that_do_not_fit_are_refused_beside_their_field(
    db: Session, changes: dict[str, Any], field: str, words: str
) -> None:
    found, message = refusal(db, in_room(make_room(db), **changes))
    assert found == field
    assert words in message


def test_a_learner_leads_no_session(db: Session, make: Factory) -> None:
    assert refusal(db, replace(PLAN, facilitator_ids=(make.user().id,)))[0] == "facilitators"


def hours(*pairs: tuple[int, int]) -> Iterable[dict[str, datetime]]:
    return [{"starts_local": wall(26, a), "ends_local": wall(26, b)} for a, b in pairs]


@pytest.mark.parametrize("times", hours((14, 17), (13, 15), (16, 18), (15, 16), (12, 20)))
def test_a_room_already_taken_is_refused_by_the_name_of_what_takes_it(
    db: Session, times: dict[str, datetime]
) -> None:
    room = make_room(db, name="salle Ada")
    make_session(db, room=room, title="Robots")
    field, message = refusal(db, in_room(room, **times))
    assert field == "room"
    assert "Salle Ada est prise par « Robots », 14 h – 17 h" in message


@pytest.mark.parametrize("times", hours((11, 14), (17, 20)))
def test_back_to_back_in_one_room_is_allowed(
    db: Session, make: Factory, times: dict[str, datetime]
) -> None:
    room = make_room(db)
    make_session(db, room=room)
    plan_session(db, in_room(room, **times), now=NOW, actor_id=make.user("facilitator").id)
    db.commit()
    assert list_collisions(db) == []


def test_a_cancelled_session_frees_its_room_and_its_facilitator(db: Session, make: Factory) -> None:
    room, facilitator = make_room(db), make.user("facilitator")
    session = make_session(db, room=room, facilitators=[facilitator])
    plan = in_room(room, facilitator_ids=(facilitator.id,))
    assert refusal(db, plan)[0] == "room"
    cancel_session(db, session.id, "Grève des trains.", now=NOW)
    plan_session(db, plan, now=NOW, actor_id=facilitator.id)
    db.commit()


def test_a_facilitator_already_elsewhere_is_refused(db: Session, make: Factory) -> None:
    facilitator = make.user("facilitator", name="Nadia Benali")
    make_session(db, title="Robots", facilitators=[facilitator])
    plan = in_room(make_room(db), facilitator_ids=(facilitator.id,))
    field, message = refusal(db, plan)
    assert field == "facilitators"
    assert message.startswith("Nadia Benali anime déjà")


def test_an_edit_may_keep_its_own_room_and_raises_the_sequence(db: Session, make: Factory) -> None:
    facilitator = make.user("facilitator")
    session = make_session(db, facilitators=[facilitator])
    plan = in_room(session.room, title="Autre titre", onsite=3, facilitator_ids=(facilitator.id,))
    edit_session(db, session.id, plan, now=NOW)
    db.commit()
    assert (session.title, session.sequence) == ("Autre titre", 1)


def test_an_edit_never_goes_below_the_seats_taken(db: Session, make: Factory) -> None:
    session = make_session(db, onsite=3, online=3)
    for _n in range(2):
        claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    plan = in_room(session.room, onsite=1, online=3, online_link="https://x.fr")
    with pytest.raises(Refused, match="2 personnes ont déjà leur place") as refused:
        edit_session(db, session.id, plan, now=NOW)
    assert refused.value.field == "onsite"
    db.rollback()
    away = replace(PLAN, online=3)
    with pytest.raises(Refused) as refused:
        edit_session(db, session.id, away, now=NOW)  # no more on site at all
    assert refused.value.field == "onsite"
    db.rollback()
    edit_session(db, session.id, in_room(session.room, onsite=2), now=NOW)
    db.commit()
    assert {p.mode: p.capacity for p in session.pools} == {
        SeatMode.ONSITE: 2,
        SeatMode.ONLINE: 0,  # given up: its row stays, for what was booked there
    }


def test_what_began_or_was_cancelled_changes_no_more(db: Session, make: Factory) -> None:
    session = make_session(db)
    begun = NOW + timedelta(days=7, hours=6)
    for act in (
        lambda now: edit_session(db, session.id, PLAN, now=now),
        lambda now: cancel_session(db, session.id, "Pluie.", now=now),
    ):
        with pytest.raises(Refused, match="a commencé"):
            act(begun)
        db.rollback()
    cancel_session(db, session.id, "Pluie.", now=NOW)
    db.commit()
    with pytest.raises(Refused, match="déjà annulée"):
        cancel_session(db, session.id, "Pluie.", now=NOW)
    with pytest.raises(NotYours):
        edit_session(db, uuid4(), PLAN, now=NOW)


def test_two_rooms_of_one_name_or_too_small_for_what_is_planned_are_refused(db: Session) -> None:
    def save(room: Room | None, name: str, places: int) -> Room:
        return save_room(
            db,
            room.id if room else None,
            name=name,
            places=places,
            address="",
            access="",
            equipment="",
            now=NOW,
        )

    ada = save(None, "salle Ada", 12)
    db.commit()
    with pytest.raises(Refused) as refused:
        save(None, "Salle ada", 3)
    assert refused.value.field == "name"
    db.rollback()
    make_session(db, room=ada, onsite=10, title="Robots")
    with pytest.raises(Refused, match="Robots") as refused:
        save(ada, "salle Ada", 9)
    assert refused.value.field == "places"
    db.rollback()
    save(ada, "Salle Ada", 10)
    db.commit()


def test_a_renewed_calendar_address_replaces_the_old(db: Session, make: Factory) -> None:
    user = make.user()
    first = renew_feed(db, user.id, now=NOW).secret
    db.commit()
    second = renew_feed(db, user.id, now=NOW).secret
    db.commit()
    assert len(first) == 32
    assert first != second


def test_an_agenda_is_in_the_order_of_time(db: Session) -> None:
    for day in (28, 26, 27):
        make_session(db, starts=wall(day, 14), title=str(day))
    assert [s.title for s in list_sessions(db, Filter())] == ["26", "27", "28"]
    latest = list_sessions(db, Filter(latest_first=True), limit=2)
    assert [s.title for s in latest] == ["28", "27"]


def test_facilitators_stand_in_the_order_of_the_alphabet_accents_or_not(
    db: Session, make: Factory
) -> None:
    for name in ("Zoé", "Émilie", "Denis"):
        make.user("facilitator", name=name)
    assert [p.name for p in list_facilitators(db)] == ["Denis", "Émilie", "Zoé"]
