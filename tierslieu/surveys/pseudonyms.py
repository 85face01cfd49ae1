"""From a person to a pseudonym, with a key that lies outside the database.

One key a study, a file beside the keys of badges, readable by its owner alone. Whoever has the
database without the key has answers of nobody; when a study ends its key is destroyed, and the
link with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from flask_babel import gettext as _

from tierslieu.errors import Refused
from tierslieu.store.shelf import Shelf

KEY_BYTES = 32


def key_file(slug: str) -> str:
    """The name of the file that holds the key of the study ``slug``."""
    return f"study-{slug}.key"


def make_key(keys: Shelf, slug: str) -> bytes:
    """The study's key, made now if there is none: of several hosts at once, one makes it."""
    key = secrets.token_bytes(KEY_BYTES)
    if keys.create(key_file(slug), key.hex().encode("ascii") + b"\n"):
        return key
    return read_key(keys, slug)


def destroy_key(keys: Shelf, slug: str) -> None:
    """Destroy the study's key; nothing if it is gone. Copies kept elsewhere (a backup) are for who
    keeps them to destroy."""
    keys.destroy(key_file(slug))


def find_key(keys: Shelf, slug: str) -> bytes | None:
    """The study's key, None when it is gone, or is no key any more."""
    try:
        return read_key(keys, slug)
    except Refused:
        return None


def has_key(keys: Shelf, slug: str) -> bool:
    """Whether the study can still recognise its people."""
    return find_key(keys, slug) is not None


def read_key(keys: Shelf, slug: str) -> bytes:
    """The key of the study ``slug``, 32 bytes. Raises :class:`Refused` when it is gone."""
    try:
        key = bytes.fromhex(keys.read(key_file(slug)).decode("ascii").strip())
    except (FileNotFoundError, ValueError):
        key = b""
    if len(key) != KEY_BYTES or key == bytes(KEY_BYTES):
        raise Refused(
            _(
                "La clé de cette étude n’est plus là : ses réponses ne peuvent plus être "
                "rattachées à personne. L’étude est donc fermée."
            ),
            code="study_key_missing",
        )
    return key


def _digest(key: bytes, *parts: str) -> bytes:
    return hmac.new(key, "|".join(parts).encode(), hashlib.sha256).digest()


def pseudonym(key: bytes, study_id: UUID, user_id: UUID) -> str:
    """The pid of a person in a study: ``p`` and 16 letters of base32, lower case (80 bits)."""
    digest = _digest(key, str(study_id), str(user_id))
    return "p" + base32(digest)[:16]


def base32(data: bytes) -> str:
    """RFC 4648 base32 in lower case, without padding."""
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def sheet_key(key: bytes, invitation_id: UUID) -> str:
    """What finds the answers to one invitation again: 64 hexadecimal digits."""
    return _digest(key, "sheet", str(invitation_id)).hex()
