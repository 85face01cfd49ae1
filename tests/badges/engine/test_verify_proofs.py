"""Proofs, one, several or chained, and what each trap gets as an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from badges.engine import encoding, proofs
from badges.engine.publickeys import PublicKey
from tests.support.engine import NOW, Change


def test_a_badge_without_proof_is_invalid(house: Any) -> None:
    assert house.verify(house.badge()).check("proof").code == "proof_missing"
    assert house.verify(house.badge() | {"proof": []}).outcome == "invalid"


def test_a_single_proof_that_is_no_array_verifies(house: Any) -> None:
    signed = house.signed()
    assert house.verify(signed | {"proof": signed["proof"][0]}).outcome == "valid"


def test_a_second_proof_by_another_key_does_not_disturb(house: Any, web_house: Any) -> None:
    signed = house.signed()
    both = house.sign(signed)
    both["proof"][1] = web_house.sign(house.badge())["proof"][0]
    house.web = web_house.web
    assert house.verify(both).outcome == "valid"
    both["proof"].reverse()
    assert house.verify(both).outcome == "valid"


def test_a_broken_proof_beside_a_right_one_makes_it_invalid(house: Any) -> None:
    both = house.sign(house.signed())
    both["proof"][1]["created"] = "2020-01-01T00:00:00Z"
    assert house.verify(both).outcome == "invalid"


def test_a_chain_of_proofs_covers_the_earlier_proof(house: Any, now: datetime) -> None:
    signed = house.signed()
    signed["proof"][0]["id"] = "urn:uuid:first"
    unsecured, _ = proofs.split(house.signed())
    first = resign(house, unsecured, {**signed["proof"][0]})
    options = {**first, "id": "urn:uuid:second", "previousProof": ["urn:uuid:first"]}
    del options["proofValue"]
    data = proofs.hash_data({**unsecured, "proof": [first]}, options, "eddsa-rdfc-2022")
    second = {**options, "proofValue": encoding.multibase_encode(house.key.sign(data))}
    chain = {**unsecured, "proof": [first, second]}
    assert house.verify(chain).outcome == "valid"
    assert house.verify({**unsecured, "proof": [second]}).check("proof").code == "proof_chain"


def resign(house: Any, unsecured: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    options.pop("proofValue", None)
    data = proofs.hash_data(unsecured, options, "eddsa-rdfc-2022")
    return {**options, "proofValue": encoding.multibase_encode(house.key.sign(data))}


def sign_with_ecdsa(house: Any, suite: str, kind: Any) -> dict[str, Any]:
    """The badge as an issuer would sign it who is a key of this kind."""
    curve, digest, size = {
        "P-256": (ec.SECP256R1(), hashes.SHA256(), 32),
        "P-384": (ec.SECP384R1(), hashes.SHA384(), 48),
    }[kind]
    private = ec.generate_private_key(curve)
    multikey = PublicKey(private.public_key()).multikey
    unsecured = house.badge()
    unsecured["issuer"]["id"] = f"did:key:{multikey}"
    options = {
        **proofs.options(f"did:key:{multikey}#{multikey}", NOW, "eddsa-rdfc-2022"),
        "cryptosuite": suite,
    }
    data = proofs.hash_data(unsecured, options, suite, digest=digest.name)
    r, s = decode_dss_signature(private.sign(data, ec.ECDSA(digest)))
    value = encoding.multibase_encode(r.to_bytes(size, "big") + s.to_bytes(size, "big"))
    return {**unsecured, "proof": [{**options, "proofValue": value}]}


def test_a_proof_for_another_purpose_is_refused(house: Any) -> None:
    unsecured = house.badge()
    options = {**house.signed()["proof"][0], "proofPurpose": "authentication"}
    signed = {**unsecured, "proof": [resign(house, unsecured, options)]}
    assert house.verify(signed).check("proof").code == "proof_purpose"


def test_an_expired_proof_is_refused_and_cannot_be_renamed_away(house: Any) -> None:
    unsecured = house.badge()
    options = {**house.signed()["proof"][0], "expires": "2026-01-01T00:00:00Z"}
    signed = {**unsecured, "proof": [resign(house, unsecured, options)]}
    assert house.verify(signed).check("proof").code == "proof_expired"
    signed["proof"][0]["expiration"] = signed["proof"][0].pop("expires")
    assert house.verify(signed).check("proof").code == "proof_invalid"


def test_a_suite_that_is_not_checked_is_unknown_and_the_badge_incomplete(house: Any) -> None:
    for proof in (
        {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023", "proofValue": "u2V0A"},
        {"type": "RsaSignature2018", "jws": "x"},
    ):
        found = house.verify(house.badge() | {"proof": [proof]})
        assert found.check("proof").code == "suite_unsupported"
        assert found.outcome == "incomplete"


def test_a_badge_signed_with_jcs_verifies_and_changed_does_not(house: Any) -> None:
    signed = house.sign(house.badge(), suite="eddsa-jcs-2022")
    assert house.verify(signed).outcome == "valid"
    signed["credentialSubject"]["achievement"]["name"] += "!"
    assert house.verify(signed).outcome == "invalid"


@pytest.mark.parametrize("kind", ["P-256", "P-384"])
@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
def test_a_badge_signed_with_ecdsa_verifies_and_changed_does_not(
    house: Any, suite: str, kind: Any, changed: Change
) -> None:
    signed = sign_with_ecdsa(house, suite, kind)
    found = house.verify(signed, offline=True)
    assert found.outcome == "valid", found.to_json()
    assert found.check("proof").params["suite"] == suite
    forged = changed(signed, "Maîtrise", "credentialSubject", "achievement", "name")
    assert house.verify(forged).check("proof").code == "signature_wrong"
    later = changed(signed, "2026-03-01T09:00:00Z", "proof", 0, "created")
    assert house.verify(later).check("proof").code == "signature_wrong"


def test_a_suite_is_made_with_its_own_kinds_of_key(house: Any, changed: Change) -> None:
    signed = changed(house.signed(), "ecdsa-rdfc-2019", "proof", 0, "cryptosuite")
    assert house.verify(signed).check("proof").code == "key_type_mismatch"
    signed = changed(
        sign_with_ecdsa(house, "ecdsa-rdfc-2019", "P-256"),
        "eddsa-rdfc-2022",
        *("proof", 0, "cryptosuite"),
    )
    assert house.verify(signed).check("proof").code == "key_type_mismatch"


def test_a_signature_of_the_length_of_another_curve_is_refused(house: Any, changed: Change) -> None:
    longer = sign_with_ecdsa(house, "ecdsa-rdfc-2019", "P-384")["proof"][0]["proofValue"]
    signed = sign_with_ecdsa(house, "ecdsa-rdfc-2019", "P-256")
    found = house.verify(changed(signed, longer, "proof", 0, "proofValue"))
    assert found.check("proof").code == "signature_wrong"
    found = house.verify(changed(house.signed(), longer, "proof", 0, "proofValue"))
    assert found.check("proof").code == "proof_value"


def test_jcs_refuses_contexts_put_before_those_that_were_signed(house: Any) -> None:
    signed = house.sign(house.badge(), suite="eddsa-jcs-2022")
    signed["@context"] = list(reversed(signed["@context"]))
    assert house.verify(signed).check("proof").code == "proof_context"


def test_an_unknown_context_leaves_the_proof_unknown_and_says_which(house: Any) -> None:
    signed = house.signed()
    signed["@context"].append("https://elsewhere.example/v1")
    found = house.verify(signed)
    assert found.check("contexts").outcome == "unknown"
    assert found.check("contexts").params == {"address": "https://elsewhere.example/v1"}
    assert found.outcome == "incomplete"


def test_a_signature_of_wrong_length_or_alphabet_is_refused(house: Any, changed: Change) -> None:
    for value in ("", "z", "z1", "zIl0O", "u" + "A" * 86, "z" + "1" * 600, 12, None):
        found = house.verify(changed(house.signed(), value, "proof", 0, "proofValue"))
        assert found.check("proof").outcome == "failed"
