"""Who else stands behind a badge, and whether its issuer has a newer copy of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from badges.engine import credentials, keys, proofs, status, vcjwt
from badges.engine.report import Report

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
PARTNER = keys.SigningKey.from_seed(b"a partner of the house, in tests")
PARTNER_DID = keys.did_key(PARTNER.multibase)
LIST = "https://partner.example/status/1"
REFRESH = "https://lieu.example/refresh/1"


def endorsement(about: str, **changes: Any) -> dict[str, Any]:
    """A partner's endorsement, not signed yet."""
    return {
        "@context": [V2, OB],
        "id": "https://partner.example/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Soutien",
        "issuer": {"id": PARTNER_DID, "type": ["Profile"], "name": "Université"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"]},
        **changes,
    }


def signed(document: dict[str, Any], key: keys.SigningKey = PARTNER) -> dict[str, Any]:
    method = keys.verification_method(PARTNER_DID, PARTNER.multibase)
    return proofs.sign(document, key, method, created=NOW)


def step(found: Report, name: Any = "endorsements") -> tuple[str, str]:
    return found.check(name).outcome, found.check(name).code


@pytest.mark.parametrize("place", ["badge", "class", "issuer", "class, on the badge"])
def test_a_genuine_endorsement_is_named_wherever_it_stands(house: Any, place: str) -> None:
    badge = house.badge()
    achievement = badge["credentialSubject"]["achievement"]
    owner, about = {
        "badge": (badge, badge),
        "class": (achievement, achievement),
        "issuer": (badge["issuer"], badge["issuer"]),
        "class, on the badge": (badge, achievement),
    }[place]
    owner["endorsement"] = [signed(endorsement(about["id"]))]
    found = house.verify(house.sign(badge))
    assert found.outcome == "valid", found.to_json()
    assert step(found) == ("passed", "endorsements")
    assert found.check("endorsements").params == {"count": 1, "names": "Université"}


def test_an_endorsement_of_something_else_makes_the_badge_invalid(house: Any) -> None:
    other = signed(endorsement("https://lieu.example/badges/autre"))
    found = house.verify(house.sign(house.badge() | {"endorsement": [other]}))
    assert (found.outcome, *step(found)) == ("invalid", "failed", "endorsement_elsewhere")


def test_a_forged_endorsement_makes_the_badge_invalid(house: Any) -> None:
    badge = house.badge()
    forged = signed(endorsement(badge["id"]), key=keys.SigningKey.generate())
    found = house.verify(house.sign(badge | {"endorsement": [forged]}))
    assert (found.outcome, *step(found)) == ("invalid", "failed", "endorsement_wrong")
    assert found.check("endorsements").params == {"step": "proof", "reason": "signature_wrong"}


@pytest.mark.parametrize("written", [3, {"type": ["Achievement"]}, {}])
def test_what_is_no_endorsement_is_refused(house: Any, written: object) -> None:
    badge = vcjwt_badge(house, {"endorsement": [written]})
    assert step(house.verify(badge)) == ("failed", "endorsement_invalid")


def vcjwt_badge(house: Any, members: dict[str, Any]) -> str:
    """A token: its members need no meaning in a context."""
    key = keys.SigningKey.generate("P-256")
    document = house.badge() | members
    document["issuer"] = {**document["issuer"], "id": keys.did_key(key.multibase)}
    return vcjwt.sign_credential(document, key)


def test_an_endorsement_that_is_over_or_withdrawn_takes_nothing_from_the_badge(
    house: Any,
) -> None:
    badge = house.badge()
    over = endorsement(badge["id"], validUntil="2026-02-01T00:00:00Z")
    found = house.verify(house.sign(badge | {"endorsement": [signed(over)]}))
    assert (found.outcome, *step(found)) == ("valid", "unknown", "endorsement_unsure")
    entry = credentials.StatusEntry(LIST, 5).to_json()
    listing = credentials.build_status_list_credential(
        list_url=LIST,
        issuer_id=PARTNER_DID,
        encoded_list=status.encode_list([5]),
        purpose="revocation",
        valid_from=NOW - timedelta(days=1),
    )
    house.web[LIST] = json.dumps(signed(listing)).encode()
    withdrawn = signed(endorsement(badge["id"], credentialStatus=entry))
    found = house.verify(house.sign(badge | {"endorsement": [withdrawn]}))
    assert (found.outcome, *step(found)) == ("valid", "unknown", "endorsement_unsure")
    assert found.check("endorsements").params["reason"] == "revoked"


def test_an_endorsement_out_of_reach_is_unknown(house: Any) -> None:
    far = "did:web:far.example"
    about = house.badge()["id"]
    document = endorsement(about, issuer={"id": far, "type": ["Profile"], "name": "Loin"})
    method = keys.verification_method(far, PARTNER.multibase)
    found = house.verify(
        house.sign(
            house.badge() | {"endorsement": [proofs.sign(document, PARTNER, method, created=NOW)]}
        )
    )
    assert (found.outcome, *step(found)) == ("valid", "unknown", "endorsement_unsure")


SITE = "https://site.example/.well-known/did.json"
SITE_DID = "did:web:site.example"


def on_site(house: Any, **changes: Any) -> dict[str, Any]:
    """A badge with the endorsement of a partner whose key stands on their site."""
    badge: dict[str, Any] = house.badge()
    issuer = {"id": SITE_DID, "type": ["Profile"], "name": "École"}
    document = endorsement(badge["id"], issuer=issuer, **changes)
    method = keys.verification_method(SITE_DID, PARTNER.multibase)
    return badge | {"endorsement": [proofs.sign(document, PARTNER, method, created=NOW)]}


def site_document(key: keys.SigningKey = PARTNER, **changes: Any) -> dict[str, Any]:
    return keys.did_document(SITE_DID, [keys.PublishedKey(key.public())]) | changes


def rotated() -> dict[str, Any]:
    return site_document(keys.SigningKey.generate())


def changed_method(**changes: Any) -> dict[str, Any]:
    document = site_document()
    document["verificationMethod"][0] |= changes
    return document


@pytest.mark.parametrize(
    ("publish", "reason"),
    [
        (rotated, "method_unlisted"),
        (lambda: changed_method(revoked="2026-02-01T00:00:00Z"), "key_revoked"),
        (lambda: changed_method(expires="2026-02-01T00:00:00Z"), "key_expired"),
        (lambda: changed_method(expires="hier"), "date_invalid"),
        (
            lambda: changed_method(publicKeyMultibase=keys.SigningKey.generate().multibase),
            "signature_wrong",
        ),
        (lambda: changed_method(publicKeyMultibase="z1"), None),
        (lambda: changed_method(controller="did:web:autre.example"), "issuer_mismatch"),
        (lambda: site_document(assertionMethod=[]), "method_not_for_assertion"),
        (lambda: site_document(id="did:web:autre.example"), "controller_mismatch"),
    ],
)
def test_what_an_endorser_publishes_later_never_makes_a_badge_invalid(
    house: Any, publish: Any, reason: str | None
) -> None:
    badge = house.sign(on_site(house))
    house.web[SITE] = json.dumps(site_document()).encode()
    assert step(house.verify(badge)) == ("passed", "endorsements")
    house.web[SITE] = json.dumps(publish()).encode()
    found = house.verify(badge)
    assert (found.outcome, *step(found)) == ("valid", "unknown", "endorsement_unsure")
    assert reason is None or found.check("endorsements").params["reason"] == reason


@pytest.mark.parametrize(
    "listing",
    [
        b"<html>",
        b'{"id": "https://autre.example/liste"}',
        b'{"id": "https://partner.example/status/1", "issuer": "did:web:site.example"}',
    ],
)
def test_a_status_list_gone_wrong_never_makes_a_badge_invalid(house: Any, listing: bytes) -> None:
    house.web |= {SITE: json.dumps(site_document()).encode(), LIST: listing}
    entry = credentials.StatusEntry(LIST, 5).to_json()
    found = house.verify(house.sign(on_site(house, credentialStatus=entry)))
    assert (found.outcome, *step(found)) == ("valid", "unknown", "endorsement_unsure")


def test_what_a_text_disproves_by_itself_is_wrong_whatever_its_author_publishes(
    house: Any,
) -> None:
    stranger = {"id": "did:web:rectorat.example", "type": ["Profile"], "name": "Rectorat"}
    for document in (site_document(), rotated()):
        house.web[SITE] = json.dumps(document).encode()
        badge = on_site(house)
        badge["endorsement"][0]["validFrom"] = "un jour"
        found = house.verify(house.sign(badge))
        assert (found.outcome, *step(found)) == ("invalid", "failed", "endorsement_wrong")
    house.web[SITE] = json.dumps(site_document()).encode()
    badge = house.badge()
    method = keys.verification_method(SITE_DID, PARTNER.multibase)
    posed = proofs.sign(endorsement(badge["id"], issuer=stranger), PARTNER, method, created=NOW)
    found = house.verify(house.sign(badge | {"endorsement": [posed]}))
    assert (found.outcome, *step(found)) == ("invalid", "failed", "endorsement_wrong")
    assert found.check("endorsements").params["reason"] == "issuer_mismatch"


def test_an_endorsement_signed_as_a_token_is_verified(house: Any) -> None:
    about = house.badge()["id"]
    key = keys.SigningKey.generate("RSA")
    issuer = {"id": keys.did_key(key.multibase), "type": ["Profile"], "name": "Rectorat"}
    token = vcjwt.sign_credential(endorsement(about, issuer=issuer), key)
    found = house.verify(vcjwt_badge(house, {"endorsementJwt": [token]}))
    assert step(found) == ("passed", "endorsements")
    assert found.check("endorsements").params["names"] == "Rectorat"


def test_a_badge_with_too_many_endorsements_is_not_chased_through_them(house: Any) -> None:
    many = [signed(endorsement("https://lieu.example/x"))] * 9
    found = house.verify(vcjwt_badge(house, {"endorsement": many}))
    assert step(found) == ("unknown", "too_many_endorsements")


# Refresh


def renewable(house: Any, **changes: Any) -> dict[str, Any]:
    service = {"id": REFRESH, "type": "1EdTechCredentialRefresh"}
    badge: dict[str, Any] = house.badge(**changes)
    assert EXTENSIONS in badge["@context"]
    return badge | {"refreshService": service}


def test_the_copy_at_the_issuers_is_compared(house: Any) -> None:
    badge = house.sign(renewable(house))
    house.web[REFRESH] = json.dumps(badge).encode()
    assert step(house.verify(badge), "refresh") == ("passed", "refresh_same")
    newer = house.sign(renewable(house, valid_from=NOW - timedelta(days=1)))
    house.web[REFRESH] = json.dumps(newer).encode()
    found = house.verify(badge)
    assert (found.outcome, *step(found, "refresh")) == ("valid", "passed", "refresh_newer")
    assert found.check("refresh").params["address"] == REFRESH


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (None, "fetch_failed"),
        (b"<html>", "refresh_unreadable"),
        ("elsewhere", "refresh_elsewhere"),
        ("changed", "refresh_untrusted"),
    ],
)
def test_a_renewal_that_leads_nowhere_never_makes_a_badge_invalid(
    house: Any, there: Any, code: str
) -> None:
    badge = house.sign(renewable(house))
    if there == "elsewhere":
        there = json.dumps(house.sign(renewable(house, id="https://lieu.example/2"))).encode()
    elif there == "changed":
        there = json.dumps(badge | {"name": "Autre"}).encode()
    if there is not None:
        house.web[REFRESH] = there
    found = house.verify(badge)
    assert (found.outcome, *step(found, "refresh")) == ("valid", "unknown", code)


def test_a_renewal_is_not_sought_without_a_network(house: Any) -> None:
    found = house.verify(house.sign(renewable(house)), offline=True)
    assert (found.outcome, *step(found, "refresh")) == ("valid", "unknown", "offline")


def test_another_kind_of_renewal_is_told_and_not_followed(house: Any) -> None:
    service = {"id": "ftp://lieu.example/x", "type": "1EdTechCredentialRefresh"}
    found = house.verify(house.sign(house.badge() | {"refreshService": service}))
    assert step(found, "refresh") == ("unknown", "refresh_unsupported")
    assert house.fetched == []
