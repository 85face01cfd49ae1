"""A key for one badge: read from what a browser sends, or made here and handed over once."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_babel import gettext as _

from badges.engine.encoding import base64url_decode, base64url_encode
from badges.engine.errors import EngineError
from badges.engine.publickeys import PublicKey
from tierslieu.errors import Refused


def statement(address: str) -> bytes:
    """What a key signs to show that whoever asks holds it; ``address``: the badge's own."""
    return f"tierslieu:bind:{address}".encode()


def read_public_key(x: str, signature: str, address: str) -> str:
    """The multikey of a public key made in a browser, once it has signed the statement.

    ``x`` and ``signature`` in base64url, as Web Cryptography gives them. Raises :class:`Refused`
    ``key_invalid``.
    """
    try:
        key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})
        is_theirs = key.verifies(base64url_decode(signature), statement(address))
    except EngineError:
        is_theirs = False
    if not is_theirs:
        raise Refused(
            _("La clé n’a pas signé comme il faut : rien n’a été changé, recommencez."),
            code="key_invalid",
            status=422,
        )
    return key.multikey


def make_key_file(address: str) -> tuple[str, str]:
    """A new key: its multikey, and the file that holds its private half. Nothing of it is kept."""
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.Raw,
        serialization.PrivateFormat.Raw,
        serialization.NoEncryption(),
    )
    x = base64url_encode(
        private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
    )
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "d": base64url_encode(raw)}
    multikey = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x}).multikey
    return multikey, key_file(address, jwk)


def key_file(address: str, jwk: dict[str, Any]) -> str:
    """The file as pages write it too (``keys.js``)."""
    return json.dumps({"badge": address, "privateKeyJwk": jwk}, ensure_ascii=False, indent=2)
