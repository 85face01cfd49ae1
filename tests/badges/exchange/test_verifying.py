"""Verifying for a program: 400 for what is no conforming document, else verified or not, and why.

The malformed cases are those of w3c-ccg/vc-api-verifier-test-suite (tests/10-vc-di.js), but one:
a proof without ``created`` verifies, for it is optional since (Data Integrity 1.0, section 2.1).
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from badges.engine import keys, proofs
from tests.support.client import LookingClient
from tests.support.exchange import V2, Program, credential
from tests.support.factories import Factory
from tierslieu.clock import fixed_at
from tierslieu.db import db as database

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def program(client: LookingClient, make: Factory, db: Session) -> Program:
    return Program(client, make, db)


def strangers(**changes: Any) -> dict[str, Any]:
    """A credential of another issuer's."""
    key = keys.SigningKey.from_seed(b"another issuer, somewhere else..")
    did = keys.did_key(key.multibase)
    method = keys.verification_method(did, key.multibase)
    signed = proofs.sign(credential(issuer=did, **changes), key, method, created=NOW)
    return {**signed, "proof": signed["proof"][0]}


def without(*path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        for name in path[:-1]:
            document = document[name]
        del document[path[-1]]

    return change


def put(name: str, value: Any) -> Change:
    return lambda document: document.__setitem__(name, value)


MALFORMED: dict[str, Change] = {
    "@context missing": without("@context"),
    "type missing": without("type"),
    "issuer missing": without("issuer"),
    "credentialSubject missing": without("credentialSubject"),
    "proof missing": without("proof"),
    "proof.type missing": without("proof", "type"),
    "proof.verificationMethod missing": without("proof", "verificationMethod"),
    "proof.proofValue missing": without("proof", "proofValue"),
    "proof.proofPurpose missing": without("proof", "proofPurpose"),
    **{f"@context is {v!r}": put("@context", v) for v in ("string", {}, None, 10, True)},
    **{f"@context holds {v!r}": put("@context", [v]) for v in ([], {}, None, 10, True)},
    **{f"type is {v!r}": put("type", v) for v in ("string", {}, None, 10, True)},
    **{f"type holds {v!r}": put("type", [v]) for v in ([], {}, None, 10, True)},
    **{f"issuer is {v!r}": put("issuer", v) for v in ([], None, 10, True)},
    **{
        f"credentialSubject is {v!r}": put("credentialSubject", v)
        for v in ("string", None, 10, True, [])
    },
    **{f"proof is {v!r}": put("proof", v) for v in ("string", None, 10, True, [])},
    "a status without its type": put("credentialStatus", {"id": "did:example:status"}),
    "a name that is no text": put("name", {"@value": "x", "url": "did:example:x"}),
    "an end before its beginning": lambda document: document.update(
        validFrom="2027-01-01T00:00:00Z", validUntil="2026-01-01T00:00:00Z"
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_conforming_document_is_a_400(program: Program, case: str) -> None:
    document = copy.deepcopy(strangers())
    MALFORMED[case](document)
    answer = program.verify(document)
    assert answer.status_code == 400, answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] in ("data_model", "proof_malformed")


def test_a_strangers_credential_verifies(program: Program) -> None:
    with fixed_at(NOW):
        assert program.verify(strangers()).get_json() == {"verified": True}
        undated = strangers()
        key = keys.SigningKey.from_seed(b"another issuer, somewhere else..")
        options = {n: v for n, v in undated["proof"].items() if n not in ("created", "proofValue")}
        unsecured = {n: v for n, v in undated.items() if n != "proof"}
        data = proofs.hash_data(unsecured, options, "eddsa-rdfc-2022")
        from badges.engine.encoding import multibase_encode

        undated["proof"] = {**options, "proofValue": multibase_encode(key.sign(data))}
        assert program.verify(undated).get_json() == {"verified": True}


@pytest.mark.parametrize(
    ("changes", "after", "code", "kind"),
    [
        ({}, put("name", "autre"), "signature_wrong", "CRYPTOGRAPHIC_SECURITY_ERROR"),
        ({}, put("degree", "Licence"), "term_undefined", "MALFORMED_VALUE_ERROR"),
        ({}, put("issuer", "did:example:x"), "signature_wrong", "CRYPTOGRAPHIC_SECURITY_ERROR"),
        ({"validUntil": "2026-01-01T00:00:00Z"}, None, "expired", "RANGE_ERROR"),
        ({"validFrom": "2027-01-01T00:00:00Z"}, None, "not_yet_valid", "RANGE_ERROR"),
        (
            {
                "credentialStatus": {
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": "4",
                    "statusListCredential": "http://127.0.0.1/status/1",
                }
            },
            None,
            "fetch_refused",
            "STATUS_RETRIEVAL_ERROR",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_type(
    program: Program, changes: dict[str, Any], after: Change | None, code: str, kind: str
) -> None:
    document = strangers(**changes)
    if after is not None:
        after(document)
    with fixed_at(NOW):
        answer = program.verify(document)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["verified"] is False
    found = next(p for p in body["problemDetails"] if p["code"] == code)
    assert (found["title"], found["type"].rpartition("#")[2]) == (kind, kind)
    assert found["detail"]


def test_a_date_without_its_offset_is_read_as_utc(program: Program) -> None:
    document = strangers(validFrom="2026-11-26T12:10:00")
    with fixed_at(NOW):
        assert not program.verify(document).get_json()["verified"]
    with fixed_at(NOW + timedelta(minutes=11)):
        assert program.verify(document).get_json()["verified"]


def test_the_options_say_what_to_answer(program: Program) -> None:
    document = strangers(validFrom="2026-01-01T00:00:00Z", validUntil="2026-02-01T00:00:00Z")
    with fixed_at(NOW):
        short = program.verify(document, returnProblemDetails=False).get_json()
        long = program.verify(document, returnResults=True, returnCredential=True).get_json()
        old = program.verify(document, checks=["proof"]).get_json()
    assert short == {"verified": False}
    assert long["credential"] == document
    results = long["results"]
    assert results["proof"] == [{"verified": True, "input": document["proof"]}]
    assert results["validFrom"]["verified"] is True
    assert results["validUntil"] == {"verified": False, "input": "2026-02-01T00:00:00Z"}
    assert old["verified"] is False  # every check is made, whatever a program asks for


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "malformed_body"),
        ({"verifiableCredential": "text"}, 400, "malformed_body"),
        ({"verifiableCredential": {}, "verifiablePresentation": {}}, 400, "unknown_field"),
        ({"verifiableCredential": {}, "options": {"challenge": "1"}}, 400, "unknown_field"),
        ({"verifiableCredential": {"a": [[[[]]] * 3000]}}, 400, "too_many_values"),
        ([], 400, "malformed_body"),
    ],
)
def test_a_body_of_another_shape_is_refused(
    program: Program, body: Any, status: int, code: str
) -> None:
    answer = program.post("/credentials/verify", body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_an_envelope_is_opened(program: Program) -> None:
    envelope = {
        "@context": [V2],
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt," + ".".join(["eyJhbGciOiJub25lIn0", "e30", "c2ln"]),
    }
    answer = program.verify(envelope)
    assert answer.status_code == 200
    assert answer.get_json()["verified"] is False
    empty = program.verify({**envelope, "id": "data:text/plain," + base64.b64encode(b"x").decode()})
    assert (empty.status_code, empty.get_json()["code"]) == (400, "envelope_invalid")


def test_no_transaction_is_open_while_a_strangers_list_is_fetched(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from badges.engine.errors import FetchFailed
    from badges.verification.fetching import Fetcher

    open_then: list[bool] = []

    def visit(self: Fetcher, url: str, deadline: float) -> bytes:
        self._before_leaving()
        open_then.append(database.session().in_transaction())
        raise FetchFailed("offline", url)

    monkeypatch.setattr(Fetcher, "_visit", visit)
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "4",
        "statusListCredential": "https://example.org/status/1",
    }
    with fixed_at(NOW):
        program.verify(strangers(credentialStatus=entry))
    assert open_then == [False]
