"""Open Badges 2.0 of any issuer, hosted and signed: believed when the issuer says so, else not."""

from __future__ import annotations

import base64
import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from badges.engine import badge2_issuing, baking, jose, keys
from badges.engine.badge2_issuing import Revoked
from badges.engine.badge2_scope import first_difference, in_scope
from badges.engine.report import ESSENTIAL, STEPS
from tests.support.badge2 import DRAWING, PICTURE, SIGNED_ID, SITE, Issuer2, rsa_key, step

EVIL = "https://ailleurs.example"


@pytest.fixture
def issuer() -> Issuer2:
    return Issuer2()


def dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def forms(issuer: Issuer2) -> dict[str, Any]:
    """The badge in everything it may come in."""
    hosted, token = dump(issuer.hosted()).decode(), issuer.signed()
    return {
        "hosted, parsed": issuer.hosted(),
        "hosted, text": hosted,
        "hosted, address": issuer.hosted_at,
        "hosted, png": baking.bake_2(PICTURE, hosted),
        "hosted, svg": baking.bake_2(DRAWING, hosted, address=issuer.hosted_at),
        "address in a png": baking.bake_2(PICTURE, issuer.hosted_at),
        "address in an svg": baking.bake_2(DRAWING, issuer.hosted_at),
        "signed, token": token,
        "signed, png": baking.bake_2(PICTURE, token),
        "signed, svg": baking.bake_2(DRAWING, token),
    }


# -- what holds ------------------------------------------------------------------------------------


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


# -- what does not ---------------------------------------------------------------------------------


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


# -- endorsements ----------------------------------------------------------------------------------


def endorse(issuer: Issuer2, about: str, **changes: Any) -> str:
    """Publish an endorsement by a rectorat; gives its address."""
    at = "https://rectorat.example"
    profile = json.loads(issuer.web[issuer.profile_at])
    issuer.publish({**profile, "id": f"{at}/profil", "name": "Rectorat", "verification": None})
    endorsement = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Endorsement",
        "id": f"{at}/1",
        "issuer": f"{at}/profil",
        "claim": {"id": about, "endorsementComment": "Nous le reconnaissons."},
        "issuedOn": "2026-01-01T00:00:00Z",
        "verification": {"type": "HostedBadge"},
    }
    issuer.publish(endorsement | changes)
    return str((endorsement | changes)["id"])


def test_an_endorsement_of_the_class_is_told_when_its_author_publishes_it(issuer: Issuer2) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at))
    found = issuer.verify(issuer.hosted())
    assert step(found, "endorsements") == ("passed", "endorsements")
    assert found.check("endorsements").params == {"count": 1, "names": "Rectorat"}
    assert found.outcome == "valid"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"claim": {"id": f"{SITE}/autre"}}, ("failed", "endorsement_elsewhere")),
        ({"id": f"{EVIL}/1"}, ("failed", "endorsement_wrong")),
        ({"type": "Assertion"}, ("failed", "endorsement_invalid")),
        ({"expires": "2026-02-01T00:00:00Z"}, ("unknown", "endorsement_unsure")),
        ({"revoked": True}, ("unknown", "endorsement_unsure")),
        ({"verification": {"type": "SignedBadge"}}, ("unknown", "endorsement_unsure")),
    ],
)
def test_an_endorsement_that_does_not_hold_is_not_told(
    issuer: Issuer2, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    issuer.change(issuer.class_at, endorsement=endorse(issuer, issuer.class_at, **changes))
    assert step(issuer.verify(issuer.hosted()), "endorsements") == expected


# -- older ones ------------------------------------------------------------------------------------


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
