"""The API's description: valid, whole, and true."""

from __future__ import annotations

from datetime import timedelta

import jsonschema
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.badges import make_award
from tests.support.client import LookingClient
from tests.support.courses import make_path, step_facts
from tests.support.evaluation import make_answered_study
from tests.support.exchange import Program, collection, credential
from tests.support.factories import Factory
from tests.support.programs import Caller
from tests.support.sessions import NOW, make_session
from tests.support.statements import Site, make_statement
from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.base import new_id
from tierslieu.bookings.rules import claim, release
from tierslieu.evaluation.kept.jobs import build_asked
from tierslieu.web.api import TOKEN


def test_it_is_valid_by_somebody_elses_judgement(client: LookingClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    assert [str(error.message) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_call_behind_a_token_is_described_with_its_scope(
    app: Flask, client: LookingClient
) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    described = {
        call["operationId"]: call["security"][0]["bearer"]
        for path in document["paths"].values()
        for call in path.values()
    }
    guarded = {
        rule.endpoint: str(access).split(" ")[1:]
        for rule in app.url_map.iter_rules()
        if (access := getattr(app.view_functions[rule.endpoint], "access", "")).startswith(TOKEN)
    }
    assert described == guarded
    assert all(
        call["summary"] and {"401", "403"} <= call["responses"].keys()
        for path in document["paths"].values()
        for call in path.values()
    )


def agenda_answers(
    client: LookingClient, make: Factory, db: Session
) -> dict[tuple[str, str], TestResponse]:
    """The calls of the agenda, of bookings and of the roll, by people with a key."""
    starts = clock.to_local(NOW) + timedelta(hours=4)
    session = make_session(db, starts=starts, hours=0.5, onsite=1)
    other = make_session(db, starts=starts, hours=0.5, onsite=1, online=1)
    program = Caller(client, db, make.user(), "sessions:read", "bookings:write")
    first = claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    offer = claim(db, session.id, program.owner.id, SeatMode.ONSITE, now=NOW)
    release(db, first.id, now=NOW, actor_id=first.user_id)
    db.commit()
    booked = program.ask("POST", f"/sessions/{other.id}/bookings", json={"mode": "onsite"})
    mine = f"/bookings/{booked.get_json()['id']}"
    team = Caller(client, db, make.user("facilitator"), "attendances:write")
    running = make_session(db, starts=clock.to_local(NOW), onsite=1)
    record = {
        "nonce": str(new_id()),
        "day": "2026-11-19",
        "half": "am",
        "presence": "present",
        "user_id": str(program.owner.id),
    }
    return {
        ("/api/v1/sessions/{session_id}/attendances", "put"): team.ask(
            "PUT", f"/sessions/{running.id}/attendances", json={"records": [record]}
        ),
        ("/api/v1/sessions", "get"): program.ask("GET", "/sessions"),
        ("/api/v1/sessions/{session_id}", "get"): program.ask("GET", f"/sessions/{session.id}"),
        ("/api/v1/sessions/{session_id}/bookings", "post"): booked,
        ("/api/v1/bookings", "get"): program.ask("GET", "/bookings"),
        ("/api/v1/bookings/{booking_id}", "get"): program.ask("GET", f"/bookings/{offer.id}"),
        ("/api/v1/bookings/{booking_id}/acceptance", "post"): program.ask(
            "POST", f"/bookings/{offer.id}/acceptance"
        ),
        ("/api/v1/bookings/{booking_id}/mode", "post"): program.ask(
            "POST", f"{mine}/mode", json={"mode": "online"}
        ),
        ("/api/v1/bookings/{booking_id}", "delete"): program.ask("DELETE", mine),
    }


def journey_answers(
    client: LookingClient, make: Factory, db: Session
) -> dict[tuple[str, str], TestResponse]:
    """The calls of paths and of one's own enrolments."""
    make_path(
        db,
        pools=[{"key": "p", "title": "Options", "needed": 1}],
        steps=[step_facts("A"), step_facts("B", needs=["a"], pool="p", hours=2.5)],
    )
    program = Caller(client, db, make.user(), "enrolments:write")
    begun = program.ask("POST", "/enrolments", json={"path": "essai"})
    mine = f"/enrolments/{begun.get_json()['id']}"
    return {
        ("/api/v1/paths", "get"): program.ask("GET", "/paths"),
        ("/api/v1/paths/{slug}", "get"): program.ask("GET", "/paths/essai"),
        ("/api/v1/enrolments", "post"): begun,
        ("/api/v1/enrolments", "get"): program.ask("GET", "/enrolments"),
        ("/api/v1/enrolments/{enrolment_id}", "get"): program.ask("GET", mine),
        ("/api/v1/enrolments/{enrolment_id}", "patch"): program.ask(
            "PATCH", mine, json={"status": "paused"}
        ),
    }


def study_answers(
    client: LookingClient, make: Factory, db: Session
) -> dict[tuple[str, str], TestResponse]:
    """The calls of studies and of their packages."""
    study, _people = make_answered_study(db, make)
    program = Caller(client, db, make.user("researcher"), "studies:export")
    asked = program.ask("POST", f"/studies/{study.id}/exports")
    mine = f"/exports/{asked.get_json()['id']}"
    waiting = program.ask("GET", mine)
    assert waiting.status_code == 202
    build_asked(db, clock.now())
    return {
        ("/api/v1/studies", "get"): program.ask("GET", "/studies"),
        ("/api/v1/studies/{study_id}/exports", "post"): asked,
        ("/api/v1/exports/{export_id}", "get"): program.ask("GET", mine),
    }


def test_answers_have_the_shape_it_promises(
    client: LookingClient, make: Factory, db: Session
) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    program = Program(client, make, db)
    award = make_award(db, make.user(), program.owner, program.signer)
    key = bearing(make_secret(db, program.owner, "awards:write"))
    signed = program.issue(credential(id="urn:uuid:1"))
    many = client.post(
        f"/api/v1/badges/{award.badge.slug}/awards",
        json={"recipients": [make.user().email, *(f"p{n}@example.org" for n in range(50))]},
        headers=key,
    )
    batch = f"/api/v1/award-batches/{many.get_json()['id']}"
    answers = {
        ("/api/v1/award-batches/{batch_id}", "get"): client.get(batch, headers=key),
        ("/api/v1/award-batches/{batch_id}/recipients", "get"): client.get(
            f"{batch}/recipients", headers=key
        ),
        ("/api/v1/badges", "get"): client.get("/api/v1/badges", headers=key),
        ("/api/v1/awards/{award_id}", "get"): client.get(f"/api/v1/awards/{award.id}", headers=key),
        ("/api/v1/badges/{slug}/awards", "post"): client.post(
            f"/api/v1/badges/{award.badge.slug}/awards",
            json={"recipients": ["nobody@example.org"]},
            headers=key,
        ),
        ("/vc-api/credentials/issue", "post"): signed,
        ("/vc-api/credentials/status", "post"): program.revoke("urn:uuid:1"),
        ("/vc-api/credentials/verify", "post"): program.verify(
            signed.get_json()["verifiableCredential"], returnResults=True
        ),
        ("/vc-api/presentations/verify", "post"): program.verify_presentation(
            collection(program, signed.get_json()["verifiableCredential"]), returnResults=True
        ),
        ("/api/v1/awards/{award_id}/revocation", "post"): client.post(
            f"/api/v1/awards/{award.id}/revocation", json={"reason": "essai"}, headers=key
        ),
    }
    with clock.fixed_at(NOW):
        answers |= agenda_answers(client, make, db)
    answers |= journey_answers(client, make, db) | study_answers(client, make, db)
    site = Site(client, db, make.user("facilitator"))
    answers |= {
        ("/xapi/statements", "post"): site.send([make_statement()]),
        ("/xapi/statements", "put"): site.send(
            said := make_statement(), "PUT", query_string={"statementId": said["id"]}
        ),
    }
    assert set(answers) == {
        (path, method) for path, calls in document["paths"].items() for method in calls
    }
    accepted = (("/api/v1/badges/{slug}/awards", "post"), many)
    for (path, method), answer in (*answers.items(), accepted):
        promised = document["paths"][path][method]["responses"][str(answer.status_code)]
        if "content" not in promised:
            assert answer.data == b""
            continue
        if "application/json" not in promised["content"]:
            assert answer.mimetype in promised["content"]
            continue
        schema = {**promised["content"]["application/json"]["schema"]}
        schema["components"] = document["components"]
        jsonschema.Draft202012Validator(schema).validate(answer.get_json())
