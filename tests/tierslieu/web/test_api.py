"""The door of the API: what comes in is read strictly, what is refused is a problem with a code."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.exchange import Program, credential
from tests.support.factories import Factory
from tests.support.tokens import bearing
from tierslieu.clock import days, fixed_at, now
from tierslieu.tokens.queries import list_tokens

ADDRESS = "/vc-api/credentials/issue"


@pytest.fixture
def program(client: LookingClient, make: Factory, db: Session) -> Program:
    return Program(client, make, db)


def send(program: Program, data: bytes | str, content_type: str = "application/json") -> Any:
    return program.client.post(
        ADDRESS, data=data, content_type=content_type, headers=bearing(program.secret)
    )


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        ("{}", "text/plain", 415, "unsupported_media_type"),
        ("a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("", "application/json", 400, "malformed_json"),
        ('{"credential": {}', "application/json", 400, "malformed_json"),
        ('{"credential": {}, "credential": {}}', "application/json", 400, "malformed_json"),
        ('{"credential": {"a": {"b": 1, "b": 2}}}', "application/json", 400, "malformed_json"),
        ('{"credential": {"a": NaN}}', "application/json", 400, "malformed_json"),
        ('{"credential": {"a": "\\u0000"}}', "application/json", 400, "malformed_json"),
        (b'{"credential": {"a": "\xff"}}', "application/json", 400, "malformed_json"),
        ("[" * 100_000, "application/json", 400, "malformed_json"),
        ('{"credential": {"a": "\\ud800"}}', "application/json", 400, "malformed_body"),
        ("[]", "application/json", 400, "malformed_body"),
        ("{}", "application/json", 400, "malformed_body"),
        (
            '{"credential": {}, "options": {"credentialId": 5}}',
            "application/json",
            400,
            "malformed_body",
        ),
        ('{"credential": {}, "x": 1}', "application/json", 400, "unknown_field"),
    ],
)
def test_a_body_that_could_be_misunderstood_is_refused(
    program: Program, data: bytes | str, content_type: str, status: int, code: str
) -> None:
    answer = send(program, data, content_type)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == status


def test_a_body_beyond_its_limit_is_refused_unread(program: Program) -> None:
    answer = send(program, b'{"credential": "' + b"x" * (2 * 1024 * 1024) + b'"}')
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_an_unknown_field_is_named(program: Program) -> None:
    body = {"credential": {}, "optoins": {}, "options": {"secret": "Samira"}}
    answer = program.post("/credentials/issue", body).get_json()
    assert sorted(answer["fields"]) == ["options.secret", "optoins"]
    assert "Samira" not in str(answer)


def test_a_session_opens_no_call_and_a_call_opens_no_session(
    program: Program, make: Factory
) -> None:
    program.client.sign_in(program.owner)  # type: ignore[attr-defined]
    answer = program.client.post(ADDRESS, json={"credential": credential()})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_missing")
    other = program.client.application.test_client()
    assert (
        other.post(
            ADDRESS, json={"credential": credential()}, headers=bearing(program.secret)
        ).status_code
        == 201
    )
    assert other.get("/compte").status_code == 302


def test_forms_keep_their_token_when_calls_need_none(
    app: Flask, program: Program, make: Factory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = program.issue(credential())
        program.client.sign_in(program.owner)  # type: ignore[attr-defined]
        form = program.client.post("/compte/cles", data={"name": "x"})
        with_header = program.client.post(
            "/compte/cles", data={"name": "x"}, headers=bearing(program.secret)
        )
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 201
    assert (form.status_code, with_header.status_code) == (400, 400)


def test_an_address_of_the_api_that_leads_nowhere_is_a_problem_too(client: LookingClient) -> None:
    for address in ("/vc-api/rien", "/api/v1/rien"):
        answer = client.get(address)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) >= {"POST", "OPTIONS"}  # RFC 9110 §15.5.6


@pytest.mark.both_databases
def test_the_day_of_use_is_written_even_when_nothing_else_is(program: Program, db: Session) -> None:
    program.verify({})
    db.rollback()
    assert list_tokens(db, program.owner.id)[0].last_used_on is not None


def test_a_token_that_ran_out_says_so_to_its_program(program: Program) -> None:
    with fixed_at(now() + days(31)):
        answer = program.issue(credential())
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tierslieu", error="invalid_token"'


def test_no_secret_is_logged(
    app: Flask, program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        program.issue(credential())
        program.client.post(ADDRESS, headers=bearing("tl_" + "a" * 64))
    assert program.secret not in caplog.text
    assert "tl_aaaa" not in caplog.text
