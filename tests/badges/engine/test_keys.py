"""Keys at rest and in the open, and the names of issuers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badges.engine import dids, encoding, keys
from badges.engine.errors import MalformedError, UnsupportedError


@given(st.binary(max_size=80))
def test_base58_and_base64url_give_back_what_they_were_given(data: bytes) -> None:
    assert encoding.base58_decode(encoding.base58_encode(data)) == data
    assert encoding.base64url_decode(encoding.base64url_encode(data)) == data


def test_base58_of_the_draft_standard() -> None:
    # draft-msporny-base58-03, section 5.
    assert encoding.base58_encode(b"Hello World!") == "2NEpo7TZRRrLZSi2U"
    assert encoding.base58_encode(bytes.fromhex("0000287fb4cd")) == "11233QC4"


@pytest.mark.parametrize("text", ["0", "O", "l", "é", "1" * 600])
def test_foreign_characters_and_endless_values_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        encoding.base58_decode(text)


@pytest.mark.parametrize("text", ["u*", "x", "", "uA"])
def test_what_is_no_multibase_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        encoding.multibase_decode(text)


def test_a_key_of_another_kind_is_unsupported_not_wrong() -> None:
    with pytest.raises(UnsupportedError):
        encoding.multikey_decode("zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv")  # P-256
    with pytest.raises(MalformedError):
        encoding.multikey_decode("z" + encoding.base58_encode(encoding.ED25519_PUBLIC + b"short"))


def test_a_key_at_rest_is_unreadable_without_its_passphrase() -> None:
    key = keys.SigningKey.generate()
    stored = key.to_pem("un mot de passe à accents")
    assert stored.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys.SigningKey.from_pem(stored, "un mot de passe à accents").multibase == key.multibase
    for wrong in (None, "", "autre"):
        with pytest.raises(MalformedError) as caught:
            keys.SigningKey.from_pem(stored, wrong)
        assert caught.value.code == "key_passphrase"


def test_a_key_kept_in_clear_can_still_be_read_once_a_passphrase_is_set() -> None:
    key = keys.SigningKey.generate()
    assert keys.SigningKey.from_pem(key.to_pem(), "plus tard").multibase == key.multibase


def test_what_is_no_ed25519_key_is_refused() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for pem in (b"", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", other):
        with pytest.raises(MalformedError):
            keys.SigningKey.from_pem(pem)


def test_a_key_never_shows_itself() -> None:
    key = keys.SigningKey.from_seed(bytes(range(32)))
    assert repr(key) == f"SigningKey({key.multibase})"


@pytest.mark.parametrize(
    ("address", "did", "document"),
    [
        (
            "https://lieu.example",
            "did:web:lieu.example",
            "https://lieu.example/.well-known/did.json",
        ),
        (
            "https://lieu.example:8443/",
            "did:web:lieu.example%3A8443",
            "https://lieu.example:8443/.well-known/did.json",
        ),
        (
            "https://lieu.example/maison/",
            "did:web:lieu.example:maison",
            "https://lieu.example/maison/did.json",
        ),
        (
            "https://café.example",
            "did:web:xn--caf-dma.example",
            "https://xn--caf-dma.example/.well-known/did.json",
        ),
    ],
)
def test_a_web_address_and_its_did_name_each_other(address: str, did: str, document: str) -> None:
    assert keys.did_web(address) == did
    assert dids.did_web_address(did) == document


@pytest.mark.parametrize("address", ["http://lieu.example", "https://", "https://a/?b", "lieu"])
def test_a_did_web_needs_a_plain_https_address(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        keys.did_web(address)


def test_the_document_lists_every_key_by_its_full_address() -> None:
    did = "did:web:lieu.example"
    old = keys.PublicKey("z6MkOld", revoked=datetime(2025, 5, 1, 12, tzinfo=UTC))
    new = keys.PublicKey("z6MkNew")
    document = keys.did_document(
        did, [new, old], alsoKnownAs=["https://lieu.example/badges/issuer"]
    )
    assert document["assertionMethod"] == [f"{did}#z6MkNew", f"{did}#z6MkOld"]
    assert document["verificationMethod"][0] == {
        "id": f"{did}#z6MkNew",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": "z6MkNew",
    }
    assert document["verificationMethod"][1]["revoked"] == "2025-05-01T12:00:00Z"
    assert document["alsoKnownAs"] == ["https://lieu.example/badges/issuer"]


def test_a_did_key_is_its_own_document_without_a_network() -> None:
    key = keys.SigningKey.generate()
    did = keys.did_key(key.multibase)
    method = dids.Resolver(None).method(keys.verification_method(did, key.multibase))
    assert encoding.multikey_encode(method.public_key) == key.multibase
    assert method.may_assert
    assert method.controller == method.stated_controller == did
    with pytest.raises(MalformedError):
        dids.Resolver(None).method(f"{did}#{keys.SigningKey.generate().multibase}")
