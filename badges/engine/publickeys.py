"""Public keys of the kinds that badges are signed with, and whether one made a signature.

Ed25519 (Data Integrity, EdDSA), P-256 (ECDSA, ES256), P-384 (ECDSA, ES384; only strangers sign
with it) and RSA (RS256, also Open Badges 2.0). Sources: W3C Controlled Identifiers 1.0 (Multikey,
JsonWebKey), RFC 7517 and 7518 (JWK, JWA), RFC 7638 (thumbprints), the did:key method. A key decides
by its kind which algorithm it verifies: nothing that a signature says of itself can change that.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .encoding import base64url_decode, base64url_encode, multibase_decode, multibase_encode
from .errors import MalformedError, UnsupportedError

Kind = Literal["Ed25519", "P-256", "P-384", "RSA"]
AnyKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

#: The one JOSE algorithm that a key of each kind is used with here.
ALGORITHMS: dict[Kind, str] = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "RSA": "RS256",
}
#: What a signature in Data Integrity takes; RSA keys make none there.
SIGNATURE_BYTES: dict[Kind, int] = {"Ed25519": 64, "P-256": 64, "P-384": 96}

#: Multicodec prefixes of public keys (unsigned varints).
_PREFIXES: dict[bytes, Kind] = {
    b"\xed\x01": "Ed25519",
    b"\x80\x24": "P-256",
    b"\x81\x24": "P-384",
    b"\x85\x24": "RSA",
}
#: Shorter RSA keys are no longer safe (RFC 7518, 3.3), longer ones only cost time.
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
#: A multikey of an RSA key of 8192 bits has about 1,420 characters.
_MAX_MULTIKEY = 2_000


class _Curve(NamedTuple):
    """A curve of NIST, the bytes of one coordinate, and the hash its signatures are of."""

    curve: ec.EllipticCurve
    size: int
    hash: hashes.HashAlgorithm


_CURVES: dict[Kind, _Curve] = {
    "P-256": _Curve(ec.SECP256R1(), 32, hashes.SHA256()),
    "P-384": _Curve(ec.SECP384R1(), 48, hashes.SHA384()),
}


class PublicKey:
    """A public key. Two are equal when they are the same key, however they were written."""

    def __init__(self, key: AnyKey) -> None:
        self._key = key
        self.kind: Kind
        if isinstance(key, Ed25519PublicKey):
            self.kind = "Ed25519"
        elif isinstance(key, rsa.RSAPublicKey):
            self.kind = "RSA"
        else:
            self.kind = "P-256" if isinstance(key.curve, ec.SECP256R1) else "P-384"

    def __repr__(self) -> str:
        return f"PublicKey({self.kind}, {self.name})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.jwk == other.jwk

    def __hash__(self) -> int:
        return hash(self.thumbprint)

    # -- reading ------------------------------------------------------------------------------

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """Read a `publicKeyMultibase` (`z6Mk…`, `zDn…`, `z82…`), or the name of a did:key.

        Raises:
            MalformedError: not a multikey, or no key of the kind it says.
            UnsupportedError: a key of another kind, or an RSA key out of bounds.
        """
        data = multibase_decode(text, _MAX_MULTIKEY)
        kind = _PREFIXES.get(data[:2])
        raw = data[2:]
        if kind is None:
            raise UnsupportedError("key_type_unsupported", "the key is of no kind checked here")
        try:
            if kind == "Ed25519":
                return cls(Ed25519PublicKey.from_public_bytes(raw))
            if (nist := _CURVES.get(kind)) is not None:
                if len(raw) != 1 + nist.size:
                    raise ValueError("not a compressed point")
                return cls(ec.EllipticCurvePublicKey.from_encoded_point(nist.curve, raw))
            # The did:key method writes an RSA key as PKCS#1, wrapped here to be readable.
            return cls(_rsa_from_pkcs1(raw))
        except ValueError:
            raise _invalid() from None

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """Read a public JSON Web Key.

        Raises:
            MalformedError: not a key; or a private one, which must never be shown.
            UnsupportedError: a key of another kind, or an RSA key out of bounds.
        """
        if not isinstance(jwk, dict):
            raise _invalid()
        if "d" in jwk or "k" in jwk:
            raise MalformedError("key_private", "a private key is published: it is worth nothing")
        kind = (jwk.get("kty"), jwk.get("crv"))
        try:
            if kind == ("OKP", "Ed25519"):
                return cls(Ed25519PublicKey.from_public_bytes(_bytes(jwk, "x")))
            for name, nist in _CURVES.items():
                if kind == ("EC", name):
                    x, y = (int.from_bytes(_bytes(jwk, part), "big") for part in ("x", "y"))
                    return cls(ec.EllipticCurvePublicNumbers(x, y, nist.curve).public_key())
            if jwk.get("kty") == "RSA":
                n, e = (int.from_bytes(_bytes(jwk, name), "big") for name in ("n", "e"))
                return cls(_checked_rsa(n, e))
        except ValueError:
            raise _invalid() from None
        raise UnsupportedError("key_type_unsupported", "the key is of no kind checked here")

    @classmethod
    def from_pem(cls, pem: object) -> PublicKey:
        """Read a `publicKeyPem` (Open Badges 2.0, CryptographicKey).

        Raises: as `from_jwk`.
        """
        if not isinstance(pem, str) or len(pem) > 10_000:
            raise _invalid()
        try:
            key = serialization.load_pem_public_key(pem.strip().encode())
        except (ValueError, UnicodeEncodeError):
            raise _invalid() from None
        except UnsupportedAlgorithm:
            raise UnsupportedError(
                "key_type_unsupported", "the key is of no kind checked here"
            ) from None
        if isinstance(key, rsa.RSAPublicKey):
            numbers = key.public_numbers()
            return cls(_checked_rsa(numbers.n, numbers.e))
        if isinstance(key, Ed25519PublicKey):
            return cls(key)
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(
            key.curve, ec.SECP256R1 | ec.SECP384R1
        ):
            return cls(key)
        raise UnsupportedError("key_type_unsupported", "the key is of no kind checked here")

    # -- writing ------------------------------------------------------------------------------

    @property
    def algorithm(self) -> str:
        """Its JOSE algorithm: `EdDSA`, `ES256`, `ES384` or `RS256`."""
        return ALGORITHMS[self.kind]

    @property
    def jwk(self) -> dict[str, str]:
        """The required members of its JWK, in the order of a thumbprint (RFC 7638)."""
        if isinstance(self._key, Ed25519PublicKey):
            x = base64url_encode(self._key.public_bytes_raw())
            return {"crv": "Ed25519", "kty": "OKP", "x": x}
        if isinstance(self._key, rsa.RSAPublicKey):
            numbers = self._key.public_numbers()
            return {"e": _integer(numbers.e), "kty": "RSA", "n": _integer(numbers.n)}
        point, size = self._key.public_numbers(), _CURVES[self.kind].size
        return {
            "crv": self.kind,
            "kty": "EC",
            "x": base64url_encode(point.x.to_bytes(size, "big")),
            "y": base64url_encode(point.y.to_bytes(size, "big")),
        }

    @property
    def thumbprint(self) -> str:
        """SHA-256 of its JWK, base64url (RFC 7638)."""
        text = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True)
        return base64url_encode(hashlib.sha256(text.encode()).digest())

    @property
    def multikey(self) -> str:
        """Prefix and key in base58: `z6Mk…`, `zDn…`; also what a did:key is named after."""
        prefix = next(prefix for prefix, kind in _PREFIXES.items() if kind == self.kind)
        if isinstance(self._key, Ed25519PublicKey):
            raw = self._key.public_bytes_raw()
        elif isinstance(self._key, rsa.RSAPublicKey):
            raw = self._key.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.PKCS1
            )
        else:
            raw = self._key.public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
            )
        return multibase_encode(prefix + raw)

    @property
    def pem(self) -> str:
        """As SubjectPublicKeyInfo PEM."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    @property
    def name(self) -> str:
        """What it is called within its controller: its multikey, or an RSA key's thumbprint."""
        return self.thumbprint if self.kind == "RSA" else self.multikey

    # -- verifying ----------------------------------------------------------------------------

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether this key made this signature of `data`.

        Ed25519: 64 bytes; P-256 and P-384: `r` and `s`, 32 or 48 bytes each (RFC 7518, 3.4), of
        SHA-256 or SHA-384; RSA: PKCS#1 v1.5 with SHA-256.
        """
        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, data)
            elif isinstance(self._key, rsa.RSAPublicKey):
                self._key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            else:
                _, size, digest = _CURVES[self.kind]
                if len(signature) != 2 * size:
                    return False
                r, s = (int.from_bytes(signature[at : at + size], "big") for at in (0, size))
                self._key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
        except (InvalidSignature, ValueError):
            return False
        return True


def _invalid() -> MalformedError:
    return MalformedError("key_invalid", "a public key is not well-formed")


def _bytes(jwk: dict[str, Any], member: str) -> bytes:
    value = jwk.get(member)
    if not isinstance(value, str) or len(value) > _MAX_MULTIKEY:
        raise _invalid()
    return base64url_decode(value)


def _integer(number: int) -> str:
    return base64url_encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _checked_rsa(n: int, e: int) -> rsa.RSAPublicKey:
    """Within bounds: a short key proves nothing, a huge one or a huge exponent only costs time."""
    if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS or not 3 <= e < 2**33:
        raise UnsupportedError("key_size_unsupported", "the RSA key is too short or too long")
    return rsa.RSAPublicNumbers(e, n).public_key()


def _rsa_from_pkcs1(raw: bytes) -> rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(raw)
    except UnsupportedAlgorithm:
        raise ValueError("not an RSA key") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    numbers = key.public_numbers()
    return _checked_rsa(numbers.n, numbers.e)
