"""Compact JSON Web Signatures (RFC 7515): what VC-JWT and signed Open Badges 2.0 travel in.

The key decides the algorithm, never the header: a header that names another one is refused, so a
signature can't be passed off under a weaker scheme (RFC 8725, 3.1).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .documents import parse_json
from .encoding import base64url_decode, base64url_encode
from .errors import MalformedError, UnsupportedError
from .keys import SigningKey
from .publickeys import ALGORITHMS, PublicKey

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
#: A signature of RSA 8192, in base64url.
_MAX_SIGNATURE = 1_400
_MAX_HEADER = 8_192


@dataclass(frozen=True)
class Token:
    """A compact JWS, taken apart: nothing of it is verified yet."""

    header: dict[str, Any]
    payload: bytes
    signature: bytes
    #: What the signature is of: header and payload as they were written.
    signed: bytes


def looks_like_token(text: str) -> bool:
    """Whether this text has the shape of a compact JWS."""
    return _TOKEN.fullmatch(text) is not None


def read_token(text: str) -> Token:
    """Take a compact JWS apart.

    Raises:
        MalformedError: not a token, or one that is not signed (`alg` is `none`).
        UnsupportedError: an algorithm or extension that is not checked here.
    """
    if not looks_like_token(text):
        raise MalformedError("token_invalid", "this is not a token")
    first, second, third = text.split(".")
    if len(first) > _MAX_HEADER or len(third) > _MAX_SIGNATURE:
        raise MalformedError("token_invalid", "a part of the token is too long")
    header = parse_json(base64url_decode(first))
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise MalformedError("token_invalid", "the token does not say how it was signed")
    if algorithm.lower() == "none" or not third:
        raise MalformedError("proof_missing", "the badge is not signed")
    if "crit" in header or header.get("b64", True) is not True:
        raise UnsupportedError("token_extension", "the token needs an extension not known here")
    if algorithm not in (*ALGORITHMS.values(), "Ed25519"):
        raise UnsupportedError(
            "suite_unsupported", "this kind of proof is not checked", {"suite": algorithm[:100]}
        )
    return Token(
        header, base64url_decode(second), base64url_decode(third), f"{first}.{second}".encode()
    )


def is_signed_by(token: Token, key: PublicKey) -> bool:
    """Whether this key signed this token.

    Raises:
        MalformedError: the header names another algorithm than the key's.
    """
    # RFC 9864 gave `EdDSA` with this curve a name of its own.
    named = "EdDSA" if token.header["alg"] == "Ed25519" else token.header["alg"]
    if named != key.algorithm:
        raise MalformedError("key_type_mismatch", "the key is not of the kind the proof needs")
    return key.verifies(token.signature, token.signed)


def sign_token(payload: bytes, key: SigningKey, **header: Any) -> str:
    """The compact JWS of `payload`; `header` is written besides `alg`, in this order."""
    written = json.dumps({"alg": key.public().algorithm, **header}, separators=(",", ":"))
    signed = f"{base64url_encode(written.encode())}.{base64url_encode(payload)}"
    return f"{signed}.{base64url_encode(key.sign(signed.encode()))}"
