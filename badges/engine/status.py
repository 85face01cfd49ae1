"""Bitstring status lists: is this credential revoked or suspended?

W3C Bitstring Status List 1.0. A list is a run of bits, one for each credential, published
compressed in a credential of the same issuer: it says nothing about who holds which index.
"""

from __future__ import annotations

import gzip
import secrets
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from .encoding import base64url_decode, base64url_encode
from .errors import MalformedError, UnsupportedError

#: The least a list may hold, so that one reader's fetch does not single out a holder (section 3.2).
MIN_ENTRIES = 131_072
#: The most we decompress: 2^24 entries. A list is a bomb beyond that.
MAX_BYTES = 2 * 1024 * 1024


#: Entry type → (credential type, prefix of the encoded list). The second is the 2021 draft of the
#: first, which badges of those years still carry: the same bits without the multibase prefix.
_KINDS = {
    "BitstringStatusListEntry": ("BitstringStatusListCredential", "u"),
    "StatusList2021Entry": ("StatusList2021Credential", ""),
}


@dataclass(frozen=True)
class Entry:
    """What a credential says of its place in a list."""

    list_url: str
    index: int
    purpose: str
    #: The entry's type, which decides the kind of list to find at `list_url`.
    kind: str = "BitstringStatusListEntry"


def encode_list(set_bits: Iterable[int], size: int = MIN_ENTRIES) -> str:
    """The `encodedList` where the bits of `set_bits` are 1: `u` + base64url(gzip(bits)).

    The result is the same for the same bits, on every machine.

    Raises:
        ValueError: a list shorter than `MIN_ENTRIES` or not of whole bytes, an index outside it.
    """
    if size < MIN_ENTRIES or size % 8:
        raise ValueError(f"a status list has at least {MIN_ENTRIES} entries, in whole bytes")
    bits = bytearray(size // 8)
    for index in set_bits:
        if not 0 <= index < size:
            raise ValueError(f"index {index} is outside the list")
        bits[index // 8] |= 0x80 >> (index % 8)
    return "u" + base64url_encode(gzip.compress(bytes(bits), mtime=0))


def decode_list(encoded: str) -> bytes:
    """The bits of an `encodedList`; the first bit is the highest of the first byte.

    Raises:
        MalformedError: not such a list, shorter than `MIN_ENTRIES`, or beyond `MAX_BYTES`.
    """
    if not encoded.startswith("u"):
        raise MalformedError("status_list_encoding", "the status list is not multibase base64url")
    packed = base64url_decode(encoded[1:])
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise MalformedError("status_list_encoding", "the status list is not gzip") from None
    if len(bits) > MAX_BYTES:
        raise MalformedError("status_list_too_long", "the status list is too long")
    if not unpacker.eof:
        raise MalformedError("status_list_encoding", "the status list is cut short")
    if len(bits) * 8 < MIN_ENTRIES:
        raise MalformedError("status_list_too_short", "the status list is too short")
    return bits


def read_bit(bits: bytes, index: int) -> bool:
    """Whether the bit of this index is set.

    Raises:
        MalformedError: the index is outside the list.
    """
    if not 0 <= index < len(bits) * 8:
        raise MalformedError(
            "status_index", "the index is outside the status list", {"index": index}
        )
    return bool(bits[index // 8] & (0x80 >> (index % 8)))


def pick_index(taken: Collection[int], size: int = MIN_ENTRIES) -> int:
    """A random free index: neighbours in the list say nothing about who was awarded when.

    Raises:
        ValueError: the list is full.
    """
    if len(taken) >= size:
        raise ValueError("the status list is full")
    # Lists are opened anew long before they fill up, so a few draws are enough.
    while (index := secrets.randbelow(size)) in taken:
        pass
    return index


def parse_entry(entry: object) -> Entry:
    """Read one member of `credentialStatus`.

    Raises:
        UnsupportedError: another kind of status than a one-bit list (Bitstring, or its 2021 draft).
        MalformedError: such an entry, but not well-formed.
    """
    if not isinstance(entry, dict):
        raise MalformedError("status_entry", "a status entry is not an object")
    types = entry.get("type")
    kinds = types if isinstance(types, list) else [types]
    kind = next((kind for kind in _KINDS if kind in kinds), None)
    if kind is None:
        raise UnsupportedError(
            "status_type_unsupported",
            "this kind of status is not checked",
            {"type": str(types)[:100]},
        )
    if entry.get("statusSize", 1) not in (1, "1"):
        raise UnsupportedError("status_size_unsupported", "a status of several bits is not checked")
    url, index, purpose = (
        entry.get(name) for name in ("statusListCredential", "statusListIndex", "statusPurpose")
    )
    if not isinstance(url, str) or not isinstance(purpose, str):
        raise MalformedError("status_entry", "a status entry lacks its list or purpose")
    # The specification wants a string of digits; a whole number leaves no doubt either.
    if isinstance(index, int) and not isinstance(index, bool):
        index = str(index)
    if not isinstance(index, str) or not index.isascii() or not index.isdigit():
        raise MalformedError("status_entry", "a status entry has no index")
    if len(index) > 12:
        raise MalformedError("status_entry", "a status index is out of proportion")
    return Entry(url, int(index), purpose, kind)


def read_list(credential: dict[str, Any], entry: Entry) -> bytes:
    """The bits of a status list credential, if it is the one that this entry speaks of.

    Its proof and issuer are not looked at here: `verify` does that first.

    Raises:
        MalformedError: not a status list credential, or one of another purpose.
    """
    expected, prefix = _KINDS[entry.kind]
    types = credential.get("type")
    subject = credential.get("credentialSubject")
    if not isinstance(types, list) or expected not in types:
        raise MalformedError("status_list_type", "what was fetched is not a status list")
    if not isinstance(subject, dict) or not isinstance(subject.get("encodedList"), str):
        raise MalformedError("status_list_type", "what was fetched holds no status list")
    stated = subject.get("statusPurpose")
    if entry.purpose not in (stated if isinstance(stated, list) else [stated]):
        raise MalformedError("status_list_purpose", "the status list has another purpose")
    return decode_list(subject["encodedList"] if prefix else "u" + subject["encodedList"])
