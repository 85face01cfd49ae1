"""From a person to a pseudonym, with a key that lies outside the database.

One key a study, a file of the keys folder readable by its owner alone. Whoever has the database
without the key has answers of nobody; when a study ends its key is destroyed, and the link with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from uuid import UUID

from flask_babel import gettext as _

from tierslieu.errors import Refused

KEY_BYTES = 32


def key_path(folder: Path, slug: str) -> Path:
    """Where the key of the study ``slug`` lies."""
    return folder / f"study-{slug}.key"


def make_key(folder: Path, slug: str) -> bytes:
    """The study's key, made now if there is none; mode 0600 in a folder of mode 0700."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, key = key_path(folder, slug), secrets.token_bytes(KEY_BYTES)
    # Whole under its name or not there at all, whenever the machine stops.
    partial = folder / f".{secrets.token_hex(8)}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.hex().encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            return read_key(folder, slug)
    finally:
        partial.unlink(missing_ok=True)
    return key


def destroy_key(folder: Path, slug: str) -> None:
    """Write over the study's key, then remove it; nothing if it is gone. Copies kept elsewhere (a
    backup) are for who keeps them to destroy."""
    path = key_path(folder, slug)
    try:
        with path.open("r+b") as file:
            file.write(b"0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)  # the folder, too, has to say that it is gone
    finally:
        os.close(entry)


def find_key(folder: Path, slug: str) -> bytes | None:
    """The study's key, None when it is gone, or is no key any more."""
    try:
        return read_key(folder, slug)
    except Refused:
        return None


def has_key(folder: Path, slug: str) -> bool:
    """Whether the study can still recognise its people."""
    return find_key(folder, slug) is not None


def read_key(folder: Path, slug: str) -> bytes:
    """The key of the study ``slug``, 32 bytes. Raises :class:`Refused` when it is gone."""
    try:
        key = bytes.fromhex(key_path(folder, slug).read_text("ascii").strip())
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
