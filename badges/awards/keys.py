"""The signing keys of the place: a file each in the keys folder, never in the database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.models import IssuerIdentity, SigningKey, StatusList
from badges.awards.queries import find_current_key, find_identity, list_keys
from badges.engine import keys
from badges.engine.errors import MalformedError
from tierslieu.settings import Settings


class KeyUnreadable(Exception):
    """A signing key cannot be used; the message says which and what to do, for administrators."""


@dataclass(frozen=True)
class Signer:
    """Who signs: everything that goes into a credential besides the award itself."""

    did: str
    base_url: str  # frozen with the identity: addresses inside credentials begin so
    name: str
    key_id: UUID
    key: keys.SigningKey

    @property
    def method(self) -> str:
        """The key's full address."""
        return keys.verification_method(self.did, self.key.multibase)


def key_file(folder: Path, multibase: str) -> Path:
    """Where the private half of this key lies."""
    return folder / f"badges-{multibase}.pem"


def open_keys(db: Session, settings: Settings, now: datetime) -> IssuerIdentity:
    """The issuer's identity, its first key and its first status list; made once, then kept.

    A second run changes nothing, except that a key in the clear is encrypted as soon as there is
    a passphrase.
    """
    identity = find_identity(db)
    if identity is None:
        key = keys.SigningKey.generate()
        _write(settings, key)
        did = keys.did_web(settings.base_url) if settings.is_https else keys.did_key(key.multibase)
        identity = IssuerIdentity(id=1, did=did, base_url=settings.base_url, created_at=now)
        db.add_all([identity, SigningKey(public_multibase=key.multibase, created_at=now)])
        db.flush()
    if db.get(StatusList, 1) is None:
        db.add(new_status_list(1, now))
        db.flush()
    if settings.key_passphrase:
        for row in list_keys(db):
            path = key_file(settings.keys_folder, row.public_multibase)
            if path.exists() and b"ENCRYPTED" not in path.read_bytes():
                _write(settings, read_key(settings, row.public_multibase))
    return identity


def new_status_list(number: int, now: datetime) -> StatusList:
    """A list where nothing is revoked."""
    size = 131_072
    return StatusList(id=number, size=size, bits=bytes(size // 8), changed_at=now)


def _write(settings: Settings, key: keys.SigningKey) -> None:
    folder = settings.keys_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = key_file(folder, key.multibase)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem(settings.key_passphrase or None))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)  # whole or not at all


def read_key(settings: Settings, multibase: str) -> keys.SigningKey:
    """The private key of this public one. Raises :class:`KeyUnreadable`."""
    path = key_file(settings.keys_folder, multibase)
    try:
        key = keys.SigningKey.from_pem(path.read_bytes(), settings.key_passphrase or None)
    except OSError as error:
        raise KeyUnreadable(f"the signing key {path.name} cannot be read: {error.strerror}") from (
            error
        )
    except MalformedError as error:
        if error.code == "key_passphrase":
            raise KeyUnreadable(
                f"{path.name} is encrypted: TIERSLIEU_KEY_PASSPHRASE is missing or wrong"
            ) from error
        raise KeyUnreadable(f"{path.name} does not hold an Ed25519 key") from error
    if key.multibase != multibase:
        raise KeyUnreadable(f"{path.name} holds another key than its name says")
    return key


def load_signer(db: Session, settings: Settings) -> Signer:
    """What signs today. Raises :class:`KeyUnreadable` when there is no usable key."""
    identity, row = find_identity(db), find_current_key(db)
    if identity is None or row is None:
        raise KeyUnreadable("no signing key yet: run tierslieu init")
    key = read_key(settings, row.public_multibase)
    return Signer(identity.did, identity.base_url, settings.place_name, row.id, key)


def find_trouble(db: Session, settings: Settings) -> str | None:
    """What is wrong with the keys in use, in a sentence; None if all can sign and are guarded."""
    identity, row = find_identity(db), find_current_key(db)
    if identity is None or row is None:
        return "no signing key yet: run tierslieu init"
    try:
        read_key(settings, row.public_multibase)
    except KeyUnreadable as error:
        return str(error)
    path = key_file(settings.keys_folder, row.public_multibase)
    if path.stat().st_mode & 0o077:
        return f"{path.name} can be read by others: run chmod 600 on it"
    if settings.key_passphrase and b"ENCRYPTED" not in path.read_bytes():
        return f"{path.name} is not encrypted although a passphrase is set: run tierslieu init"
    return None


def find_moved_address(db: Session, settings: Settings) -> str | None:
    """A did:web is an address: it cannot move. Says so if the place's address is another now."""
    identity = find_identity(db)
    if identity is None or not identity.did.startswith("did:web:"):
        return None
    if identity.base_url == settings.base_url:
        return None
    return (
        f"badges are issued as {identity.did}, but TIERSLIEU_BASE_URL is {settings.base_url}: "
        "keep the first address answering, or nobody can verify them"
    )
