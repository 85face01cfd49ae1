"""The roll for programs: each record is noted once, and what was corrected stays corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.programs import Caller
from tests.support.sessions import NOW, make_session
from tests.support.tokens import bearing
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, AttendanceRecord, Half, Presence
from tierslieu.attendance.rules import RollEntry, forget_person, note_presence
from tierslieu.bookings.rules import claim

both = pytest.mark.both_databases
THEN = NOW + timedelta(days=7, hours=5)  # Thursday 26 November, 14 h in Paris


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(THEN):
        yield


@pytest.fixture
def program(client: LookingClient, db: Session, make: Factory) -> Caller:
    return Caller(client, db, make.user("facilitator"), "attendances:write")


@pytest.fixture
def session(db: Session) -> LearningSession:
    """From 9 h to 17 h: two half-days."""
    return make_session(db, starts=datetime(2026, 11, 26, 9, 0), hours=8, online=2)  # noqa: DTZ001


def record(**changes: Any) -> dict[str, Any]:
    return {
        "nonce": str(uuid4()),
        "day": "2026-11-26",
        "half": "pm",
        "presence": "present",
        **changes,
    }


def send(program: Caller, session: LearningSession, *records: dict[str, Any]) -> Any:
    address = f"/sessions/{session.id}/attendances"
    return program.ask("PUT", address, json={"records": list(records)})


def told(program: Caller, session: LearningSession, *records: dict[str, Any]) -> Any:
    answer = send(program, session, *records)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["next"] is None
    return answer.get_json()["items"]


def test_a_correction_after_the_day_says_why(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user = make.user()
    told(program, session, record(user_id=str(user.id)))
    changed = record(user_id=str(user.id), presence="absent")
    with clock.fixed_at(THEN + timedelta(days=1)):
        assert refusal(program, session, changed) == ("why_needed", changed["nonce"])
        address = f"/sessions/{session.id}/attendances"
        body = {"records": [changed], "why": "Elle était à l’autre séance."}
        assert program.ask("PUT", address, json=body).status_code == 200
    (line,) = lines(db)
    assert (line.presence, line.changes[0].why) == (Presence.ABSENT, body["why"])


def refusal(program: Caller, session: LearningSession, *records: dict[str, Any]) -> tuple[str, Any]:
    answer = send(program, session, *records)
    assert answer.status_code == 409, answer.text
    return answer.get_json()["code"], answer.get_json().get("nonce")


def lines(db: Session) -> list[Attendance]:
    return list(db.scalars(select(Attendance).order_by(Attendance.id)))


@both
def test_presence_is_noted_by_half_day_as_on_the_roll_s_page(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user = make.user()
    claim(db, session.id, user.id, SeatMode.ONLINE, now=NOW)
    db.commit()
    morning = record(user_id=str(user.id), half="am", presence="excused")
    afternoon = record(email=user.email.upper())  # an account's address is its account
    assert told(program, session, morning, afternoon) == [
        {
            "nonce": sent["nonce"],
            "state": "noted",
            "day": "2026-11-26",
            "half": half,
            "presence": presence,
            "mode": "online",
            "user_id": str(user.id),
        }
        for sent, half, presence in ((morning, "am", "excused"), (afternoon, "pm", "present"))
    ]
    found = {line.half: line for line in lines(db)}
    assert found[Half.MORNING].presence is Presence.EXCUSED
    assert found[Half.AFTERNOON].arrived_at == THEN
    assert {line.noted_by_id for line in found.values()} == {program.owner.id}
    assert not any(line.walked_in for line in found.values())


@both
def test_a_record_sent_again_changes_nothing_not_even_what_was_corrected(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user, colleague = make.user(), make.user("facilitator")
    sent = record(user_id=str(user.id))
    told(program, session, sent)
    assert told(program, session, sent)[0]["state"] == "known"
    corrected = RollEntry(Presence.ABSENT, user.id)
    note_presence(db, session.id, [corrected], now=THEN, actor_id=colleague.id)
    db.commit()
    late, walked_in = record(user_id=str(user.id), half="am"), record(email="x@y.fr", name="Xi")
    items = told(program, session, sent, late, walked_in, sent)
    assert [item["state"] for item in items] == ["known", "noted", "noted", "known"]
    assert items[0]["presence"] == "absent", "what the roll says now"
    assert [line.presence for line in lines(db) if line.half is Half.AFTERNOON] == [
        Presence.ABSENT,
        Presence.PRESENT,
    ]
    # A new word is a new record.
    told(program, session, record(user_id=str(user.id)))
    assert [
        line.presence for line in lines(db) if line.user_id and line.half is Half.AFTERNOON
    ] == [Presence.PRESENT]


@both
def test_a_nonce_that_says_another_thing_is_refused_and_nothing_is_noted(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user, other = make.user(), make.user()
    first = record(user_id=str(user.id))
    told(program, session, first)
    for change in (
        {"user_id": str(other.id)},
        {"presence": "absent"},
        {"half": "am"},
        {"mode": "online"},
    ):
        again = refusal(program, session, record(user_id=str(other.id)), {**first, **change})
        assert again == ("nonce_reused", first["nonce"])
    twice = record(user_id=str(other.id))
    assert refusal(program, session, twice, {**twice, "presence": "absent"})[0] == "nonce_reused"
    assert len(lines(db)) == 1
    # At another session the same number is another record.
    elsewhere = make_session(db, starts=datetime(2026, 11, 26, 13, 0))  # noqa: DTZ001
    assert told(program, elsewhere, {**first, "presence": "absent"})[0]["state"] == "noted"


@both
def test_all_is_noted_or_nothing_and_the_record_in_question_is_named(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    good = record(user_id=str(make.user().id))
    for change, code in (
        ({"user_id": str(uuid4())}, "person_unknown"),
        ({"email": "personne@example.org"}, "bad_entry"),  # no account, and no name
        ({"email": "pas une adresse", "name": "Ada"}, "bad_entry"),
        ({"name": "Ada"}, "bad_entry"),
        ({"name": "Ada", "user_id": good["user_id"]}, "bad_entry"),
        ({"email": "ada@example.org", "user_id": good["user_id"]}, "bad_entry"),
        ({"email": "ada@example.org", "name": "Ada", "day": "2026-11-27"}, "bad_entry"),
    ):
        bad = record(**change)
        assert refusal(program, session, good, bad) == (code, bad["nonce"])
    assert lines(db) == []
    assert db.scalar(select(func.count()).select_from(AttendanceRecord)) == 0
    assert told(program, session, good)[0]["state"] == "noted"


def test_too_early_is_refused_and_what_is_not_there_is_not_found(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    sent = record(user_id=str(make.user().id))
    with clock.fixed_at(session.starts_at - timedelta(minutes=31)):
        assert refusal(program, session, sent) == ("closed", None)
    nowhere = program.refusal("PUT", f"/sessions/{uuid4()}/attendances", json={"records": [sent]})
    assert nowhere == (404, "not_found")
    assert told(program, session) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"half": "matin"}, "literal_error"),
        ({"presence": "late"}, "literal_error"),
        ({"day": "26/11/2026"}, "date_parsing"),
        ({"nonce": "1"}, "uuid_parsing"),
        ({"email": "a@b.fr", "name": "A\x07da"}, "string_pattern_mismatch"),
        ({"email": "a@b.fr", "name": "Ada\n"}, "string_pattern_mismatch"),
        ({"email": "a@b.fr", "name": "A" * 121}, "string_too_long"),
    ],
)
def test_a_record_of_another_shape_is_refused(
    db: Session, program: Caller, session: LearningSession, change: dict[str, Any], problem: str
) -> None:
    answer = send(program, session, record(**change))
    assert answer.status_code == 400
    assert [error["problem"] for error in answer.get_json()["errors"]] == [problem]
    assert lines(db) == []


def test_five_hundred_records_at_once_and_no_more(
    program: Caller, session: LearningSession
) -> None:
    def guests(count: int) -> list[dict[str, Any]]:
        return [record(email=f"p{n}@example.org", name=f"P {n}") for n in range(count)]

    assert send(program, session, *guests(501)).status_code == 400
    assert len(told(program, session, *guests(500))) == 500


def test_a_learner_has_no_such_key_and_a_facilitator_who_is_one_no_more_neither(
    client: LookingClient, db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user = make.user()
    program.owner.roles = user.roles
    db.commit()
    answer = client.put(
        f"/api/v1/sessions/{session.id}/attendances",
        json={"records": [record(user_id=str(user.id))]},
        headers=bearing(program.headers["Authorization"].split()[1]),
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "role_missing")
    assert lines(db) == []


@both
def test_who_is_erased_is_read_out_of_no_record(
    db: Session, make: Factory, program: Caller, session: LearningSession
) -> None:
    user = make.user()
    sent = record(user_id=str(user.id))
    told(program, session, sent)
    kept = db.scalars(select(AttendanceRecord)).one()
    assert len(kept.digest) == 64
    assert user.email not in kept.digest
    forget_person(db, user.id)
    db.delete(user)
    db.commit()
    again = told(program, session, sent)[0]
    assert (again["state"], again["user_id"]) == ("known", None)
    assert len(lines(db)) == 1
