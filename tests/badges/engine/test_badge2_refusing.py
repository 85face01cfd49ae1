"""Open Badges 2.0 that are changed, forged, withdrawn, over or somebody else's are refused."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from badges.engine import badge2_issuing, jose
from badges.engine.badge2_issuing import Revoked
from badges.engine.badge2_scope import first_difference, in_scope
from tests.support.badge2 import (
    EVIL,
    SIGNED_ID,
    SITE,
    Issuer2,
    dump,
    forms,
    rsa_key,
    step,
)


def test_a_letter_changed_is_refused(issuer: Issuer2) -> None:
    for path, value in (
        (("narrative",), "A tenu mal."),
        (("recipient", "salt"), "sal"),
        (("recipient", "identity"), "sha256$" + "0" * 64),
        (("evidence", 0, "narrative"), "Un autre tri."),
        (("issuedOn",), "2020-01-01T00:00:00Z"),
        (("expires",), "2099-01-01T00:00:00Z"),
        (("badge",), f"{SITE}/badges/autre"),
        (("addition",), "directrice"),
    ):
        forged: Any = copy.deepcopy(issuer.hosted())
        owner = forged
        for name in path[:-1]:
            owner = owner[name]
        owner[path[-1]] = value
        found = issuer.verify(forged)
        assert step(found, "proof") == ("failed", "hosted_differs"), path
        assert found.outcome == "invalid"
        token = issuer.signed().split(".")
        token[1] = jose.sign_token(dump(forged), rsa_key("other")).split(".")[1]
        forged_token = issuer.verify(".".join(token))
        # It says of itself that it is hosted: then what is published is what counts.
        assert step(forged_token, "proof")[0] == "failed"


def test_a_signed_badge_is_refused_when_a_letter_changes_or_it_is_not_signed(
    issuer: Issuer2,
) -> None:
    header, body, signature = issuer.signed().split(".")
    other = issuer.signed(narrative="A tenu mal.").split(".")[1]
    found = issuer.verify(f"{header}.{other}.{signature}")
    assert step(found, "proof") == ("failed", "signature_wrong")
    assert step(found, "issuer") == ("unknown", "issuer_unproven")
    payload = badge2_issuing.build_signed(
        issuer.credential, id=SIGNED_ID, badge=issuer.class_at, key=issuer.key_at
    )
    assert step(issuer.verify(payload), "proof") == ("failed", "proof_missing")
    assert body


def test_the_time_to_expire_cannot_be_left_out(issuer: Issuer2) -> None:
    document = issuer.hosted()
    del document["expires"]
    assert step(issuer.verify(document), "proof") == ("failed", "hosted_differs")


def test_facts_written_out_for_the_class_must_be_those_published(issuer: Issuer2) -> None:
    document = issuer.hosted()
    document["badge"] = {**json.loads(issuer.web[issuer.class_at]), "name": "Doctorat"}
    found = issuer.verify(document)
    assert step(found, "proof") == ("failed", "hosted_differs")
    assert found.check("proof").params["member"] == "badge.name"
    document["badge"] = json.loads(issuer.web[issuer.class_at])
    document["badge"]["issuer"] = {"id": issuer.profile_at, "name": "Inria"}
    found = issuer.verify(document)
    assert found.check("proof").params["member"] == "badge.issuer.name"


def test_nobody_speaks_for_another_issuer_from_elsewhere(issuer: Issuer2) -> None:
    """An assertion on the forger's site, of the real issuer's class."""
    document = {**issuer.hosted(), "id": f"{EVIL}/1"}
    issuer.publish(document)
    found = issuer.verify(document)
    assert step(found, "issuer") == ("failed", "hosted_out_of_scope")
    # With a class of the forger's own that names the real issuer, and a profile written out.
    badge = json.loads(issuer.web[issuer.class_at])
    profile = {**json.loads(issuer.web[issuer.profile_at]), "verification": {"startsWith": EVIL}}
    document["badge"] = {**badge, "id": f"{EVIL}/badge", "issuer": profile}
    issuer.publish(document)
    found = issuer.verify(document)
    assert found.outcome == "invalid"
    assert step(found, "issuer")[0] != "passed"


def test_a_profile_speaks_only_for_its_own_address(issuer: Issuer2) -> None:
    profile = json.loads(issuer.web[issuer.profile_at])
    issuer.web[f"{EVIL}/issuer"] = dump({**profile, "verification": {"startsWith": EVIL}})
    issuer.publish({**json.loads(issuer.web[issuer.class_at]), "id": f"{EVIL}/badge"})
    issuer.change(f"{EVIL}/badge", issuer=f"{EVIL}/issuer")
    document = {**issuer.hosted(), "id": f"{EVIL}/1", "badge": f"{EVIL}/badge"}
    issuer.publish(document)
    assert step(issuer.verify(document), "issuer") == ("failed", "controller_mismatch")


def test_a_class_speaks_only_for_its_own_address(issuer: Issuer2) -> None:
    issuer.change(issuer.class_at, id=f"{SITE}/badges/autre")
    found = issuer.verify(issuer.hosted())
    assert step(found, "issuer") == ("failed", "badge_mismatch")


def test_a_key_that_the_issuer_does_not_list_proves_nothing(issuer: Issuer2) -> None:
    forger, at = rsa_key("forger"), f"{EVIL}/key"
    token = issuer.signed(forger, verification={"type": "SignedBadge", "creator": at})
    issuer.publish(badge2_issuing.build_key(at, owner=issuer.profile_at, key=forger.public()))
    found = issuer.verify(token)
    assert step(found, "proof") == ("passed", "signature")
    assert step(found, "issuer") == ("failed", "method_unlisted")
    issuer.publish(badge2_issuing.build_key(at, owner=f"{EVIL}/issuer", key=forger.public()))
    assert step(issuer.verify(token), "issuer") == ("failed", "issuer_mismatch")
    # Signed by somebody else, in the name of the real key.
    found = issuer.verify(issuer.signed(forger))
    assert step(found, "proof") == ("failed", "signature_wrong")


def test_a_key_that_leaked_is_taken_off_the_profile_and_no_longer_proves(issuer: Issuer2) -> None:
    issuer.change(issuer.profile_at, publicKey=f"{issuer.profile_at}/keys/2")
    assert step(issuer.verify(issuer.signed()), "issuer") == ("failed", "method_unlisted")


def test_a_key_speaks_only_for_its_own_address(issuer: Issuer2) -> None:
    issuer.change(issuer.key_at, id=f"{EVIL}/key")
    assert step(issuer.verify(issuer.signed()), "proof") == ("failed", "method_unlisted")


def test_true_is_not_one(issuer: Issuer2) -> None:
    assert first_difference({"hashed": 1}, {"hashed": True}) == "hashed"


def test_another_key_in_the_profile_under_the_same_name_is_refused(issuer: Issuer2) -> None:
    other = badge2_issuing.build_key(
        issuer.key_at, owner=issuer.profile_at, key=rsa_key("other").public()
    )
    issuer.change(issuer.profile_at, publicKey=other)
    assert step(issuer.verify(issuer.signed()), "issuer") == ("failed", "key_mismatch")


def test_what_comes_in_clear_does_not_speak_for_an_issuer_on_https(issuer: Issuer2) -> None:
    clear = "http://lieu.example/x"
    issuer.publish({**json.loads(issuer.web[issuer.class_at]), "id": clear})
    found = issuer.verify(issuer.signed(badge=clear))
    assert step(found, "issuer") == ("unknown", "object_in_clear")
    issuer.publish({**json.loads(issuer.web[issuer.list_at]), "id": clear})
    issuer.change(issuer.profile_at, revocationList=clear)
    assert step(issuer.verify(issuer.signed()), "status") == ("unknown", "object_in_clear")
    issuer.publish({**json.loads(issuer.web[issuer.key_at]), "id": clear})
    issuer.change(issuer.profile_at, publicKey=clear)
    token = issuer.signed(verification={"type": "SignedBadge", "creator": clear})
    assert step(issuer.verify(token), "issuer") == ("unknown", "object_in_clear")


SCOPES = [
    # address, what the profile says, whether it may be there
    (f"{SITE}/credentials/1", {}, True),
    ("https://LIEU.example:443/credentials/1", {}, True),
    ("http://lieu.example/credentials/1", {}, False),
    ("https://lieu.example:8443/credentials/1", {}, False),
    ("https://lieu.example.evil.example/1", {}, False),
    ("https://lieu.example@evil.example/1", {}, False),
    ("https://evil.example@lieu.example/1", {}, False),
    ("https://evil.example\\@lieu.example/1", {}, False),
    (f"{SITE}/credentials/1", {"startsWith": f"{SITE}/credentials/"}, True),
    (f"{SITE}/uploads/1", {"startsWith": f"{SITE}/credentials/"}, False),
    (f"{SITE}/credentials/../uploads/1", {"startsWith": f"{SITE}/credentials/"}, False),
    (f"{SITE}/credentials/%2E%2e/uploads/1", {"startsWith": f"{SITE}/credentials/"}, False),
    ("https://lieu.example.evil.example/1", {"startsWith": "https://lieu.example"}, False),
    ("https://badges.example/1", {"startsWith": [f"{SITE}/", "https://badges.example/"]}, True),
    ("https://badges.example/1", {"allowedOrigins": ["badges.example"]}, True),
    ("https://badges.example/1", {"allowedOrigins": "https://badges.example"}, True),
    ("http://badges.example/1", {"allowedOrigins": "badges.example"}, False),
    (f"{SITE}/1", {"allowedOrigins": ["badges.example"]}, False),
    ("https://badges.example/1", {"startsWith": f"{SITE}/", "allowedOrigins": "x"}, False),
]


@pytest.mark.parametrize(("address", "policy", "allowed"), SCOPES)
def test_an_issuer_says_where_its_badges_are_published(
    address: str, policy: dict[str, Any], allowed: bool
) -> None:
    profile = {"verification": policy} if policy else {}
    assert in_scope(address, f"{SITE}/badges/issuer", profile) is allowed


# -- withdrawn, over, somebody else's --------------------------------------------------------------


def test_a_withdrawn_hosted_badge_is_refused_with_the_reason(issuer: Issuer2) -> None:
    given = forms(issuer)
    issuer.withdraw("Erreur de personne")
    for name, source in given.items():
        if name.startswith("signed"):
            continue
        found = issuer.verify(source)
        assert step(found, "status") == ("failed", "revoked"), name
        assert found.check("status").params["reason"] == "Erreur de personne"
        assert found.check("proof").outcome == "unknown" or "address" in name
        assert found.outcome == "invalid"


def test_a_bare_410_or_a_body_that_says_revoked_is_enough(issuer: Issuer2) -> None:
    document = issuer.hosted()
    issuer.web[issuer.hosted_at] = (b"<html>gone</html>",)
    assert step(issuer.verify(document), "status") == ("failed", "revoked")
    issuer.web[issuer.hosted_at] = dump({**document, "revoked": True})
    assert step(issuer.verify(document), "status") == ("failed", "revoked")


@pytest.mark.parametrize("entry", ["text", "id", "uid"])
def test_a_withdrawn_signed_badge_is_refused_however_it_is_listed(
    issuer: Issuer2, entry: str
) -> None:
    token = issuer.signed(uid="python-17")
    listed: Any = {
        "text": SIGNED_ID,
        "id": {"id": SIGNED_ID, "revocationReason": "Erreur"},
        "uid": {"uid": "python-17", "revocationReason": "Erreur"},
    }[entry]
    for entries in ([listed, "urn:uuid:x"], listed):
        issuer.change(issuer.list_at, revokedAssertions=entries)
        found = issuer.verify(token)
        assert step(found, "status") == ("failed", "revoked")
        assert found.check("status").params.get("reason") == (None if entry == "text" else "Erreur")
    issuer.change(issuer.list_at, revokedAssertions=["urn:uuid:y"])
    assert issuer.verify(token).outcome == "valid"


def test_a_list_that_is_not_the_issuers_or_no_list_says_nothing(issuer: Issuer2) -> None:
    token = issuer.signed()
    for changes, code in (
        ({"issuer": f"{EVIL}/issuer"}, "status_list_issuer"),
        ({"id": f"{EVIL}/list"}, "status_list_id"),
        ({"revokedAssertions": None}, "status_list_type"),
    ):
        issuer.revoke([Revoked(SIGNED_ID)])
        issuer.change(issuer.list_at, **changes)
        found = issuer.verify(token)
        assert step(found, "status") == ("unknown", code)
        assert found.outcome == "incomplete"


def test_over_or_not_begun(issuer: Issuer2) -> None:
    late = issuer.now + timedelta(days=301)
    early = issuer.now - timedelta(days=4)
    for source in (issuer.hosted(), issuer.signed()):
        assert step(issuer.verify(source, now=late), "dates") == ("failed", "expired")
        assert step(issuer.verify(source, now=early), "dates") == ("failed", "not_yet_valid")


@pytest.mark.parametrize(
    ("recipient", "claimed", "outcome"),
    [
        ({"type": "email", "hashed": False, "identity": "Ada@Example.org"}, "ada@example.org", "p"),
        ({"type": "email", "hashed": False, "identity": "ada@example.org"}, "eve@example.org", "f"),
        ({"type": "url", "hashed": False, "identity": f"{SITE}/ada"}, f"{SITE}/ada", "p"),
        ({"type": "url", "hashed": False, "identity": f"{SITE}/ada"}, "ada@example.org", "u"),
        ({"type": "telephone", "hashed": False, "identity": "+33612345678"}, "+33612345678", "p"),
        ({"type": "id", "hashed": False, "identity": "did:key:z6Mk"}, "did:key:z6Mk", "p"),
    ],
)
def test_the_holder_is_compared_in_the_way_the_badge_names_them(
    issuer: Issuer2, recipient: dict[str, Any], claimed: str, outcome: str
) -> None:
    found = issuer.verify(issuer.signed(recipient=recipient), recipient=claimed)
    assert found.check("recipient").outcome[0] == outcome


def test_it_was_given_to_somebody_else(issuer: Issuer2) -> None:
    for source in (issuer.hosted(), issuer.signed()):
        found = issuer.verify(source, recipient="eve@example.org")
        assert step(found, "recipient") == ("failed", "recipient_mismatch")
