"""Open Badges 2.0 of any issuer, hosted and signed: what holds, and in which words."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from badges.engine import badge2_issuing, jose, keys
from badges.engine.report import ESSENTIAL
from tests.support.badge2 import (
    EVIL,
    SIGNED_ID,
    Issuer2,
    dump,
    forms,
    step,
)


def test_the_badge_is_valid_in_every_form(issuer: Issuer2) -> None:
    for name, source in forms(issuer).items():
        found = issuer.verify(source, recipient="ada@example.org")
        assert found.outcome == "valid", (name, found.to_json())
        assert step(found, "shape") == ("passed", "shape_badge2")
        proof = "signature" if name.startswith("signed") else "hosted"
        assert step(found, "proof") == ("passed", proof), name
        assert step(found, "status") == ("passed", "status")
        assert step(found, "recipient") == ("passed", "recipient")
        assert found.check("issuer").params["issuer"] == issuer.profile_at
        assert found.check("dates").params["until"] == issuer.credential["validUntil"]


def test_offline_nothing_is_known_and_nothing_crashes(issuer: Issuer2) -> None:
    for name, source in forms(issuer).items():
        found = issuer.verify(source, offline=True)
        assert found.outcome == "incomplete", name
        if "address" in name:
            assert step(found, "read") == ("unknown", "offline")
            continue
        for essential in ESSENTIAL - {"dates"}:
            assert step(found, essential) == ("unknown", "offline"), (name, essential)
        assert step(found, "dates")[0] == "passed"
        assert step(found, "shape")[0] == "passed"


def test_an_issuer_who_answers_nothing_leaves_it_incomplete(issuer: Issuer2) -> None:
    document, token = issuer.hosted(), issuer.signed()
    issuer.web.clear()
    for source in (document, token):
        found = issuer.verify(source)
        assert found.outcome == "incomplete"
        assert step(found, "proof") == ("unknown", "fetch_failed")
    issuer.web[issuer.hosted_at] = b"<html>"
    assert step(issuer.verify(document), "proof") == ("unknown", "object_unreadable")


def test_a_hosted_badge_may_be_written_in_other_words_that_say_the_same(issuer: Issuer2) -> None:
    document = issuer.hosted()
    document["type"] = ["Assertion"]
    document["verify"] = {"type": "hosted"}
    del document["verification"], document["narrative"]
    document["badge"] = json.loads(issuer.web[issuer.class_at])
    document["badge"]["issuer"] = json.loads(issuer.web[issuer.profile_at])
    document["issuedOn"] = document["issuedOn"].replace("Z", ".000+00:00")
    found = issuer.verify(document)
    assert found.outcome == "valid", found.to_json()


def test_what_holds_is_what_the_issuer_publishes(issuer: Issuer2) -> None:
    document = issuer.hosted()
    del document["recipient"]["salt"]
    found = issuer.verify(document, recipient="ada@example.org")
    assert step(found, "recipient") == ("passed", "recipient")


def test_class_and_issuer_may_be_written_out_in_what_is_signed(issuer: Issuer2) -> None:
    badge = json.loads(issuer.web[issuer.class_at])
    badge["issuer"] = json.loads(issuer.web[issuer.profile_at])
    del issuer.web[issuer.class_at]
    found = issuer.verify(issuer.signed(badge=badge))
    assert found.outcome == "valid", found.to_json()
    assert issuer.profile_at in issuer.fetched  # never believed as written out


def test_a_key_written_out_in_the_profile_is_found_there(issuer: Issuer2) -> None:
    key = badge2_issuing.build_key(
        f"{issuer.profile_at}#key", owner=issuer.profile_at, key=issuer.key.public()
    )
    issuer.change(issuer.profile_at, publicKey=[key])
    named = issuer.signed(verification={"type": "SignedBadge", "creator": key["id"]})
    unnamed = issuer.signed(verification={"type": "SignedBadge"})
    for token in (named, unnamed):
        found = issuer.verify(token)
        assert found.outcome == "valid", found.to_json()


def test_an_issuer_without_a_revocation_list_cannot_revoke(issuer: Issuer2) -> None:
    issuer.change(issuer.profile_at, revocationList=None)
    found = issuer.verify(issuer.signed())
    assert step(found, "status") == ("not_applicable", "status_none")
    assert found.outcome == "valid"


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
def test_keys_of_other_kinds_are_read_too(issuer: Issuer2, kind: Any) -> None:
    key = keys.SigningKey.generate(kind)
    issuer.publish(
        badge2_issuing.build_key(issuer.key_at, owner=issuer.profile_at, key=key.public())
    )
    assertion = badge2_issuing.build_signed(
        issuer.credential, id=SIGNED_ID, badge=issuer.class_at, key=issuer.key_at
    )
    assert issuer.verify(jose.sign_token(dump(assertion), key)).outcome == "valid"


def test_a_key_of_a_kind_that_nobody_knows_is_unknown_not_wrong(issuer: Issuer2) -> None:
    lines = issuer.key.public().pem.splitlines()
    der = base64.b64decode("".join(lines[1:-1]))
    strange = der.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d017f01"))
    pem = "\n".join([lines[0], base64.b64encode(strange).decode(), lines[-1]])
    issuer.change(issuer.key_at, publicKeyPem=pem)
    assert step(issuer.verify(issuer.signed()), "proof") == ("unknown", "key_type_unsupported")


# -- shape, words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"recipient": None}, "recipient"),
        ({"issuedOn": None}, "issuedOn"),
        ({"type": "BadgeClass"}, "type"),
        ({"recipient": {"type": "email", "identity": "x", "hashed": "true"}}, "recipient.hashed"),
        ({"badge": {"name": "x"}}, "badge.id"),
    ],
)
def test_what_the_standard_makes_mandatory_is_missed(
    issuer: Issuer2, changes: dict[str, Any], path: str
) -> None:
    document = {name: v for name, v in (issuer.hosted() | changes).items() if v is not None}
    found = issuer.verify(document)
    assert found.check("shape").outcome == "failed"
    assert found.check("shape").params["path"] == path


def test_class_and_issuer_are_looked_at_too(issuer: Issuer2) -> None:
    issuer.change(issuer.profile_at, email=None)
    found = issuer.verify(issuer.hosted())
    assert found.check("shape").params["path"] == "badge.issuer.email"
    issuer.change(issuer.class_at, criteria={"type": "Criteria"})
    found = issuer.verify(issuer.hosted())
    assert found.check("shape").params["path"] == "badge.criteria.narrative"


def test_words_of_ones_own_are_not_understood(issuer: Issuer2) -> None:
    own = ["https://w3id.org/openbadges/v2", {"narrative": "schema:name"}]
    found = issuer.verify(issuer.signed(**{"@context": own}))
    assert step(found, "contexts") == ("unknown", "context_inline_unsafe")
    other = ["https://w3id.org/openbadges/v2", f"{EVIL}/context"]
    found = issuer.verify(issuer.signed(**{"@context": other}))
    assert step(found, "contexts") == ("unknown", "context_unknown")
