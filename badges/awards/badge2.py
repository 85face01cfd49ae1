"""Our badges as Open Badges 2.0, for platforms that read only that: the same facts, at addresses
of their own.

*Hosted* speaks while the holder shares the badge and the place answers; *signed* stands by itself.
Withdrawn, the hosted one answers 410, the signed one is on the list of the withdrawn. 2.0 knows no
suspension: while it lasts, the same is said.

Each RSA key is an issuer's only one. Verifiers want the profile to name the key of a token, and
1EdTech's refuses a profile that names two, hosted badges of that issuer included. So the profile of
the first key, which hosted badges have, never changes, and each key that comes after it has a
profile, classes and a list of the withdrawn of its own, which only its tokens lead to.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from badges.awards.issuing import credential_address, issuer_of
from badges.awards.keys import Signer, key_address, load_signer, public_key
from badges.awards.models import Award, IssuerIdentity, SigningKey
from badges.awards.queries import (
    count_former_forms,
    find_file_for,
    find_identity,
    list_keys,
    list_void_forms,
)
from badges.designs.documents import achievement_of
from badges.designs.models import BadgeClass
from badges.designs.queries import find_badge
from badges.engine import badge2_issuing as issuing2
from badges.engine.errors import FetchGone
from tierslieu.place.queries import read_place
from tierslieu.settings import Settings

MEDIA_TYPE = "application/ld+json"
SIGNED_TYPE = "application/jose"

_CREDENTIAL = re.compile(r"/credentials/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ob2\.json")
_KEY = re.compile(r"/badges/keys/([A-Za-z0-9_-]{1,2000})\.ob2\.json")
#: What belongs to one key: under the key's address, what stands under ``/badges/`` for the first.
_OF_KEY = re.compile(r"/badges/keys/([A-Za-z0-9_-]{1,2000})\.([a-z0-9-]{1,80}\.ob2\.json)")
_BADGE = re.compile(r"/badges/([a-z0-9-]{1,80}\.ob2\.json)")
_PROFILE = "issuer.ob2.json"
_REVOKED = "revoked.ob2.json"


class NoContact(Exception):
    """The standard wants an address to write to, and the place has none (TIERSLIEU_CONTACT)."""


def root_of(db: Session, base_url: str, name: str) -> str:
    """What the addresses begin with of the profile and classes that go with an RSA key."""
    first = _first_key(db)
    if first is None or public_key(first).name == name:
        return f"{base_url}/badges/"
    return f"{key_address(base_url, name)}."


def _first_key(db: Session) -> SigningKey | None:
    return next((row for row in list_keys(db) if row.kind == "RSA"), None)


def hosted_address(base_url: str, award_id: UUID) -> str:
    """Where an award is published."""
    return f"{credential_address(base_url, award_id)}.ob2.json"


def rsa_key_address(base_url: str, name: str) -> str:
    """Where a key that signs is published."""
    return f"{key_address(base_url, name)}.ob2.json"


def signed_id(award_id: UUID, form: int) -> str:
    """What a form of a signed award is called, by its number from 0: not an address, nothing is
    published there. Each has its own, so that the former can be withdrawn alone; none gives away
    the address of the award's page, for the list of the withdrawn is read by everybody."""
    return f"urn:uuid:{uuid5(award_id, str(form))}"


def profile(
    db: Session, settings: Settings, identity: IssuerIdentity, key: SigningKey | None, root: str
) -> dict[str, Any]:
    """The issuer, with this key. Raises :class:`NoContact`, :class:`KeyUnreadable`."""
    contact = read_place(db, settings).contact
    if not contact:
        raise NoContact()
    base = identity.base_url
    # A key that leaked is left out: nothing it ever signed is believed then.
    is_good = key is not None and key.revoked_at is None
    return issuing2.build_profile(
        issuer_of(load_signer(db, settings)).to_json(),
        address=root + _PROFILE,
        assertions=f"{base}/credentials/",
        url=base,
        email=contact,
        keys=[rsa_key_address(base, public_key(key).name)] if key and is_good else [],
        revocation_list=root + _REVOKED,
    )


