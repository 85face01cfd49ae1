"""What the place publishes about itself and its badges, by address: for visitors and for ourselves.

Verification asks here first: an address of ours is answered in-process, never fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards import badge2, tokens
from badges.awards.issuing import issuer_of, sign_status_list
from badges.awards.keys import (
    KeyUnreadable,
    issuer_did,
    load_list_signer,
    load_signer,
    public_key,
)
from badges.awards.models import Award, StatusList
from badges.awards.queries import find_file_for, find_identity, list_keys
from badges.designs.documents import MAIN, OTHER, achievement_document, has_english
from badges.designs.queries import find_badge
from badges.engine import keys
from badges.engine.credentials import BADGES_CONTEXT, CREDENTIALS_CONTEXT
from badges.engine.errors import FetchFailed
from badges.engine.report import Report
from badges.engine.verify import verify
from tierslieu.house import PublishedDocument
from tierslieu.settings import Settings

_STATUS = re.compile(r"/status/(\d{1,9})(?:\.(es256|rs256)\.jwt)?")
# Its page or any of its files, as copied from the page: what is said there is one credential.
_CREDENTIAL = re.compile(r"/credentials/([0-9a-f-]{36})(?:\.(?:json|jwt|png|svg|pdf))?(?:\?.*)?")
_KEY = re.compile(r"/badges/keys/([A-Za-z0-9_-]{1,2000})")
_BADGE = re.compile(r"/badges/([a-z0-9-]{1,80})(/en)?")


def did_document(db: Session) -> dict[str, Any] | None:
    """The issuer's DID document: every key that ever signed. None before the place has opened."""
    identity = find_identity(db)
    if identity is None:
        return None
    published = [
        keys.PublishedKey(key, row.revoked_at)
        for row in list_keys(db)
        # A did:key is one key: the document is that key's, the others have names of their own.
        if issuer_did(identity, key := public_key(row)) == identity.did
    ]
    return keys.did_document(identity.did, published)


def own_issuers(db: Session) -> frozenset[str]:
    """Every name this place signs or ever signed badges under."""
    identity = find_identity(db)
    if identity is None:
        return frozenset()
    return frozenset({identity.did, *(issuer_did(identity, public_key(r)) for r in list_keys(db))})


def key_document(db: Session, name: str) -> dict[str, str] | None:
    """The public key of this name as a JWK, for verifiers that follow a token's `kid`."""
    for row in list_keys(db):
        key = public_key(row)
        if key.name == name:
            return {"kid": name, "alg": key.algorithm, "use": "sig", **key.jwk}
    return None


def profile_document(db: Session, settings: Settings) -> dict[str, Any]:
    """The issuer's Open Badges Profile. Raises :class:`KeyUnreadable`."""
    signer = load_signer(db, settings)
    return {
        "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
        **issuer_of(signer).to_json(),
    }


def status_list_text(db: Session, settings: Settings, list_id: int) -> str | None:
    """A status list as it stands now, signed; None if there is none of that number."""
    listing = db.get(StatusList, list_id)
    if listing is None:
        return None
    # The kept text, or the same made again: what is published is never behind the bits.
    return listing.credential or sign_status_list(load_list_signer(db, settings, listing), listing)


def status_list_token(db: Session, settings: Settings, list_id: int, algorithm: str) -> str | None:
    """The same list signed as a token, for badges that are tokens; None if there is none.

    ``algorithm``: ``es256`` or ``rs256``.
    """
    listing = db.get(StatusList, list_id)
    if listing is None:
        return None
    return tokens.sign_status_list(load_signer(db, settings, tokens.KINDS[algorithm]), listing)


def own_documents(
    db: Session, settings: Settings, others: Iterable[PublishedDocument] = ()
) -> Callable[[str], bytes | None]:
    """A function from an address to what we publish there, ``others``' documents too.

    Gives None for an address that is not ours; raises FetchFailed for one of ours where there is
    nothing for the public (a private badge, an unknown page), FetchGone for a badge that was
    withdrawn and is said to be (Open Badges 2.0).
    """
    identity = find_identity(db)
    bases = {settings.base_url, identity.base_url if identity else settings.base_url}

    def find(address: str) -> bytes | None:
        plain = address.partition("#")[0]
        for base in bases:
            if plain == base or plain.startswith((base + "/", base + "?")):
                break
        else:
            return None
        path = plain.removeprefix(base)
        found = _find(db, settings, path)
        for other in others:
            found = other.find(db, settings, path) if found is None else found
        if found is None:
            absent = FetchFailed("nothing is published at this address of ours", address)
            absent.params["why"] = "ours"
            raise absent
        return found.encode()

    return find


def _find(db: Session, settings: Settings, path: str) -> str | None:
    if path == "/.well-known/did.json":
        return _text(did_document(db))
    try:
        if path == "/badges/issuer":
            return _text(profile_document(db, settings))
        if path.endswith(".ob2.json"):
            return _text(badge2.find(db, settings, path))
        if match := _STATUS.fullmatch(path):
            number, algorithm = int(match[1]), match[2]
            if algorithm:
                return status_list_token(db, settings, number, algorithm)
            return status_list_text(db, settings, number)
    except (KeyUnreadable, badge2.NoContact):
        return None
    if match := _CREDENTIAL.fullmatch(path):
        award = find_file_for(db, None, UUID(match[1])) if _is_uuid(match[1]) else None
        return award.credential if award else None
    if match := _KEY.fullmatch(path):
        return _text(key_document(db, match[1]))
    if match := _BADGE.fullmatch(path):
        badge = find_badge(db, match[1])
        if badge is None or (match[2] and not has_english(badge)):
            return None
        language = OTHER if match[2] else MAIN
        return _text(achievement_document(badge, settings.base_url, language))
    return None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _text(document: dict[str, Any] | None) -> str | None:
    return None if document is None else json.dumps(document, ensure_ascii=False)


def check_award(db: Session, settings: Settings, award: Award, now: datetime) -> Report:
    """Verify one of our own credentials as a stranger would, without leaving the house."""
    own = own_documents(db, settings)

    def fetch(address: str) -> bytes:
        found = own(address)
        if found is None:
            raise FetchFailed("not an address of ours", address)
        return found

    return verify(award.credential, fetch=fetch, now=now)
