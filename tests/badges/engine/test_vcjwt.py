"""Badges signed as tokens (VC-JWT): made, read, and refused when anything is wrong with them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from badges.engine import baking, credentials, encoding, jose, keys, vcjwt
from badges.engine.publickeys import Kind
from badges.engine.report import Report

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DID_JSON = "https://lieu.example/.well-known/did.json"
KID = "https://lieu.example/badges/keys/1"
JOSE: list[Kind] = ["P-256", "RSA"]
KEYS = {kind: keys.SigningKey.generate(kind) for kind in (*JOSE, "Ed25519")}


def badge(house: Any, key: keys.SigningKey, **changes: Any) -> dict[str, Any]:
    """An unsigned badge whose issuer is this key's did:key, for the house of the tests."""
    document = copy.deepcopy(house.badge(**changes))
    document["issuer"]["id"] = keys.did_key(key.multibase)
    return document


def on_the_web(house: Any, *public: keys.SigningKey, **revoked: Any) -> None:
    """Publish these keys as the house's own, and each as a JWK of its own."""
    published = [keys.PublishedKey(key.public(), **revoked) for key in public]
    house.web[DID_JSON] = json.dumps(keys.did_document(house.did, published)).encode()
    house.web[KID] = json.dumps(public[0].public().jwk).encode()


def step(found: Report, name: Any) -> tuple[str, str]:
    check = found.check(name)
    return check.outcome, check.code


def forge(token: str, header: dict[str, Any] | None = None, **members: Any) -> str:
    """The same token with other words in it, the signature as it was."""
    first, second, third = token.split(".")
    if header is not None:
        first = encoding.base64url_encode(json.dumps(header).encode())
    if members:
        payload = json.loads(encoding.base64url_decode(second)) | members
        second = encoding.base64url_encode(json.dumps(payload).encode())
    return f"{first}.{second}.{third}"


@pytest.mark.parametrize("kind", JOSE)
def test_a_badge_signed_as_a_token_is_valid_without_a_network(house: Any, kind: Kind) -> None:
    key = KEYS[kind]
    document = badge(house, key)
    token = vcjwt.sign_credential(document, key)
    found = house.verify(token, offline=True, recipient="ada@example.org")
    assert found.outcome == "valid", found.to_json()
    assert found.form == "jwt"
    assert found.check("proof").params["suite"] == {"P-256": "ES256", "RSA": "RS256"}[kind]
    assert step(found, "contexts") == ("passed", "contexts")
    assert found.credential == json.loads(json.dumps(document))


def test_the_token_says_the_facts_as_the_standard_asks(house: Any) -> None:
    key = KEYS["RSA"]
    document = badge(house, key, valid_until=NOW + timedelta(days=30, microseconds=5))
    document["credentialSubject"]["id"] = "did:example:ada"
    token = vcjwt.sign_credential(document, key, kid=KID)
    first, second, _ = token.split(".")
    header = json.loads(encoding.base64url_decode(first))
    payload = json.loads(encoding.base64url_decode(second))
    # Additional headers are not allowed (Open Badges 3.0, 8.2.4.1).
    assert header == {"alg": "RS256", "kid": KID, "jwk": key.public().jwk, "typ": "JWT"}
    assert payload["iss"] == document["issuer"]["id"]
    assert payload["jti"] == document["id"]
    assert payload["sub"] == "did:example:ada"
    assert payload["nbf"] == int((NOW - timedelta(days=3)).timestamp())
    assert payload["exp"] == int((NOW + timedelta(days=30)).timestamp())
    assert "vc" not in payload
    assert "proof" not in payload
    assert payload["credentialSubject"] == document["credentialSubject"]


def test_an_embedded_proof_is_left_out_of_the_token(house: Any) -> None:
    token = vcjwt.sign_credential(house.signed(), KEYS["RSA"])
    assert "proof" not in json.loads(encoding.base64url_decode(token.split(".")[1]))


@pytest.mark.parametrize("kind", JOSE)
def test_one_letter_changed_in_a_token_makes_it_invalid(house: Any, kind: Kind) -> None:
    key = KEYS[kind]
    token = vcjwt.sign_credential(badge(house, key), key)
    found = house.verify(forge(token, name="Autre chose"))
    assert step(found, "proof") == ("failed", "signature_wrong")
    assert found.outcome == "invalid"


def test_a_token_baked_into_a_picture_is_verified(house: Any) -> None:
    key = KEYS["P-256"]
    token = vcjwt.sign_credential(badge(house, key), key)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'
    found = house.verify(baking.bake(svg, token))
    assert (found.outcome, found.form) == ("valid", "svg")


def test_an_enveloped_credential_is_opened(house: Any) -> None:
    key = KEYS["P-256"]
    token = vcjwt.sign_credential(badge(house, key), key)
    envelope = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }
    assert house.verify(envelope).outcome == "valid"


# Whose key is it?


