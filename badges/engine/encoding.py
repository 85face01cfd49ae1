"""Base58btc, base64url and multibase: how keys and signatures are written in credentials.

W3C Controlled Identifiers 1.0, section 2.4 (Multibase).
"""

from __future__ import annotations

import base64
import binascii

from .errors import MalformedError

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_CHUNK = 58**10
_VALUES = {character: value for value, character in enumerate(ALPHABET)}

#: Base58 is quadratic: a key or a signature is far shorter than this.
MAX_BASE58 = 512


def base58_encode(data: bytes) -> str:
    """Write bytes in base58btc; each leading zero byte becomes a `1`."""
    number = int.from_bytes(data, "big")
    chunks: list[str] = []
    while number:
        # Ten digits at a time: dividing a long number is what costs.
        number, rest = divmod(number, _CHUNK)
        digits = ""
        for _ in range(5):
            rest, pair = divmod(rest, 58 * 58)
            digits = _PAIRS[pair] + digits
        chunks.append(digits)
    chunks.reverse()
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(chunks).lstrip("1")


def base58_decode(text: str, limit: int = MAX_BASE58) -> bytes:
    """Read base58btc.

    Raises:
        MalformedError: a character outside the alphabet, or more than `limit` of them.
    """
    if len(text) > limit:
        raise MalformedError("base58_too_long", "a base58 value is too long")
    number = 0
    try:
        for start in range(0, len(text), 10):
            chunk = 0
            for character in text[start : start + 10]:
                chunk = chunk * 58 + _VALUES[character]
            number = number * 58 ** len(text[start : start + 10]) + chunk
    except KeyError:
        raise MalformedError("base58_invalid", "a base58 value holds a foreign character") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url_encode(data: bytes) -> str:
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Read base64url, padded or not.

    Raises:
        MalformedError: a character outside the alphabet, or a cut value.
    """
    try:
        raw = text.rstrip("=").encode("ascii")
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise MalformedError("base64url_invalid", "a base64url value is not valid") from None


def multibase_encode(data: bytes) -> str:
    """Write bytes in multibase, as base58btc (prefix `z`)."""
    return "z" + base58_encode(data)


def multibase_decode(text: str, limit: int = MAX_BASE58) -> bytes:
    """Read a multibase value in base58btc (`z`) or base64url (`u`).

    Raises:
        MalformedError: not such a value, or more than `limit` characters of base58.
    """
    if text.startswith("z"):
        return base58_decode(text[1:], limit)
    if text.startswith("u"):
        return base64url_decode(text[1:])
    raise MalformedError("multibase_invalid", "a value is not multibase (z or u)")
