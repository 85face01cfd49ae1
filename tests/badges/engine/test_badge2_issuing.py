"""Open Badges 2.0 say what the 3.0 credential says, in the words of 2.0."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from badges.engine import badge2_issuing, baking, encoding, keys
from badges.engine.badge2_issuing import Related, Revoked
from tests.support.badge2 import DRAWING, PICTURE, SIGNED_ID, SITE, Issuer2, make_credential

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def published(issuer: Issuer2, address: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(issuer.web[address])
    return document


def payload(token: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encoding.base64url_decode(token.split(".")[1]))
    return document


def test_the_assertion_says_what_the_credential_says(issuer: Issuer2) -> None:
    credential, assertion = issuer.credential, issuer.hosted()
    identity = credential["credentialSubject"]["identifier"][0]
    assert assertion["recipient"] == {
        "type": "email",
        "hashed": True,
        "identity": identity["identityHash"],
        "salt": identity["salt"],
    }
    assert assertion["issuedOn"] == credential["validFrom"]
    assert assertion["expires"] == credential["validUntil"]
    assert assertion["narrative"] == credential["credentialSubject"]["narrative"]
    assert assertion["@language"] == "fr"
    assert [
        {**evidence, "type": [evidence["type"]]} for evidence in assertion["evidence"]
    ] == credential["evidence"]


def test_the_class_says_what_the_achievement_says(issuer: Issuer2) -> None:
    achievement = issuer.credential["credentialSubject"]["achievement"]
    badge = published(issuer, issuer.class_at)
    for member in ("name", "description", "version"):
        assert badge[member] == achievement[member]
    assert badge["criteria"] == {"type": "Criteria", **achievement["criteria"]}
    assert badge["image"] == achievement["image"]["id"]
    assert badge["tags"] == achievement["tag"]
    assert badge["@language"] == achievement["inLanguage"]
    assert [
        {**alignment, "type": [alignment["type"].removesuffix("Object")]}
        for alignment in badge["alignment"]
    ] == achievement["alignment"]
    assert badge["issuer"] == issuer.profile_at


def test_hosted_and_signed_forms_differ_in_their_name_and_proof_alone(issuer: Issuer2) -> None:
    hosted, signed = issuer.hosted(), payload(issuer.signed())
    assert signed.pop("id") == SIGNED_ID
    assert signed.pop("verification") == {"type": "SignedBadge", "creator": issuer.key_at}
    assert hosted.pop("id") == issuer.hosted_at
    assert hosted.pop("verification") == {"type": "HostedBadge"}
    assert hosted == signed


def test_a_holder_known_by_a_did_alone_is_named_by_it() -> None:
    did = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
    credential = make_credential(NOW, recipient=None, subject_id=did)
    assertion = badge2_issuing.build_hosted(
        credential, address=f"{SITE}/credentials/1", badge=f"{SITE}/badges/python"
    )
    assert assertion["recipient"] == {"type": "id", "hashed": False, "identity": did}


def test_a_revocation_list_never_has_fewer_than_two_entries_and_pads_honestly() -> None:
    address, owner = f"{SITE}/revoked", f"{SITE}/badges/issuer"
    build = badge2_issuing.build_revocation_list
    one = build(address, issuer=owner, revoked=[Revoked(SIGNED_ID, "Erreur de saisie")])
    first, second = one["revokedAssertions"]
    assert first == {"id": SIGNED_ID, "revocationReason": "Erreur de saisie"}
    assert second["id"].startswith("urn:uuid:")
    assert "no badge" in second["revocationReason"]
    none = build(address, issuer=owner, revoked=[])
    assert len({entry["id"] for entry in none["revokedAssertions"]}) == 2
    assert none == build(address, issuer=owner, revoked=[])  # the same each time it is published
    three = build(address, issuer=owner, revoked=[Revoked(f"urn:uuid:{n}") for n in range(3)])
    assert [entry["id"] for entry in three["revokedAssertions"]] == [
        "urn:uuid:0",
        "urn:uuid:1",
        "urn:uuid:2",
    ]


def test_what_a_withdrawn_hosted_badge_leaves_behind_says_so() -> None:
    gone = badge2_issuing.build_gone(f"{SITE}/credentials/1", "Erreur")
    assert gone["revoked"] is True
    assert gone["revocationReason"] == "Erreur"
    assert "recipient" not in gone


def test_another_language_of_the_class_is_related_to_it(issuer: Issuer2) -> None:
    badge = badge2_issuing.build_badge_class(
        issuer.credential,
        address=issuer.class_at,
        issuer=issuer.profile_at,
        related=[Related(f"{SITE}/badges/python-en", "en", "2")],
    )
    assert badge["related"] == [
        {"type": "BadgeClass", "id": f"{SITE}/badges/python-en", "@language": "en", "version": "2"}
    ]


@pytest.mark.parametrize(
    ("assertions", "host"),
    [
        ("https://lieu.example/credentials/", "lieu.example"),
        ("https://lieu.example:8443/credentials/", None),
        ("http://localhost:8000/credentials/", None),
    ],
)
def test_a_profile_names_its_host_only_where_readers_understand_it(
    issuer: Issuer2, assertions: str, host: str | None
) -> None:
    profile = badge2_issuing.build_profile(
        issuer.credential["issuer"], address=f"{SITE}/badges/issuer", assertions=assertions
    )
    assert profile["verification"].get("allowedOrigins") == host
    assert profile["verification"]["startsWith"] == assertions


def test_what_open_badges_2_wants_and_is_not_there_is_refused(issuer: Issuer2) -> None:
    without_email = {**issuer.credential["issuer"], "email": ""}
    with pytest.raises(ValueError, match="email"):
        badge2_issuing.build_profile(without_email, address=f"{SITE}/i", assertions=f"{SITE}/c/")
    achievement = dict(issuer.credential["credentialSubject"]["achievement"])
    del achievement["image"]
    plain = {**issuer.credential, "credentialSubject": {"achievement": achievement}}
    with pytest.raises(ValueError, match="picture"):
        badge2_issuing.build_badge_class(plain, address=f"{SITE}/b", issuer=f"{SITE}/i")
    with pytest.raises(ValueError, match="recipient"):
        badge2_issuing.build_hosted(plain, address=f"{SITE}/c", badge=f"{SITE}/b")
    with pytest.raises(ValueError, match="achievement"):
        badge2_issuing.build_hosted({}, address=f"{SITE}/c", badge=f"{SITE}/b")


def test_only_rsa_keys_sign_and_only_assertions_that_are_to_be_signed(issuer: Issuer2) -> None:
    with pytest.raises(ValueError, match="RSA"):
        issuer.signed(keys.SigningKey.generate("P-256"))
    with pytest.raises(ValueError, match="hosted"):
        badge2_issuing.sign_assertion(issuer.hosted(), issuer.key)


def test_a_picture_carries_the_badge_and_is_otherwise_untouched(issuer: Issuer2) -> None:
    token, text = issuer.signed(), json.dumps(issuer.hosted(), ensure_ascii=False)
    for picture in (PICTURE, DRAWING):
        for content, address in ((token, ""), (text, issuer.hosted_at)):
            baked = baking.bake_2(picture, content, address=address)
            assert baking.extract(baked).text == content
            # Baked again, there is still one.
            again = baking.bake_2(baked, content, address=address)
            assert again == baked
    drawing = baking.bake_2(DRAWING, text, address=issuer.hosted_at).decode()
    assert f'verify="{issuer.hosted_at}"' in drawing
    assert 'xmlns:openbadges="http://openbadges.org"' in drawing
    assert b"openbadges\0" in baking.bake_2(PICTURE, token)


def test_a_drawing_with_a_3_0_badge_can_be_given_a_2_0_one_instead(issuer: Issuer2) -> None:
    with_3 = baking.bake(DRAWING, json.dumps(issuer.credential))
    baked = baking.bake_2(with_3, issuer.signed())
    assert baking.extract(baked).text == issuer.signed()
    assert b"<openbadges:credential" not in baked
