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

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .encoding import multikey_encode
from .errors import MalformedError


@dataclass(frozen=True)
class PublicKey:
    """A key as the world sees it: `multibase` (`z6Mk…`), and when it was withdrawn, if it was.

    A key that is merely no longer used carries no date: what it signed stays verifiable. `revoked`
    is for a key that leaked: verifiers refuse all it ever signed (Controlled Identifiers, 2.2).
    """

    multibase: str
    revoked: datetime | None = None


class SigningKey:
    """An Ed25519 private key. It never shows itself in `repr`."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        #: The public half, as a multikey (`z6Mk…`).
        self.multibase = multikey_encode(private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.multibase})"

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte seed (published test vectors, a restored backup).

        Raises:
            ValueError: not 32 bytes.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: str | None = None) -> SigningKey:
        """Read what `to_pem` wrote.

        Raises:
            MalformedError: not a PEM of an Ed25519 key (`key_invalid`), or the passphrase is wrong
                or missing (`key_passphrase`).
        """
        secret = passphrase.encode() if passphrase else None
        if secret is not None and b"ENCRYPTED" not in pem:
            # The library refuses a passphrase for a key in clear; a house that has just set one
            # must still be able to read the keys it made before.
            secret = None
        try:
            private = serialization.load_pem_private_key(pem, secret)
        except (TypeError, ValueError) as error:
            code = "key_passphrase" if b"ENCRYPTED" in pem else "key_invalid"
            raise MalformedError(code, "the private key cannot be read") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise MalformedError("key_invalid", "the private key is not an Ed25519 key")
        return cls(private)

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
        return PublicKey(self.multibase)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `data`."""
        return self._private.sign(data)


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


def verification_method(did: str, multibase: str) -> str:
    """The full address of a key within its controller: `did:web:host#z6Mk…`."""
    return f"{did}#{multibase}"


def did_document(did: str, keys: Iterable[PublicKey], **members: Any) -> dict[str, Any]:
    """The controller document to publish: every key that ever signed, addresses in full.

    `keys` in the order to publish; `members` are added as they are (`service=[…]`).
    """
    methods: list[dict[str, Any]] = []
    for key in keys:
        method = {
            "id": verification_method(did, key.multibase),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": key.multibase,
        }
        if key.revoked is not None:
            stamp = key.revoked.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            method["revoked"] = stamp
        methods.append(method)
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
        **members,
    }
