"""Open Badges 1.0 and 1.1, and those before."""

from __future__ import annotations

from typing import Any

from badges.engine import baking, jose
from badges.engine.report import STEPS
from tests.support.badge2 import (
    EVIL,
    PICTURE,
    SITE,
    Issuer2,
    dump,
    step,
)


def old_badge(issuer: Issuer2, **changes: Any) -> dict[str, Any]:
    """A badge of 1.0 with its class and issuer published as they were then: without ids."""
    issuer.web[f"{SITE}/1.0/issuer"] = dump({"name": "Tiers-lieu", "url": SITE})
    issuer.web[f"{SITE}/1.0/badge"] = dump(
        {
            "name": "Python",
            "description": "Premiers pas",
            "image": f"{SITE}/python.png",
            "criteria": f"{SITE}/python",
            "issuer": f"{SITE}/1.0/issuer",
        }
    )
    document = {
        "uid": "17",
        "recipient": {"type": "email", "hashed": False, "identity": "ada@example.org"},
        "badge": f"{SITE}/1.0/badge",
        "verify": {"type": "hosted", "url": f"{SITE}/1.0/17"},
        "issuedOn": 1_359_217_910,
    } | changes
    issuer.web[document["verify"]["url"]] = dump(document)
    return document


def test_a_hosted_badge_of_1_0_or_1_1_is_verified(issuer: Issuer2) -> None:
    newer = {"@context": "https://w3id.org/openbadges/v1", "type": "Assertion"}
    for changes in ({}, {**newer, "id": f"{SITE}/1.0/17", "issuedOn": "2014-05-01"}):
        document = old_badge(issuer, **changes)
        for source in (document, f"{SITE}/1.0/17", baking.bake_2(PICTURE, f"{SITE}/1.0/17")):
            found = issuer.verify(source, recipient="ada@example.org")
            assert found.outcome == "valid", found.to_json()
            assert step(found, "shape") == ("passed", "shape_badge1")
            assert str(found.check("dates").params["from"]).startswith("201")


def test_a_forged_badge_of_1_0_is_refused(issuer: Issuer2) -> None:
    document = old_badge(issuer)
    document["recipient"] = {"type": "email", "hashed": False, "identity": "eve@example.org"}
    assert step(issuer.verify(document), "proof") == ("failed", "hosted_differs")
    elsewhere = old_badge(issuer, verify={"type": "hosted", "url": f"{EVIL}/17"})
    assert step(issuer.verify(elsewhere), "issuer") == ("failed", "hosted_out_of_scope")


def test_the_key_of_a_signed_badge_of_1_1_is_tied_to_nobody(issuer: Issuer2) -> None:
    issuer.web[issuer.key_at] = issuer.key.public().pem.encode()
    document = old_badge(issuer, verify={"type": "signed", "url": issuer.key_at})
    issuer.web[issuer.key_at] = issuer.key.public().pem.encode()
    found = issuer.verify(jose.sign_token(dump(document), issuer.key))
    assert step(found, "proof") == ("passed", "signature")
    assert step(found, "issuer") == ("unknown", "badge1_key")
    assert found.outcome == "incomplete"


def test_a_badge_before_1_0_is_declined_by_name(issuer: Issuer2) -> None:
    ancient = {"recipient": "sha256$ab", "salt": "s", "badge": {"version": "0.5.0", "name": "x"}}
    found = issuer.verify(ancient)
    assert found.outcome == "incomplete"
    assert {check.code for check in found.checks[1:]} == {"badge1_unsupported"}
    assert [check.name for check in found.checks] == list(STEPS)