def badge_class(badge: BadgeClass, base_url: str, root: str | None = None) -> dict[str, Any]:
    """A badge class; ``root``: of another key than the first (`root_of`)."""
    root = root or f"{base_url}/badges/"
    achievement = achievement_of(badge, base_url).to_json()
    return issuing2.build_badge_class(
        {"credentialSubject": {"achievement": achievement}},
        address=f"{root}{badge.slug}.ob2.json",
        issuer=root + _PROFILE,
        image=f"{base_url}/badges/{badge.slug}.png",
    )


def hosted(award: Award, base_url: str) -> dict[str, Any]:
    """An award, to be published at its address."""
    return issuing2.build_hosted(
        json.loads(award.credential),
        address=hosted_address(base_url, award.id),
        badge=f"{base_url}/badges/{award.badge.slug}.ob2.json",
        image=f"{base_url}/badges/{award.badge.slug}.png",
    )


def gone(award: Award, base_url: str) -> dict[str, Any]:
    """What is said at the address of an award that was withdrawn, with 410: not why, which is its
    holder's matter."""
    return issuing2.build_gone(hosted_address(base_url, award.id))


def sign(db: Session, award: Award, signer: Signer) -> str:
    """An award as a token; the same text each time. ``signer``: with an RSA key."""
    base = signer.base_url
    assertion = issuing2.build_signed(
        json.loads(award.credential),
        id=signed_id(award.id, count_former_forms(db, award.id)),
        badge=f"{root_of(db, base, signer.key.name)}{award.badge.slug}.ob2.json",
        key=rsa_key_address(base, signer.key.name),
        image=f"{base}/badges/{award.badge.slug}.png",
    )
    return issuing2.sign_assertion(assertion, signer.key)


def key(db: Session, base_url: str, name: str) -> dict[str, Any] | None:
    """A key that signs or signed such badges, or None."""
    row = _find_key(db, name)
    if row is None:
        return None
    owner = root_of(db, base_url, name) + _PROFILE
    return issuing2.build_key(rsa_key_address(base_url, name), owner=owner, key=public_key(row))


def _find_key(db: Session, name: str) -> SigningKey | None:
    rows = (row for row in list_keys(db) if row.kind == "RSA")
    return next((row for row in rows if public_key(row).name == name), None)


def revoked(db: Session, root: str) -> dict[str, Any]:
    """Every signed form that was withdrawn, by name alone: the reason is its holder's matter."""
    return issuing2.build_revocation_list(
        root + _REVOKED,
        issuer=root + _PROFILE,
        revoked=[issuing2.Revoked(signed_id(*form)) for form in list_void_forms(db)],
    )


def find(db: Session, settings: Settings, path: str) -> dict[str, Any] | None:
    """What is published for everybody at this path of ours, or None.

    Raises :class:`FetchGone` for an award that was withdrawn, :class:`NoContact`,
    :class:`KeyUnreadable`.
    """
    identity = find_identity(db)
    if identity is None or not path.endswith(".ob2.json"):
        return None
    base = identity.base_url
    if match := _KEY.fullmatch(path):
        return key(db, base, match[1])
    if match := _OF_KEY.fullmatch(path):
        row = _find_key(db, match[1])
        if row is None or row is _first_key(db):
            return None  # what goes with the first key has one address alone, without its name
        root = root_of(db, base, match[1])
        return _of_key(db, settings, identity, row, root, match[2])
    if match := _CREDENTIAL.fullmatch(path):
        award = find_file_for(db, None, UUID(match[1]))
        if award is None:
            return None
        if award.revoked_at is not None or award.suspended_at is not None:
            raise FetchGone(json.dumps(gone(award, base)).encode(), hosted_address(base, award.id))
        return hosted(award, base)
    if match := _BADGE.fullmatch(path):
        return _of_key(db, settings, identity, _first_key(db), f"{base}/badges/", match[1])
    return None


def _of_key(
    db: Session,
    settings: Settings,
    identity: IssuerIdentity,
    key: SigningKey | None,
    root: str,
    name: str,
) -> dict[str, Any] | None:
    """A profile, a list of the withdrawn, or a class, by the last part of its address."""
    if name == _PROFILE:
        return profile(db, settings, identity, key, root)
    if name == _REVOKED:
        return revoked(db, root)
    badge = find_badge(db, name.removesuffix(".ob2.json"))
    return badge_class(badge, identity.base_url, root) if badge else None
