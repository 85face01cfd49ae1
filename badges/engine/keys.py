"""Signing keys, and the documents that name them.

An issuer is a `did:key` (the key is the name) or a `did:web` (the name is a web address whose
`did.json` lists the keys). Sources: W3C Controlled Identifiers 1.0, did:key and did:web methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .errors import MalformedError
from .publickeys import MAX_RSA_BITS, MIN_RSA_BITS, Kind, PublicKey

#: What is made anew; 3072 bits are good for decades (NIST SP 800-57).
RSA_BITS = 3072

_Private = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class PublishedKey:
    """A key as its controller publishes it, and when it was withdrawn, if it was.

    A key that is merely no longer used carries no date: what it signed stays verifiable. `revoked`
    is for a key that leaked: verifiers refuse all it ever signed (Controlled Identifiers, 2.2).
    """

    key: PublicKey
    revoked: datetime | None = None


class SigningKey:
    """A private key: Ed25519, P-256 or RSA. It never shows itself in `repr`."""

    def __init__(self, private: _Private) -> None:
        self._private = private
        self._public = PublicKey(private.public_key())

    def __repr__(self) -> str:
        return f"SigningKey({self.name})"

    @classmethod
    def generate(cls, kind: Kind = "Ed25519") -> SigningKey:
        """A new key from the system's randomness.

        Raises:
            ValueError: P-384, which is only verified with.
        """
        if kind == "P-384":
            raise ValueError("no key of P-384 signs here")
        if kind == "RSA":
            return cls(rsa.generate_private_key(65_537, RSA_BITS))
        if kind == "P-256":
            return cls(ec.generate_private_key(ec.SECP256R1()))
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The Ed25519 key of a 32-byte seed (published test vectors, a restored backup).

        Raises:
            ValueError: not 32 bytes.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: str | None = None) -> SigningKey:
        """Read what `to_pem` wrote.

        Raises:
            MalformedError: not a PEM of a key that signs here (`key_invalid`), or the passphrase
                is wrong or missing (`key_passphrase`).
        """
        secret = passphrase.encode() if passphrase else None
        if secret is not None and b"ENCRYPTED" not in pem:
            # The library refuses a passphrase for a key in clear; a house that has just set one
            # must still be able to read the keys it made before.
            secret = None
        try:
            private = serialization.load_pem_private_key(pem, secret)
        except (TypeError, ValueError) as error:
            # Cut short, no passphrase opens it.
            is_sealed = b"ENCRYPTED" in pem and b"-----END" in pem
            code = "key_passphrase" if is_sealed else "key_invalid"
            raise MalformedError(code, "the private key cannot be read") from error
        if isinstance(private, Ed25519PrivateKey):
            return cls(private)
        if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(
            private.curve, ec.SECP256R1
        ):
            return cls(private)
        if isinstance(private, rsa.RSAPrivateKey) and (
            MIN_RSA_BITS <= private.key_size <= MAX_RSA_BITS
        ):
            return cls(private)
        raise MalformedError("key_invalid", "the private key is not one that signs here")

    def to_pem(self, passphrase: str | None = None) -> bytes:
        """The key as PKCS#8 PEM, encrypted when there is a passphrase."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            encryption = serialization.BestAvailableEncryption(passphrase.encode())
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    @property
    def kind(self) -> Kind:
        """`Ed25519`, `P-256` or `RSA`."""
        return self._public.kind

    @property
    def name(self) -> str:
        """What it is called within its controller."""
        return self._public.name

    @property
    def multibase(self) -> str:
        """The public half, as a multikey (`z6Mk…`)."""
        return self._public.multikey

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, as `PublicKey.verifies` reads it."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(data)
        if isinstance(self._private, rsa.RSAPrivateKey):
            return self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        # Deterministic (RFC 6979): the same badge signed twice is the same text.
        scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self._private.sign(data, scheme))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def did_key(multibase: str) -> str:
    """The `did:key` of a public key."""
    return f"did:key:{multibase}"


def did_web(base_url: str) -> str:
    """The `did:web` of a web address: `https://host:8443/lieu` → `did:web:host%3A8443:lieu`.

    Raises:
        ValueError: not an https address with a host, or one with a query.
    """
    parts = urlsplit(base_url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.username:
        raise ValueError("a did:web needs an https address without query or user")
    host = parts.hostname.encode("idna").decode("ascii")
    if parts.port and parts.port != 443:
        host += f"%3A{parts.port}"
    path = [quote(step, safe="") for step in parts.path.split("/") if step]
    return ":".join(["did:web", host, *path])


def verification_method(did: str, name: str) -> str:
    """The full address of a key within its controller: `did:web:host#z6Mk…`."""
    return f"{did}#{name}"


def did_document(did: str, keys: Iterable[PublishedKey], **members: Any) -> dict[str, Any]:
    """The controller document to publish: every key that ever signed, addresses in full.

    `keys` in the order to publish; `members` are added as they are (`service=[…]`). Ed25519 keys
    are written as Multikey, the others as JsonWebKey: so are they looked for by who verifies a
    proof, and by who verifies a token.
    """
    methods: list[dict[str, Any]] = []
    for published in keys:
        key = published.key
        method: dict[str, Any] = {"id": verification_method(did, key.name), "controller": did}
        if key.kind == "Ed25519":
            method |= {"type": "Multikey", "publicKeyMultibase": key.multikey}
        else:
            method |= {"type": "JsonWebKey", "publicKeyJwk": {"alg": key.algorithm, **key.jwk}}
        if published.revoked is not None:
            stamp = published.revoked.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            method["revoked"] = stamp
        methods.append(method)
    contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    if any(method["type"] == "JsonWebKey" for method in methods):
        contexts.append("https://w3id.org/security/jwk/v1")
    return {
        "@context": contexts,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
        # The place signs the collections it puts together: presentations.
        "authentication": [method["id"] for method in methods if method["type"] == "Multikey"],
        **members,
    }
