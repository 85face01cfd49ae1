"""From facts to a signed credential, and the signed status list. Nothing is locked here."""

from __future__ import annotations

import calendar
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import StatusList
from badges.awards.queries import count_in_list, find_newest_list, is_index_taken
from badges.designs.documents import achievement_of
from badges.designs.models import BadgeClass
from badges.engine import credentials, proofs, status
from tierslieu.people.models import User


@dataclass(frozen=True)
class Place:
    """A bit kept for an award: which list, which index."""

    list_id: int
    index: int


def pick_place(db: Session) -> Place:
    """A random free bit of the list being filled; half full, the next list begins.

    Random, so that neighbours in the list say nothing about who was awarded with whom.
    """
    newest = find_newest_list(db)
    list_id, size = (newest.id, newest.size) if newest else (1, status.MIN_ENTRIES)
    if count_in_list(db, list_id) * 2 >= size:
        list_id, size = list_id + 1, status.MIN_ENTRIES
    while is_index_taken(db, list_id, index := secrets.randbelow(size)):
        pass
    return Place(list_id, index)


def add_months(instant: datetime, months: int) -> datetime:
    """The same day ``months`` later, or the last of that month."""
    years, month = divmod(instant.month - 1 + months, 12)
    year, month = instant.year + years, month + 1
    day = min(instant.day, calendar.monthrange(year, month)[1])
    return instant.replace(year=year, month=month, day=day)


def issuer_of(signer: Signer) -> credentials.Issuer:
    """The place, as credentials name it."""
    return credentials.Issuer(
        id=signer.did,
        name=signer.name,
        url=signer.base_url,
        image=credentials.Image(f"{signer.base_url}/static/img/logo.svg", signer.name),
    )


def list_address(base_url: str, list_id: int) -> str:
    """Where a status list is published."""
    return f"{base_url}/status/{list_id}"


def credential_address(base_url: str, award_id: uuid.UUID) -> str:
    """The credential's own address."""
    return f"{base_url}/credentials/{award_id}"


def sign_award(
    signer: Signer,
    badge: BadgeClass,
    holder: User,
    *,
    award_id: uuid.UUID,
    place: Place,
    grounds: Sequence[str],
    valid_from: datetime,
    valid_until: datetime | None,
    evidence: Sequence[credentials.Evidence] = (),
) -> str:
    """The signed credential as text.

    The holder's address goes in as a salted hash only; their name as they wish to be called.
    """
    document = credentials.build_credential(
        issuer_of(signer),
        achievement_of(badge, signer.base_url),
        credentials.Award(
            id=credential_address(signer.base_url, award_id),
            recipient=credentials.Recipient.from_email(holder.email),
            valid_from=valid_from,
            valid_until=valid_until,
            status=[
                credentials.StatusEntry(list_address(signer.base_url, place.list_id), place.index)
            ],
            narrative="\n".join(f"- {words}" for words in grounds),
            evidence=evidence,
        ),
    )
    name = {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": holder.name,
        "identityType": "name",
    }
    if holder.name:
        document["credentialSubject"]["identifier"].append(name)
    return to_text(proofs.sign(document, signer.key, signer.method, created=valid_from))


def sign_status_list(signer: Signer, listing: StatusList) -> str:
    """The status list as a signed credential: the same bits and date give the same text."""
    document = status_document(signer, listing, list_address(signer.base_url, listing.id))
    return to_text(proofs.sign(document, signer.key, signer.method, created=listing.changed_at))


def status_document(signer: Signer, listing: StatusList, address: str) -> dict[str, Any]:
    """The status list as this issuer says it at this address, not signed yet."""
    return credentials.build_status_list_credential(
        list_url=address,
        issuer_id=signer.did,
        encoded_list=status.encode_list(set_bits(listing.bits), listing.size),
        purpose="revocation",
        valid_from=listing.changed_at,
    )


def set_bits(bits: bytes) -> list[int]:
    """The indexes whose bit is 1; index 0 is the left-most bit of the first byte."""
    return [
        place * 8 + offset
        for place, byte in enumerate(bits)
        if byte
        for offset in range(8)
        if byte & (0x80 >> offset)
    ]


def with_bit(bits: bytes, index: int) -> bytes:
    """The same bits with one more set."""
    changed = bytearray(bits)
    changed[index // 8] |= 0x80 >> (index % 8)
    return bytes(changed)


def to_text(document: dict[str, Any]) -> str:
    """A signed document as it is kept and handed out."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # What would end a CDATA section is written as an escape: an SVG carries the same bytes.
    return text.replace("]]>", "]]\\u003e")
