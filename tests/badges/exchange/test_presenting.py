"""Verifying a presentation for a program: the whole, each credential in it, and the occasion."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.engine import keys, presentations, proofs
from tests.support.client import LookingClient
from tests.support.exchange import V2, Program, collection, credential
from tests.support.factories import Factory
from tierslieu.clock import fixed_at

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]
ISSUER = keys.SigningKey.from_seed(b"another issuer, somewhere else..")
HOLDER = keys.SigningKey.from_seed(b"whoever shows what they received")


@pytest.fixture
def program(client: LookingClient, make: Factory, db: Session) -> Program:
    return Program(client, make, db)


def signed_by(key: keys.SigningKey) -> tuple[str, str]:
    did = keys.did_key(key.multibase)
    return did, keys.verification_method(did, key.multibase)


def given(**changes: Any) -> dict[str, Any]:
    """A credential of another issuer's, to nobody's key unless told."""
    did, method = signed_by(ISSUER)
    plain = {"credentialSubject": {"name": "Ada"}, **changes}
    return proofs.sign(credential(issuer=did, **plain), ISSUER, method, created=NOW)


def shown(*credentials: Any, **occasion: str) -> dict[str, Any]:
    """These, presented by the holder."""
    did, method = signed_by(HOLDER)
    document = presentations.build(list(credentials), holder=did)
    return presentations.sign(document, HOLDER, method, created=NOW, **occasion)


def test_a_presentation_verifies_with_every_credential_in_it(program: Program) -> None:
    to_them = given(credentialSubject={"id": signed_by(HOLDER)[0]})
    with fixed_at(NOW):
        answer = program.verify_presentation(shown(given(), to_them))
    assert (answer.status_code, answer.get_json()) == (200, {"verified": True})


def test_a_collection_of_this_place_verifies(program: Program) -> None:
    with fixed_at(NOW):  # a list signed later than the moment of looking would not be believed
        issued = program.issued(credential())
        whole = collection(program, issued)
        assert program.verify_presentation(whole).get_json() == {"verified": True}
        assert program.revoke(issued["credentialStatus"]["id"]).status_code == 200
        body = program.verify_presentation(whole).get_json()
    assert body["verified"] is False
    (problem,) = body["problemDetails"]
    assert (problem["code"], problem["pointer"]) == ("revoked", "#/verifiableCredential/0")


def test_each_problem_says_which_credential_it_is_about(program: Program) -> None:
    over = given(validUntil="2026-01-01T00:00:00Z")
    with fixed_at(NOW):
        body = program.verify_presentation(shown(given(), over)).get_json()
    assert body["verified"] is False
    (problem,) = body["problemDetails"]
    assert problem["type"] == "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"
    assert (problem["code"], problem["pointer"]) == ("expired", "#/verifiableCredential/1")
    assert problem["detail"]


def test_a_presentation_changed_after_signing_is_not_verified(program: Program) -> None:
    whole = shown(given(), given(name="autre"))
    whole["verifiableCredential"].reverse()
    with fixed_at(NOW):
        body = program.verify_presentation(whole).get_json()
    assert body["verified"] is False
    assert "signature_wrong" in {problem["code"] for problem in body["problemDetails"]}


@pytest.mark.parametrize("member", ["challenge", "domain"])
def test_what_was_signed_for_another_occasion_is_not_verified(
    program: Program, member: str
) -> None:
    occasion = {"challenge": "c-1", "domain": "jury.example"}
    whole = shown(given(), **occasion)
    with fixed_at(NOW):
        assert program.verify_presentation(whole, **occasion).get_json() == {"verified": True}
        asked = {**occasion, member: "autre"}
        body = program.verify_presentation(whole, returnResults=True, **asked).get_json()
        never = program.verify_presentation(shown(given()), **{member: "autre"}).get_json()
    assert body["verified"] is never["verified"] is False
    wanted = f"https://w3id.org/security#INVALID_{member.upper()}_ERROR"
    assert wanted in {problem["type"] for problem in body["problemDetails"]}
    assert body["results"][member] == {"valid": False, "input": "autre"}
    (other,) = occasion.keys() - {member}
    assert body["results"][other] == {"valid": True, "input": occasion[other]}


def test_a_credential_bound_to_another_key_is_told_and_left_to_who_asks(program: Program) -> None:
    """The VC-API leaves it to them: see its `verifyPresentation`."""
    others = given(credentialSubject={"id": keys.did_key(keys.SigningKey.generate().multibase)})
    with fixed_at(NOW):
        body = program.verify_presentation(shown(others)).get_json()
    assert body["verified"] is True
    (problem,) = body["problemDetails"]
    assert (problem["code"], problem["pointer"]) == ("holder_unshown", "#/verifiableCredential/0")


def test_the_options_say_what_to_answer(program: Program) -> None:
    whole = shown(given(validUntil="2026-01-01T00:00:00Z"))
    with fixed_at(NOW):
        short = program.verify_presentation(whole, returnProblemDetails=False).get_json()
        long = program.verify_presentation(
            whole, returnPresentation=True, returnResults=True
        ).get_json()
    assert short == {"verified": False}
    assert long["verifiablePresentation"] == whole
    assert long["results"] == {
        "proof": [{"valid": True, "input": whole["proof"][0]}],
        "holder": {"valid": True, "input": whole["holder"]},
    }


def put(name: str, value: Any) -> Change:
    return lambda document: document.__setitem__(name, value)


def without(name: str) -> Change:
    return lambda document: document.pop(name)


MALFORMED: dict[str, Change] = {
    "@context missing": without("@context"),
    "type missing": without("type"),
    "proof missing": without("proof"),
    **{f"@context is {v!r}": put("@context", v) for v in ("string", {}, None, 10, [10])},
    "@context of others first": put("@context", ["https://exemple.org/v1", V2]),
    "@context holds a number": put("@context", [V2, 10]),
    **{f"type is {v!r}": put("type", v) for v in ("VerifiableCredential", {}, None, [10])},
    **{f"holder is {v!r}": put("holder", v) for v in ("personne", {}, None, 10, {"id": 10})},
    **{f"proof is {v!r}": put("proof", v) for v in ("string", None, 10, [], {})},
    **{
        f"verifiableCredential holds {v!r}": put("verifiableCredential", [v])
        for v in ("eyJhbGciOiJFUzI1NiJ9", 10, {}, [])
    },
    "id is no address": put("id", "numéro 1"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_conforming_presentation_is_a_400(program: Program, case: str) -> None:
    document = copy.deepcopy(shown(given()))
    MALFORMED[case](document)
    answer = program.verify_presentation(document)
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["code"] in ("data_model", "proof_malformed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "malformed_body"),
        ({"presentation": {}}, "unknown_field"),
        ({"verifiablePresentation": {}, "options": {"checks": []}}, "unknown_field"),
        ({"verifiablePresentation": {"a": [[[[]]] * 3000]}}, "too_many_values"),
        (
            {"verifiablePresentation": {"type": "EnvelopedVerifiablePresentation"}},
            "envelope_unsupported",
        ),
    ],
)
def test_what_is_not_read_is_a_400_in_words(program: Program, body: Any, code: str) -> None:
    answer = program.post("/presentations/verify", body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_a_presentation_of_nothing_is_not_verified(program: Program) -> None:
    did, method = signed_by(HOLDER)
    empty = presentations.sign(presentations.build([], holder=did), HOLDER, method, created=NOW)
    with fixed_at(NOW):
        body = program.verify_presentation(empty).get_json()
    assert body["verified"] is False
    assert [problem["code"] for problem in body["problemDetails"]] == ["shape_missing"]