def test_the_key_in_the_header_proves_nothing_until_the_issuer_lists_it(web_house: Any) -> None:
    thief = KEYS["RSA"]
    token = vcjwt.sign_credential(web_house.badge(), thief)
    found = web_house.verify(token)
    assert step(found, "proof")[0] == "passed"
    assert step(found, "issuer") == ("failed", "method_unlisted")
    on_the_web(web_house, thief)  # it was the issuer's after all
    assert web_house.verify(token).outcome == "valid"


def test_a_did_key_issuer_is_nobody_but_that_key(house: Any) -> None:
    document = badge(house, KEYS["P-256"])
    found = house.verify(vcjwt.sign_credential(document, KEYS["RSA"]))
    assert step(found, "issuer") == ("failed", "method_unlisted")


def test_a_key_published_at_an_address_must_be_the_issuers_too(web_house: Any) -> None:
    on_the_web(web_house, KEYS["RSA"])
    token = vcjwt.sign_credential(web_house.badge(), KEYS["RSA"], kid=KID)
    assert web_house.verify(token).outcome == "valid"
    web_house.web["https://thief.example/key"] = json.dumps(KEYS["P-256"].public().jwk).encode()
    other = vcjwt.sign_credential(web_house.badge(), KEYS["P-256"], kid="https://thief.example/key")
    assert step(web_house.verify(other), "issuer") == ("failed", "method_unlisted")


def test_a_document_elsewhere_cannot_speak_for_the_issuer(web_house: Any) -> None:
    thief = KEYS["RSA"]
    listed = [keys.PublishedKey(thief.public())]
    document = keys.did_document(web_house.did, listed)
    address = "https://thief.example/did.json"
    document["verificationMethod"][0]["id"] = f"{address}#1"
    web_house.web[address] = json.dumps(document).encode()
    token = jose.sign_token(json.dumps(web_house.badge()).encode(), thief, kid=f"{address}#1")
    found = web_house.verify(token)
    assert found.outcome == "invalid"
    assert step(found, "proof") == ("failed", "controller_mismatch")


def test_a_key_that_the_issuer_withdrew_is_refused(web_house: Any) -> None:
    on_the_web(web_house, KEYS["RSA"], revoked=NOW - timedelta(days=1))
    found = web_house.verify(vcjwt.sign_credential(web_house.badge(), KEYS["RSA"]))
    assert step(found, "issuer") == ("failed", "key_revoked")


def test_a_name_that_differs_from_the_key_in_the_header_is_refused(web_house: Any) -> None:
    on_the_web(web_house, KEYS["P-256"])
    token = vcjwt.sign_credential(web_house.badge(), KEYS["RSA"], kid=KID)
    assert step(web_house.verify(token), "proof") == ("failed", "key_mismatch")


def test_a_did_url_and_a_short_name_lead_to_the_issuers_key(web_house: Any) -> None:
    key = KEYS["P-256"]
    on_the_web(web_house, key)
    payload = json.dumps(web_house.badge()).encode()
    full = keys.verification_method(web_house.did, key.name)
    for kid in (full, f"#{key.name}", key.name):
        assert web_house.verify(jose.sign_token(payload, key, kid=kid)).outcome == "valid", kid
    wrong = jose.sign_token(payload, key, kid=f"{web_house.did}#other")
    assert step(web_house.verify(wrong), "proof") == ("failed", "method_unlisted")


def test_a_key_set_is_searched_by_name(web_house: Any) -> None:
    key, other = KEYS["P-256"], KEYS["RSA"]
    on_the_web(web_house, key)
    address = "https://lieu.example/jwks.json"
    found = {"keys": [{"kid": "a", **other.public().jwk}, {"kid": "b", **key.public().jwk}]}
    web_house.web[address] = json.dumps(found).encode()
    payload = json.dumps(web_house.badge()).encode()
    token = jose.sign_token(payload, key, kid=f"{address}#b")
    assert web_house.verify(token).outcome == "valid"
    token = jose.sign_token(payload, key, kid=f"{address}#c")
    assert step(web_house.verify(token), "proof") == ("failed", "method_unlisted")


def test_an_https_issuer_without_published_keys_is_unknown_not_wrong(web_house: Any) -> None:
    key = KEYS["RSA"]
    document = web_house.badge()
    document["issuer"]["id"] = "https://ecole.example/profile"
    profile = {"id": "https://ecole.example/profile", "type": ["Profile"], "name": "École"}
    web_house.web["https://ecole.example/profile"] = json.dumps(profile).encode()
    found = web_house.verify(vcjwt.sign_credential(document, key))
    assert found.outcome == "incomplete"
    assert step(found, "issuer") == ("unknown", "issuer_keys_unpublished")
    method = {
        "id": "https://ecole.example/profile#1",
        "type": "JsonWebKey",
        "controller": "https://ecole.example/profile",
        "publicKeyJwk": key.public().jwk,
    }
    profile |= {"verificationMethod": [method], "assertionMethod": [method["id"]]}
    web_house.web["https://ecole.example/profile"] = json.dumps(profile).encode()
    assert web_house.verify(vcjwt.sign_credential(document, key)).outcome == "valid"


# What a token may not be


