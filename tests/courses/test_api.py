"""Paths and one's own enrolments for programs: the rules of the pages, for the key's owner."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.paths.editing.rules import retire_path
from courses.progress.models import RecordState
from courses.progress.rules import decide
from tests.support.client import LookingClient
from tests.support.courses import (
    NOW,
    counted_queries,
    make_enrolment,
    make_path,
    make_record,
    step_facts,
    steps_of,
)
from tests.support.factories import Factory
from tests.support.programs import Caller

both = pytest.mark.both_databases


@pytest.fixture
def program(client: LookingClient, db: Session, make: Factory) -> Caller:
    return Caller(client, db, make.user(), "enrolments:write")


def make_choice(db: Session) -> Any:
    return make_path(
        db,
        "choix",
        pools=[{"key": "options", "title": "Options", "needed": 1}],
        steps=[step_facts("A"), step_facts("B", needs=["a"]), step_facts("C", pool="options")],
    )


@both
def test_the_catalogue_is_read_with_its_steps_its_pools_and_what_comes_first(
    program: Caller, db: Session
) -> None:
    make_choice(db)
    make_path(db, "autre")
    (first, second) = program.ask("GET", "/paths").json["items"]
    assert {first["slug"], second["slug"]} == {"choix", "autre"}
    whole = program.ask("GET", "/paths/choix").json
    assert (whole["steps_asked"], whole["version"], whole["is_proposed"]) == (3, 1, True)
    assert whole["pools"] == [{"key": "options", "title": "Options", "needed": 1}]
    assert [(s["key"], s["needs"], s["pool"]) for s in whole["steps"]] == [
        ("a", [], None),
        ("b", ["a"], None),
        ("c", [], "options"),
    ]
    page = program.ask("GET", "/paths?limit=1").json
    following = program.ask("GET", f"/paths?limit=1&after={page['next']}").json
    assert [page["items"][0]["slug"], following["items"][0]["slug"]] == [
        first["slug"],
        second["slug"],
    ]
    assert program.refusal("GET", "/paths/nulle-part") == (404, "not_found")


@both
def test_a_path_no_longer_proposed_is_still_shown_and_not_begun(
    program: Caller, db: Session
) -> None:
    make_path(db)
    retire_path(db, "essai", is_retired=True, now=NOW)
    db.commit()
    assert program.ask("GET", "/paths").json["items"] == []
    assert program.ask("GET", "/paths/essai").json["is_proposed"] is False
    assert program.refusal("POST", "/enrolments", json={"path": "essai"}) == (409, "retired")


@both
def test_one_begins_a_path_reads_where_one_stands_and_stops_with_a_cause(
    program: Caller, db: Session, make: Factory
) -> None:
    path = make_choice(db)
    elsewhere = {"Host": "elsewhere.example"}
    made = program.ask("POST", "/enrolments", json={"path": "choix"}, headers=elsewhere)
    assert made.status_code == 201
    told = made.json
    assert made.headers["Location"] == f"http://localhost/api/v1/enrolments/{told['id']}"
    assert [(s["key"], s["state"], s["missing"]) for s in told["steps"]] == [
        ("a", "todo", []),
        ("b", "locked", ["a"]),
        ("c", "todo", []),
    ]
    enrolment = db.scalars(select(Enrolment)).one()
    record = make_record(db, enrolment, steps_of(db, path)[0])
    decide(db, record.id, RecordState.VALIDATED, actor_id=make.user("facilitator").id, now=NOW)
    db.commit()
    (one,) = program.ask("GET", "/enrolments").json["items"]
    assert (one["done"], one["required"], one["is_complete"]) == (1, 3, False)
    assert (one["steps"][0]["state"], one["steps"][0]["source"]) == ("done", "declared")
    here = f"/enrolments/{told['id']}"
    assert program.refusal("PATCH", here, json={"status": "active"}) == (409, "status_unchanged")
    assert program.refusal("PATCH", here, json={"status": "stopped"})[1] == "cause_missing"
    stopped = program.ask("PATCH", here, json={"status": "stopped", "cause": "time"}).json
    assert stopped["status"] == "stopped"
    assert program.ask("PATCH", here, json={"status": "active"}).json["status"] == "active"


@both
def test_a_call_whose_answer_was_lost_is_made_again(program: Caller, db: Session) -> None:
    make_path(db)
    first = program.ask("POST", "/enrolments", json={"path": "essai"}).json
    again = program.ask("POST", "/enrolments", json={"path": "essai"})
    assert (again.status_code, again.json["code"]) == (409, "already_enrolled")
    assert again.json["enrolment_id"] == first["id"]


def test_somebody_elses_enrolment_is_not_there(program: Caller, db: Session, make: Factory) -> None:
    other = make_enrolment(db, make.user(), make_path(db))
    for enrolment_id in (other.id, uuid4()):
        here = f"/enrolments/{enrolment_id}"
        assert program.refusal("GET", here) == (404, "not_found")
        assert program.refusal("PATCH", here, json={"status": "paused"}) == (404, "not_found")
    assert program.ask("GET", "/enrolments").json["items"] == []
    assert program.refusal("POST", "/enrolments", json={"path": "nulle-part"}) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [{}, {"path": 3}, {"path": "essai", "version": 1}, {"path": "x" * 201}, {"path": None}],
)
def test_another_shape_is_refused_and_begins_nothing(
    program: Caller, db: Session, body: dict[str, Any]
) -> None:
    make_path(db)
    assert program.ask("POST", "/enrolments", json=body).status_code == 400
    assert program.ask("GET", "/enrolments").json["items"] == []


def test_more_enrolments_ask_the_database_no_more_questions(program: Caller, db: Session) -> None:
    def asked() -> int:
        with counted_queries(db) as seen:
            assert program.ask("GET", "/enrolments").status_code == 200
        return len(seen)

    make_enrolment(db, program.owner, make_path(db, "un"))
    few = asked()
    for slug in ("deux", "trois", "quatre"):
        make_enrolment(db, program.owner, make_path(db, slug))
    assert asked() == few
