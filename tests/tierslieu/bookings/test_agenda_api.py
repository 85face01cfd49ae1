"""The agenda for programs: what is told, in which order, narrowed how; and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.courses import counted_queries, make_path, steps_of
from tests.support.factories import Factory
from tests.support.programs import Caller, at
from tests.support.sessions import NOW, make_room, make_session
from tierslieu import clock
from tierslieu.agenda.models import Admission, SeatMode
from tierslieu.agenda.rules import cancel_session
from tierslieu.bookings.rules import claim
from tierslieu.people.models import Audience

both = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def program(client: LookingClient, db: Session, make: Factory) -> Caller:
    return Caller(client, db, make.user(), "sessions:read")


def titles(answer: dict[str, Any]) -> list[str]:
    return [item["title"] for item in answer["items"]]


@both
def test_a_session_is_told_with_its_hours_its_place_its_path_and_what_is_left(
    db: Session, make: Factory, program: Caller
) -> None:
    path = make_path(db, "snt", title="Sciences numériques")
    step = steps_of(db, path)[0]
    room = make_room(db, name="salle Ada", address="3 rue des Écoles", access="de plain-pied")
    leader = make.user("facilitator", name="Léa Meneuse")
    session = make_session(
        db, room=room, onsite=1, online=5, step=step, bring="un ordinateur", facilitators=[leader]
    )
    waiting = make.user(name="Ada En Attente")
    for person in (make.user(), waiting):
        claim(db, session.id, person.id, SeatMode.ONSITE, now=NOW)
        db.commit()
    told = program.get(f"/sessions/{session.id}")
    assert told == {
        "id": str(session.id),
        "title": "Initiation à Python",
        "starts_at": "2026-11-26T13:00:00Z",
        "ends_at": "2026-11-26T16:00:00Z",
        "starts_local": "2026-11-26T14:00",
        "ends_local": "2026-11-26T17:00",
        "timezone": "Europe/Paris",
        "place": {
            "name": "salle Ada",
            "address": "3 rue des Écoles",
            "access": "de plain-pied",
        },
        "state": "to_come",
        "url": f"http://localhost/agenda/{session.id}",
        "description": "",
        "bring": "un ordinateur",
        "path": {"slug": "snt", "title": "Sciences numériques"},
        "step": {"id": str(step.id), "code": step.code, "title": step.title},
        "cancel_reason": "",
        "level": None,
        "audience": None,
        "prerequisites": "",
        "admission": "open",
        "bookable_from": None,
        "bookable_until": None,
        "series": None,
        "bundle": False,
        "capacity": {"onsite": 1, "online": 5},
        "free": {"onsite": 0, "online": 5},
        "waiting": {"onsite": 1, "online": 0},
    }
    assert program.get("/sessions")["items"] == [told]


def test_seats_kept_for_a_public_and_a_code_are_not_told_as_free_nor_at_all(
    db: Session, program: Caller
) -> None:
    session = make_session(
        db,
        onsite=5,
        admission=Admission.CODE,
        invitation_code="Ada 1843",
        audience=Audience.TEACHER,
    )
    pool = session.pool(SeatMode.ONSITE)
    assert pool is not None
    pool.kept, pool.kept_for, pool.kept_until = 2, Audience.TEACHER, NOW + timedelta(days=1)
    db.commit()
    told = program.get(f"/sessions/{session.id}")
    assert (told["admission"], told["audience"], told["free"]) == ("code", "teacher", {"onsite": 3})
    assert "1843" not in str(told)


def test_neither_the_online_link_nor_anybody_s_name_is_told(
    db: Session, make: Factory, program: Caller
) -> None:
    leader = make.user("facilitator", name="Léa Meneuse")
    session = make_session(db, online=2, facilitators=[leader])
    # Not even to the owner of the key, who holds a seat online: this call is the agenda.
    claim(db, session.id, program.owner.id, SeatMode.ONLINE, now=NOW)
    db.commit()
    for path in ("/sessions", f"/sessions/{session.id}"):
        said = program.ask("GET", path).text
        assert session.online_link not in said
        for person in (leader, program.owner):
            assert person.name not in said
            assert person.email not in said
            assert str(person.id) not in said


def test_a_session_only_online_has_no_place_and_a_cancelled_one_says_so(
    db: Session, program: Caller
) -> None:
    online = make_session(db, onsite=None, online=3)
    called_off = make_session(db)
    cancel_session(db, called_off.id, "La salle est inondée.", now=NOW)
    db.commit()
    told = program.get(f"/sessions/{online.id}")
    assert told["place"] is None
    assert told["capacity"] == {"online": 3}
    told = program.get(f"/sessions/{called_off.id}")
    assert (told["state"], told["cancel_reason"]) == ("cancelled", "La salle est inondée.")


@both
def test_a_list_is_of_what_has_not_ended_unless_a_period_is_asked(
    db: Session, program: Caller
) -> None:
    make_session(db, title="hier", starts=at(18))
    make_session(db, title="en cours", starts=at(19, 8))
    make_session(db, title="demain", starts=at(20))
    make_session(db, title="en décembre", starts=at(3, month=12))
    assert titles(program.get("/sessions")) == ["en cours", "demain", "en décembre"]
    past = program.get("/sessions", **{"from": "2026-11-18", "to": "2026-11-19"})
    assert titles(past) == ["hier"]
    assert past["items"][0]["state"] == "past"
    until = program.get("/sessions", to="2026-12-03T13:00:00Z")
    assert titles(until) == ["en cours", "demain"], "«to» is not of the period"
    # Over at 17 h in Paris, which is 18 h 30 where this was asked.
    since = program.get("/sessions", **{"from": "2026-11-20T18:29:59.999999+02:30"})
    assert titles(since) == ["demain", "en décembre"]
    since = program.get("/sessions", **{"from": "2026-11-20T18:30:00+02:30"})
    assert titles(since) == ["en décembre"], "half-open: what ends then is over"


@both
def test_a_date_is_its_midnight_in_paris_in_summer_as_in_winter(
    db: Session, program: Caller
) -> None:
    make_session(db, title="soir", starts=at(24, 22, 6), hours=1.99)
    make_session(db, title="minuit", starts=at(25, 0, 6), hours=1)
    assert titles(program.get("/sessions", **{"from": "2026-06-25", "to": "2026-06-26"})) == [
        "minuit"
    ]
    assert titles(program.get("/sessions", **{"from": "2026-06-24", "to": "2026-06-25"})) == [
        "soir"
    ]


@both
def test_a_list_is_narrowed_by_mode_and_by_path(db: Session, program: Caller) -> None:
    path = make_path(db, "nsi")
    step = steps_of(db, path)[0]
    make_session(db, title="sur place", starts=at(20))
    make_session(db, title="en ligne", starts=at(21), onsite=None, online=1)
    make_session(db, title="des deux façons", starts=at(22), online=1, step=step)
    assert titles(program.get("/sessions", mode="onsite")) == ["sur place", "des deux façons"]
    assert titles(program.get("/sessions", mode="online")) == ["en ligne", "des deux façons"]
    assert titles(program.get("/sessions", path="nsi")) == ["des deux façons"]
    assert titles(program.get("/sessions", path="nsi", mode="online")) == ["des deux façons"]


@both
def test_pages_neither_repeat_nor_hide_a_session_while_others_are_added(
    db: Session, program: Caller
) -> None:
    # Three at the very same hour: the identifier settles their order.
    kept = [make_session(db, starts=at(20)) for _n in range(3)]
    kept += [make_session(db, starts=at(day)) for day in (21, 22)]
    page = program.get("/sessions", limit=2)
    seen = [item["id"] for item in page["items"]]
    make_session(db, title="avant", starts=at(19, 14))  # offsets would show one twice
    late = make_session(db, title="après", starts=at(21, 15))
    while page["next"]:
        page = program.get("/sessions", limit=2, after=page["next"])
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
    kept.insert(4, late)
    assert seen == [str(session.id) for session in kept]


def test_a_list_that_ends_on_a_whole_page_has_no_next(db: Session, program: Caller) -> None:
    for day in (20, 21):
        make_session(db, starts=at(day))
    assert program.get("/sessions", limit=2)["next"] is None
    assert program.get("/sessions", limit=1)["next"]
    assert program.get("/sessions", mode="online") == {"items": [], "next": None}


@both
def test_a_list_of_many_asks_the_database_no_more_than_a_list_of_one(
    db: Session, make: Factory, program: Caller
) -> None:
    def add(day: int) -> None:
        path = make_path(db, f"chemin-{day}")
        session = make_session(
            db,
            starts=at(day),
            onsite=1,
            online=1,
            step=steps_of(db, path)[0],
            facilitators=[make.user("facilitator")],
        )
        for _n in range(2):
            claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
            db.commit()

    def count() -> int:
        db.expire_all()
        db.rollback()
        with counted_queries(db) as seen:
            program.get("/sessions")
        return len(seen)

    add(20)
    program.get("/sessions")  # the key's day of use is written once
    alone = count()
    for day in (21, 22, 23, 24):
        add(day)
    assert count() == alone
    assert alone <= 8


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"from": "hier"}, "malformed_body", "from"),
        ({"from": "2026-02-30"}, "malformed_body", "from"),
        ({"from": "20261126"}, "malformed_body", "from"),
        ({"from": "0001-01-01"}, "malformed_body", "from"),
        ({"to": "2026-11-26T14:00:00"}, "malformed_body", "to"),
        ({"to": "9999-12-31T23:59:59-14:00"}, "malformed_body", "to"),
        ({"to": "2026-11-26\0"}, "malformed_body", "to"),
        ({"mode": "hybrid"}, "malformed_body", "mode"),
        ({"limit": "0"}, "malformed_body", "limit"),
        ({"limit": "101"}, "malformed_body", "limit"),
        ({"limit": "dix"}, "malformed_body", "limit"),
        ({"form": "2026-11-26"}, "unknown_field", "form"),
        ({"from": "2026-11-27", "to": "2026-11-26"}, "period_empty", None),
        ({"from": "2026-11-26", "to": "2026-11-26"}, "period_empty", None),
        ({"to": "2026-11-18"}, "period_empty", None),
        ({"path": "rien"}, "path_unknown", None),
        ({"path": "\0"}, "path_unknown", None),
        ({"after": "rien"}, "cursor_unknown", None),
        ({"after": "é"}, "cursor_unknown", None),
        ({"after": "MQ"}, "cursor_unknown", None),
        ({"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjAw"}, "cursor_unknown", None),
    ],
)
def test_a_parameter_that_means_nothing_is_refused_and_named(
    program: Caller, query: dict[str, str], code: str, field: str | None
) -> None:
    answer = program.ask("GET", "/sessions", query_string=query)
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (400, code)
    assert answer.content_type == "application/problem+json"
    if field is not None:
        assert field in (told.get("fields") or [error["field"] for error in told["errors"]])


def test_an_instant_without_its_offset_is_told_from_one_that_is_none(program: Caller) -> None:
    for said, problem in (
        ("2026-11-26T14:00", "offset_missing"),
        ("2026-11-26 à 14 h", "date_or_instant_expected"),
    ):
        answer = program.ask("GET", "/sessions", query_string={"from": said}).get_json()
        assert answer["errors"] == [{"field": "from", "problem": problem}]


def test_a_session_that_is_not_there_is_not_found(program: Caller) -> None:
    assert program.refusal("GET", f"/sessions/{uuid4()}") == (404, "not_found")
    assert program.refusal("GET", "/sessions/rien") == (404, "not_found")


def test_a_session_held_no_more_in_one_mode_tells_nothing_of_it(
    db: Session, program: Caller
) -> None:
    session = make_session(db, onsite=3, online=0)
    told = program.get(f"/sessions/{session.id}")
    assert told["capacity"] == told["free"] == {"onsite": 3}
    assert program.get("/sessions", mode="online")["items"] == []


def test_what_is_running_and_what_is_over_is_told(db: Session, program: Caller) -> None:
    session = make_session(db)
    for minutes, state in ((-1, "to_come"), (0, "running"), (179, "running"), (180, "past")):
        with clock.fixed_at(session.starts_at + timedelta(minutes=minutes)):
            assert program.get(f"/sessions/{session.id}")["state"] == state


@pytest.mark.both_databases
@pytest.mark.parametrize("since", ["0001-01-02", "0001-01-03", "9999-12-31T00:00:00Z"])
def test_a_period_may_begin_with_the_first_date_or_the_last(program: Caller, since: str) -> None:
    assert program.ask("GET", "/sessions", query_string={"from": since}).status_code == 200
