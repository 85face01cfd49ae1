"""The signing keys of the place: a file each on the shelf of keys, never in the database.

Three kinds: Ed25519 signs badges and status lists (Data Integrity), RSA and P-256 sign the same
facts as tokens, for verifiers that take only those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
from tierslieu.store.sealing import read_under_either
from tierslieu.store.shelf import StoreAway

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


def key_file(name: str) -> str:
    """The name of the file that holds the private half of the key of this name."""
    return f"badges-{name}.pem"


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
            file = key_file(public_key(row).name)
            if settings.keys.has(file) and b"ENCRYPTED" not in settings.keys.read(file):
                _write(settings, read_key(settings, row))
    return identity


def new_key(settings: Settings, kind: Kind, now: datetime) -> tuple[SigningKey, keys.SigningKey]:
    """A new key, its private half kept; its row is for the caller to add."""
    key = keys.SigningKey.generate(kind)
    return keep_key(settings, key, now), key


def keep_key(settings: Settings, key: keys.SigningKey, now: datetime) -> SigningKey:
    """Keep the private half of a key that was made; its row is for the caller to add."""
    _write(settings, key)
    return SigningKey(kind=key.public().kind, public_multibase=key.multibase, created_at=now)


def encrypt_keys(db: Session, former: Settings, settings: Settings) -> int:
    """Write every private key anew under today's passphrase; all are read before any is written.

    ``former``: the same settings with the passphrase they are under now. Answers how many.
    Raises :class:`KeyUnreadable`, nothing written.
    """
    here = [row for row in list_keys(db) if settings.keys.has(key_file(public_key(row).name))]
    found = []
    for row in here:
        try:
            found.append(read_key(former, row))
        except KeyUnreadable:
            found.append(_read_anew(former, settings, row))
    others = _read_others(former, settings, {key_file(key.name) for key in found})
    for key in found:
        _write(settings, key)
    for name, data in others.items():
        if settings.keys.has(name):  # one that was destroyed meanwhile stays so
            settings.keys.write(name, data)
    return len(found)


def _read_anew(former: Settings, settings: Settings, row: SigningKey) -> keys.SigningKey:
    """A key that no longer lies as it did before: a first try wrote it and was cut short, or a
    backup of before put it back under the seal of today."""
    try:
        return read_key(settings, row)
    except KeyUnreadable:
        return read_key(settings, row, former.key_passphrase)


def _read_others(former: Settings, settings: Settings, signing: set[str]) -> dict[str, bytes]:
    """Where keys lie sealed, those of studies are under the same passphrase."""
    try:
        found = read_under_either(former.keys, settings.keys)
    except StoreAway as error:
        raise KeyUnreadable(f"a key cannot be read: {error.strerror}") from error
    return {name: data for name, data in found.items() if name not in signing}


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
    settings.keys.write(key_file(key.name), key.to_pem(settings.key_passphrase or None))


def read_key(settings: Settings, row: SigningKey, passphrase: str | None = None) -> keys.SigningKey:
    """The private half of this key, encrypted under ``passphrase`` where it is not that of today.
    Raises :class:`KeyUnreadable`."""
    passphrase = settings.key_passphrase if passphrase is None else passphrase
    public = public_key(row)
    file = key_file(public.name)
    try:
        key = keys.SigningKey.from_pem(settings.keys.read(file), passphrase or None)
    except OSError as error:
        raise KeyUnreadable(f"the signing key {file} cannot be read: {error.strerror}") from error
    except MalformedError as error:
        if error.code == "key_passphrase":
            raise KeyUnreadable(
                f"{file} is encrypted, and TIERSLIEU_KEY_PASSPHRASE "
                f"{'is another' if passphrase else 'is not set'}: set it as your copy of the "
                "settings has it"
            ) from error
        raise KeyUnreadable(f"{file} does not hold a key that signs badges") from error
    if key.public() != public:
        raise KeyUnreadable(f"{file} holds another key than its name says")
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
    if settings.keys.may_others_enter():
        return "keys/ can be entered by others: run chmod 700 on it"
    return None


def _find_trouble(row: SigningKey, settings: Settings) -> str | None:
    try:
        read_key(settings, row)
    except KeyUnreadable as error:
        return str(error)
    file = key_file(public_key(row).name)
    if settings.keys.may_others_read(file):
        return f"{file} can be read by others: run chmod 600 on it"
    if settings.key_passphrase and b"ENCRYPTED" not in settings.keys.read(file):
        return f"{file} is not encrypted although a passphrase is set: run tierslieu init"
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
        file = key_file(public_key(row).name)
        if not settings.keys.has(file):
            continue  # only a key in use is needed: the others may be kept elsewhere
        if settings.keys.may_others_read(file):
            return f"{file} can be read by others: run chmod 600 on it"
        if row.revoked_at is not None:
            return f"{file} was withdrawn and signs no more: remove the file"
    return None
