"""The signing keys of the place: a file each in the keys folder, never in the database.

Three kinds: Ed25519 signs badges and status lists (Data Integrity), RSA and P-256 sign the same
facts as tokens, for verifiers that take only those.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.models import Award, IssuerIdentity, SigningKey, StatusList
from badges.awards.queries import find_current_key, find_identity, get_key, list_keys
from badges.engine import keys
from badges.engine.credentials import StatusPurpose
from badges.engine.errors import MalformedError
from badges.engine.publickeys import Kind, PublicKey
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.place.queries import read_place
from tierslieu.settings import Settings

#: Characters; a passphrase that guards keys for years is several words.
MIN_PASSPHRASE = 16
KINDS: tuple[Kind, ...] = ("Ed25519", "P-256", "RSA")


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
        return keys.verification_method(self.did, self.key.name)

    @property
    def key_address(self) -> str | None:
        """The web address where the key is published as a JWK; a did:key needs none."""
        return key_address(self.base_url, self.key.name) if is_web(self.did) else None


def key_address(base_url: str, name: str) -> str:
    """Where a public key is published as a JWK."""
    return f"{base_url}/badges/keys/{name}"


def is_web(did: str) -> bool:
    """Whether an issuer is a web address, whose document can list many keys."""
    return did.startswith("did:web:")


def issuer_did(identity: IssuerIdentity, key: PublicKey) -> str:
    """Whose key it is: the place's did:web, or, where it has none, the key's own did:key."""
    return identity.did if is_web(identity.did) else keys.did_key(key.multikey)


def public_key(row: SigningKey) -> PublicKey:
    """The public half of a key, whatever its kind."""
    return PublicKey.from_multikey(row.public_multibase)


def key_file(folder: Path, name: str) -> Path:
    """Where the private half of the key of this name lies."""
    return folder / f"badges-{name}.pem"


def open_keys(
    db: Session, settings: Settings, now: datetime, kinds: Sequence[Kind] = KINDS
) -> IssuerIdentity:
    """The issuer's identity, a key of each kind and the first status list; made once, then kept.

    A second run changes nothing, except that a kind that is missing is made, and a key in the
    clear is encrypted as soon as there is a passphrase.
    """
    identity = find_identity(db)
    if identity is None:
        row, key = new_key(settings, "Ed25519", now)
        did = keys.did_web(settings.base_url) if settings.is_https else keys.did_key(key.multibase)
        identity = IssuerIdentity(id=1, did=did, base_url=settings.base_url, created_at=now)
        db.add_all([identity, row])
        db.flush()
        note(db, Act.KEY_MADE, now=now, about={"key": public_key(row).name, "kind": "Ed25519"})
    for kind in kinds:
        if kind not in {row.kind for row in list_keys(db)}:
            row = new_key(settings, kind, now)[0]
            db.add(row)
            db.flush()
            note(db, Act.KEY_MADE, now=now, about={"key": public_key(row).name, "kind": kind})
    current = find_current_key(db, "Ed25519")
    if db.get(StatusList, 1) is None and current is not None:
        db.add(new_status_list(1, now, current.id))
        db.flush()
    if settings.key_passphrase:
        for row in list_keys(db):
            path = key_file(settings.keys_folder, public_key(row).name)
            if path.exists() and b"ENCRYPTED" not in path.read_bytes():
                _write(settings, read_key(settings, row))
    return identity


def new_key(settings: Settings, kind: Kind, now: datetime) -> tuple[SigningKey, keys.SigningKey]:
    """A new key, its private half written to the keys folder; its row is for the caller to add."""
    key = keys.SigningKey.generate(kind)
    _write(settings, key)
    return SigningKey(kind=kind, public_multibase=key.multibase, created_at=now), key


def encrypt_keys(db: Session, former: Settings, settings: Settings) -> int:
    """Write every private key anew under today's passphrase; all are read before any is written.

    ``former``: the same settings with the passphrase they are under now. Answers how many.
    Raises :class:`KeyUnreadable`, nothing written.
    """
    here = [
        row
        for row in list_keys(db)
        if key_file(settings.keys_folder, public_key(row).name).exists()
    ]
    found = []
    for row in here:
        try:
            found.append(read_key(former, row))
        except KeyUnreadable:
            found.append(read_key(settings, row))  # written before a first try was cut short
    for key in found:
        _write(settings, key)
    return len(found)


def new_status_list(
    number: int, now: datetime, key_id: UUID, purpose: StatusPurpose = "revocation"
) -> StatusList:
    """A list where nothing is revoked (or suspended), begun under this key."""
    size = 131_072
    return StatusList(
        id=number,
        purpose=purpose,
        size=size,
        bits=bytes(size // 8),
        changed_at=now,
        signing_key_id=key_id,
    )


def _write(settings: Settings, key: keys.SigningKey) -> None:
    folder = settings.keys_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = key_file(folder, key.name)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.to_pem(settings.key_passphrase or None))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)  # whole or not at all


def read_key(settings: Settings, row: SigningKey) -> keys.SigningKey:
    """The private half of this key. Raises :class:`KeyUnreadable`."""
    public = public_key(row)
    path = key_file(settings.keys_folder, public.name)
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
        raise KeyUnreadable(f"{path.name} does not hold a key that signs badges") from error
    if key.public() != public:
        raise KeyUnreadable(f"{path.name} holds another key than its name says")
    return key


def load_signer(db: Session, settings: Settings, kind: Kind = "Ed25519") -> Signer:
    """What signs today, with a key of this kind. Raises :class:`KeyUnreadable`."""
    identity, row = find_identity(db), find_current_key(db, kind)
    if identity is None or row is None:
        raise KeyUnreadable(f"no signing key ({kind}) yet: run tierslieu init")
    return _signer(db, identity, row, settings)


def load_list_signer(db: Session, settings: Settings, listing: StatusList) -> Signer:
    """What signs this status list: today's key; for a did:key, the key the list began under.

    Raises :class:`KeyUnreadable`.
    """
    identity = find_identity(db)
    row = get_key(db, listing.signing_key_id) if listing.signing_key_id else None
    if identity is None or row is None or is_web(identity.did):
        return load_signer(db, settings)
    return _signer(db, identity, row, settings)


def load_award_signer(db: Session, settings: Settings, award: Award) -> Signer:
    """What signs this award again: today's key; for a did:key, the key that is its issuer.

    Raises :class:`KeyUnreadable`.
    """
    identity, row = find_identity(db), get_key(db, award.signing_key_id)
    if identity is None or row is None or is_web(identity.did):
        return load_signer(db, settings)
    return _signer(db, identity, row, settings)


def _signer(db: Session, identity: IssuerIdentity, row: SigningKey, settings: Settings) -> Signer:
    key = read_key(settings, row)
    did = issuer_did(identity, key.public())
    return Signer(did, identity.base_url, read_place(db, settings).name, row.id, key)


def find_trouble(db: Session, settings: Settings) -> str | None:
    """What is wrong with the keys in use, in a sentence; None if all can sign and are guarded."""
    for kind in KINDS:
        row = find_current_key(db, kind)
        if row is None:
            return f"no signing key ({kind}) yet: run tierslieu init"
        if (said := _find_trouble(row, settings)) is not None:
            return said
    if settings.keys_folder.stat().st_mode & 0o077:
        return f"{settings.keys_folder.name}/ can be entered by others: run chmod 700 on it"
    return None


def _find_trouble(row: SigningKey, settings: Settings) -> str | None:
    try:
        read_key(settings, row)
    except KeyUnreadable as error:
        return str(error)
    path = key_file(settings.keys_folder, public_key(row).name)
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


def find_weakness(db: Session, settings: Settings) -> str | None:
    """What makes the keys easier to steal than they need be, in a sentence; None if nothing."""
    if settings.key_passphrase and len(settings.key_passphrase) < MIN_PASSPHRASE:
        return (
            f"TIERSLIEU_KEY_PASSPHRASE is shorter than {MIN_PASSPHRASE} characters: choose a "
            "longer one (tierslieu keys encrypt)"
        )
    for row in list_keys(db):
        path = key_file(settings.keys_folder, public_key(row).name)
        if not path.exists():
            continue  # only a key in use is needed: the others may be kept elsewhere
        if path.stat().st_mode & 0o077:
            return f"{path.name} can be read by others: run chmod 600 on it"
        if row.revoked_at is not None:
            return f"{path.name} was withdrawn and signs no more: remove the file"
    return None
