"""Whose key signed: an issuer is who its controller document says, and nobody else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from badges.engine import credentials, keys
from badges.engine.errors import FetchRefused

DID_JSON = "https://lieu.example/.well-known/did.json"


def test_an_issuer_on_the_web_is_valid_online_and_incomplete_offline(web_house: Any) -> None:
    signed = web_house.signed()
    assert web_house.verify(signed).outcome == "valid"
    found = web_house.verify(signed, offline=True)
    assert found.outcome == "incomplete"
    assert found.check("issuer").outcome == "unknown"
    assert found.check("issuer").code == "offline"


def test_a_key_in_the_name_of_the_method_proves_nothing(web_house: Any) -> None:
    # The thief's key is written in the fragment; only the issuer's document can vouch for it.
    thief = keys.SigningKey.generate()
    method = keys.verification_method(web_house.did, thief.multibase)
    badge = web_house.badge()
    web_house.key = thief
    found = web_house.verify(web_house.sign(badge, method=method))
    assert found.check("proof").code == "method_unlisted"
    assert found.outcome == "invalid"


def test_a_foreign_key_signing_for_an_issuer_is_refused(house: Any, web_house: Any) -> None:
    badge = web_house.badge()
    found = house.verify(house.sign(badge))
    assert found.check("proof").outcome == "passed"
    assert found.check("issuer").code == "issuer_mismatch"
    assert found.outcome == "invalid"


def publish(web_house: Any, **changes: Any) -> None:
    document = keys.did_document(web_house.did, [keys.PublishedKey(web_house.key.public())])
    document["verificationMethod"][0] |= changes.pop("method", {})
    web_house.web[DID_JSON] = json.dumps(document | changes).encode()


def test_a_key_that_is_not_for_assertions_is_refused(web_house: Any) -> None:
    publish(web_house, assertionMethod=[])
    assert web_house.verify(web_house.signed()).check("issuer").code == "method_not_for_assertion"


def test_a_key_that_names_another_controller_is_refused(web_house: Any) -> None:
    publish(web_house, method={"controller": "did:web:elsewhere.example"})
    assert web_house.verify(web_house.signed()).check("issuer").code == "issuer_mismatch"


@pytest.mark.parametrize(
    ("member", "code"), [("revoked", "key_revoked"), ("expires", "key_expired")]
)
def test_a_withdrawn_key_is_refused_from_that_moment(
    web_house: Any, now: datetime, member: str, code: str
) -> None:
    publish(web_house, method={member: credentials.format_date(now)})
    signed = web_house.signed()
    assert web_house.verify(signed).check("issuer").code == code
    assert web_house.verify(signed, now=now - timedelta(seconds=1)).outcome == "valid"


def test_a_key_no_longer_used_but_not_withdrawn_still_verifies(web_house: Any) -> None:
    signed = web_house.signed()
    newer = keys.SigningKey.generate()
    document = keys.did_document(
        web_house.did, [keys.PublishedKey(key.public()) for key in (newer, web_house.key)]
    )
    web_house.web[DID_JSON] = json.dumps(document).encode()
    assert web_house.verify(signed).outcome == "valid"


def test_a_document_about_somebody_else_is_refused(web_house: Any) -> None:
    publish(web_house, id="did:web:elsewhere.example")
    assert web_house.verify(web_house.signed()).check("proof").code == "controller_mismatch"


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"\xff", b"{" * 100_000, None])
def test_an_unreadable_document_leaves_the_issuer_unknown(web_house: Any, answer: Any) -> None:
    web_house.web[DID_JSON] = answer
    found = web_house.verify(web_house.signed())
    assert found.outcome == "incomplete"
    assert found.check("issuer").outcome == "unknown"


def test_a_refused_address_is_told_and_leaves_the_issuer_unknown(web_house: Any) -> None:
    def refuse(address: str) -> bytes:
        raise FetchRefused("réseau privé")

    web_house.fetch = refuse
    found = web_house.verify(web_house.signed())
    assert found.check("issuer").code == "fetch_refused"
    assert found.check("issuer").params["address"] == DID_JSON


def test_keys_in_relative_form_and_as_jwk_are_understood(web_house: Any) -> None:
    jwk = web_house.key.public().jwk
    method = {
        "id": "#clef",
        "type": "JsonWebKey",
        "controller": web_house.did,
        "publicKeyJwk": jwk,
    }
    document = {"id": web_house.did, "verificationMethod": [method], "assertionMethod": "#clef"}
    web_house.web[DID_JSON] = json.dumps(document).encode()
    signed = web_house.sign(web_house.badge(), method=f"{web_house.did}#clef")
    assert web_house.verify(signed).outcome == "valid"
    embedded = {"id": web_house.did, "assertionMethod": [method]}
    web_house.web[DID_JSON] = json.dumps(embedded).encode()
    assert web_house.verify(signed).outcome == "valid"


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:a/b",
        "did:web:user%40host",
        "did:web:host%2F..",
        "did:web:h:..:x",
        "did:web:h%20x",
        "did:web:host:a%3Fb",
    ],
)
def test_a_did_web_cannot_name_another_address(web_house: Any, did: str) -> None:
    badge = web_house.badge()
    badge["issuer"]["id"] = did
    found = web_house.verify(web_house.sign(badge, method=f"{did}#k"))
    assert found.outcome == "invalid"
    assert web_house.fetched == []


@pytest.mark.parametrize("controller", ["http://lieu.example/i", "did:ion:abc", "urn:x:y", "x"])
def test_an_issuer_of_another_kind_is_unknown_not_an_error(web_house: Any, controller: str) -> None:
    badge = web_house.badge()
    signed = web_house.sign(badge)
    signed["proof"][0]["verificationMethod"] = f"{controller}#k"
    assert web_house.verify(signed).check("proof").code == "controller_unsupported"
    assert web_house.fetched == []