def test_the_key_decides_the_algorithm_not_the_header(house: Any) -> None:
    key = KEYS["RSA"]
    token = vcjwt.sign_credential(badge(house, key), key)
    for algorithm, code in (("ES256", "key_type_mismatch"), ("HS256", "suite_unsupported")):
        changed = forge(token, {"alg": algorithm, "jwk": key.public().jwk})
        found = house.verify(changed)
        assert found.outcome != "valid"
        assert code in {check.code for check in found.checks}


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_a_token_that_is_not_signed_is_invalid(house: Any, algorithm: str) -> None:
    token = vcjwt.sign_credential(badge(house, KEYS["RSA"]), KEYS["RSA"])
    for third in ("", token.split(".")[2]):
        first, second, _ = forge(token, {"alg": algorithm}).split(".")
        found = house.verify(f"{first}.{second}.{third}")
        assert found.outcome == "invalid"
        assert found.check("read").code == "proof_missing"


@pytest.mark.parametrize("extra", [{"crit": ["exp"], "exp": 1}, {"b64": False}])
def test_an_extension_that_is_not_known_is_not_passed_over(house: Any, extra: Any) -> None:
    key = KEYS["P-256"]
    payload = json.dumps(badge(house, key)).encode()
    token = jose.sign_token(payload, key, jwk=key.public().jwk, **extra)
    found = house.verify(token)
    assert (found.outcome, found.check("read").code) == ("incomplete", "token_extension")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "did:example:other"),
        ("jti", "https://lieu.example/credentials/other"),
        ("sub", "did:example:eve"),
        ("nbf", 1),
        ("exp", 9_999_999_999),
    ],
)
def test_a_claim_that_says_other_than_the_badge_makes_it_invalid(
    house: Any, claim: str, value: Any
) -> None:
    key = KEYS["P-256"]
    document = badge(house, key) | {"credentialSubject": house.badge()["credentialSubject"]}
    document["credentialSubject"]["id"] = "did:example:ada"
    payload = json.dumps({**document, claim: value}).encode()
    found = house.verify(jose.sign_token(payload, key, jwk=key.public().jwk))
    assert step(found, "proof") == ("failed", "claim_mismatch")
    assert found.check("proof").params["claim"] == claim


def test_a_token_of_the_drafts_is_read_with_what_its_claims_say(house: Any) -> None:
    key = KEYS["RSA"]
    credential = badge(house, key)
    inner = {
        **credential,
        "@context": ["https://www.w3.org/2018/credentials/v1", *credential["@context"][1:]],
    }
    for member in ("validFrom", "id"):
        del inner[member]
    payload = {
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "nbf": int((NOW - timedelta(days=3)).timestamp()),
        "exp": int((NOW + timedelta(days=3)).timestamp()),
        "vc": inner,
    }
    token = jose.sign_token(json.dumps(payload).encode(), key, jwk=key.public().jwk)
    found = house.verify(token)
    assert found.outcome == "valid", found.to_json()
    assert found.credential is not None
    assert found.credential["expirationDate"] == "2026-03-05T09:00:00Z"
    late = house.verify(token, now=NOW + timedelta(days=4))
    assert step(late, "dates") == ("failed", "expired")


def test_a_word_without_meaning_is_told_but_is_signed_all_the_same(house: Any) -> None:
    key = KEYS["P-256"]
    document = badge(house, key) | {"inconnu": "mot"}
    found = house.verify(vcjwt.sign_credential(document, key))
    assert step(found, "contexts") == ("unknown", "term_undefined")
    assert found.outcome == "valid"


def test_a_token_with_an_eddsa_key_is_verified_under_both_its_names(house: Any) -> None:
    key = KEYS["Ed25519"]
    payload = json.dumps(badge(house, key)).encode()
    assert house.verify(jose.sign_token(payload, key, jwk=key.public().jwk)).outcome == "valid"
    header = encoding.base64url_encode(
        json.dumps({"alg": "Ed25519", "jwk": key.public().jwk}).encode()
    )
    signed = f"{header}.{encoding.base64url_encode(payload)}"
    signature = encoding.base64url_encode(key.sign(signed.encode()))
    assert house.verify(f"{signed}.{signature}").outcome == "valid"


@pytest.mark.parametrize("text", ["a.b.c", "....", "e30.e30.e30", "eyJhbGciOjF9.e30.AA"])
def test_what_only_looks_like_a_token_is_invalid(house: Any, text: str) -> None:
    assert house.verify(text).outcome == "invalid"


def test_a_status_list_signed_as_a_token_is_read(house: Any, list_url: str) -> None:
    key = KEYS["P-256"]
    entry = credentials.StatusEntry(list_url, 7)
    document = badge(house, key, status=[entry])
    for bits, outcome in (((), "valid"), ((7,), "invalid")):
        listing = house.publish_list(bits) | {"issuer": document["issuer"]["id"]}
        house.web[list_url] = vcjwt.sign_credential(listing, key).encode()
        assert house.verify(vcjwt.sign_credential(document, key)).outcome == outcome
