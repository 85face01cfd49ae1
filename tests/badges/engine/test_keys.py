"""Keys at rest and in the open, and the names of issuers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from badges.engine import dids, encoding, keys
from badges.engine.errors import MalformedError, UnsupportedError
from badges.engine.publickeys import Kind, PublicKey

OURS = keys.RSA_BITS  # read before the suite has shorter ones made, to be quick


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
        PublicKey.from_multikey("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")
    with pytest.raises(UnsupportedError):
        PublicKey.from_jwk({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"})
    with pytest.raises(MalformedError):
        PublicKey.from_multikey("z" + encoding.base58_encode(b"\xed\x01short"))


# The did:key method's own examples of P-256 (section 3.2) and of RSA are written like ours.
KINDS: list[Kind] = ["Ed25519", "P-256", "RSA"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_the_same_in_every_way_of_writing_it(kind: Kind) -> None:
    key = keys.SigningKey.generate(kind)
    public = key.public()
    assert public.kind == kind
    assert PublicKey.from_multikey(public.multikey) == public
    assert PublicKey.from_jwk({"alg": public.algorithm, "use": "sig", **public.jwk}) == public
    assert PublicKey.from_pem(public.pem) == public
    assert len({public, PublicKey.from_pem(public.pem)}) == 1
    again = keys.SigningKey.from_pem(key.to_pem("mot de passe"), "mot de passe")
    assert again.public() == public
    assert public.verifies(again.sign(b"badge"), b"badge")
    assert not public.verifies(again.sign(b"badge"), b"budge")
    assert not keys.SigningKey.generate(kind).public().verifies(key.sign(b"badge"), b"badge")


def test_known_keys_are_named_as_everybody_names_them() -> None:
    # did:key method, test vectors of P-256 and of RSA 2048; RFC 7638, section 3.1.
    p256 = "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"
    assert PublicKey.from_multikey(p256).kind == "P-256"
    assert PublicKey.from_multikey(p256).multikey == p256
    rfc = {
        "kty": "RSA",
        "e": "AQAB",
        "n": (
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc"
            "_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ"
            "R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFT"
            "WhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        ),
    }
    assert PublicKey.from_jwk(rfc).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_stranger_s_key_of_p_384_is_read_in_every_way_of_writing_it_and_verifies() -> None:
    private = ec.generate_private_key(ec.SECP384R1())
    public = PublicKey(private.public_key())
    assert public.kind == "P-384"
    assert public.multikey.startswith("z82")
    assert PublicKey.from_multikey(public.multikey) == public
    assert PublicKey.from_jwk({"alg": "ES384", **public.jwk}) == public
    assert PublicKey.from_pem(public.pem) == public
    r, s = decode_dss_signature(private.sign(b"badge", ec.ECDSA(hashes.SHA384())))
    signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    assert public.verifies(signature, b"badge")
    assert not public.verifies(signature, b"budge")
    assert not public.verifies(signature[:64], b"badge")
    with pytest.raises(ValueError, match="P-384"):
        keys.SigningKey.generate("P-384")


def test_an_rsa_key_of_the_place_is_good_for_decades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "RSA_BITS", OURS)
    modulus = keys.SigningKey.generate("RSA").public().jwk["n"]
    assert len(encoding.base64url_decode(modulus)) * 8 == 3072


def test_a_key_that_is_private_weak_or_endless_is_refused() -> None:
    public = keys.SigningKey.generate("RSA").public().jwk
    with pytest.raises(MalformedError) as caught:
        PublicKey.from_jwk({**public, "d": "AQAB"})
    assert caught.value.code == "key_private"
    short = encoding.base64url_encode(b"\xff" * 128)
    huge = encoding.base64url_encode(b"\xff" * 1_300)
    for n, e in ((short, "AQAB"), (huge, "AQAB"), (public["n"], "AQ"), (public["n"], short)):
        with pytest.raises(UnsupportedError) as refused:
            PublicKey.from_jwk({"kty": "RSA", "n": n, "e": e})
        assert refused.value.code == "key_size_unsupported"


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "clé",
        {"kty": "RSA"},
        {"kty": "RSA", "n": 12, "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "court"},
        {"kty": "OKP", "crv": "Ed25519"},
    ],
)
def test_what_is_no_key_is_refused(jwk: object) -> None:
    with pytest.raises(MalformedError):
        PublicKey.from_jwk(jwk)


def test_the_same_badge_signed_twice_with_p_256_is_the_same_text() -> None:
    key = keys.SigningKey.generate("P-256")
    assert key.sign(b"badge") == key.sign(b"badge")


def test_a_key_at_rest_is_unreadable_without_its_passphrase() -> None:
    key = keys.SigningKey.generate()
    stored = key.to_pem("un mot de passe à accents")
    assert stored.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys.SigningKey.from_pem(stored, "un mot de passe à accents").multibase == key.multibase
    for wrong in (None, "", "autre"):
        with pytest.raises(MalformedError) as caught:
            keys.SigningKey.from_pem(stored, wrong)
        assert caught.value.code == "key_passphrase"
    with pytest.raises(MalformedError) as caught:  # nobody is sent to look for a passphrase
        keys.SigningKey.from_pem(stored[:80], "un mot de passe à accents")
    assert caught.value.code == "key_invalid"


def test_a_key_kept_in_clear_can_still_be_read_once_a_passphrase_is_set() -> None:
    key = keys.SigningKey.generate()
    assert keys.SigningKey.from_pem(key.to_pem(), "plus tard").multibase == key.multibase


def test_what_is_no_key_that_signs_here_is_refused() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
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
    one, two, three = (keys.SigningKey.generate(kind).public() for kind in KINDS)
    old = keys.PublishedKey(two, revoked=datetime(2025, 5, 1, 12, tzinfo=UTC))
    new, token = keys.PublishedKey(one), keys.PublishedKey(three)
    document = keys.did_document(
        did, [new, old, token], alsoKnownAs=["https://lieu.example/badges/issuer"]
    )
    assert document["assertionMethod"] == [f"{did}#{key.name}" for key in (one, two, three)]
    assert document["verificationMethod"][0] == {
        "id": f"{did}#{one.multikey}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": one.multikey,
    }
    assert document["verificationMethod"][2] == {
        "id": f"{did}#{three.thumbprint}",
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": {"alg": "RS256", **three.jwk},
    }
    assert document["verificationMethod"][1]["revoked"] == "2025-05-01T12:00:00Z"
    assert document["alsoKnownAs"] == ["https://lieu.example/badges/issuer"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_did_key_is_its_own_document_without_a_network(kind: Kind) -> None:
    key = keys.SigningKey.generate(kind)
    did = keys.did_key(key.multibase)
    method = dids.Resolver(None).method(keys.verification_method(did, key.multibase))
    assert method.public_key == key.public()
    assert method.may_assert
    assert method.controller == method.stated_controller == did
    with pytest.raises(MalformedError):
        dids.Resolver(None).method(f"{did}#{keys.SigningKey.generate().multibase}")
