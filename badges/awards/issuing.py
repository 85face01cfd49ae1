"""From facts to a signed credential, and the signed status list. Nothing is locked here."""

from __future__ import annotations

import calendar
import json
import secrets
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from badges.awards.keys import Signer
from badges.awards.models import StatusList
from badges.awards.queries import count_in_list, find_newest_list, list_taken, suspension_list
from badges.designs.documents import achievement_of
from badges.designs.models import BadgeClass
from badges.engine import credentials, proofs, status
from badges.engine.template import Template


@dataclass(frozen=True)
class Place:
    """A bit kept for an award: which list, which index."""

    list_id: int
    index: int


def pick_places(db: Session, count: int) -> list[Place]:
    """Random free bits of the list being filled; half full, the next list begins.

    Random, so that neighbours in the list say nothing about who was awarded with whom. Half of a
    list is free at least: a few draws are enough, each looked at with one query for all.
    """
    newest = find_newest_list(db)
    list_id, size = (newest.id, newest.size) if newest else (1, status.MIN_ENTRIES)
    if count_in_list(db, list_id) * 2 >= size:
        list_id, size = list_id + 1, status.MIN_ENTRIES
    free: dict[int, None] = {}  # in the order drawn: a set would hand out small numbers first
    while len(free) < count:
        drawn = [secrets.randbelow(size) for _ in range(count - len(free))]
        taken = list_taken(db, list_id, drawn)
        free.update((index, None) for index in drawn if index not in taken)
    return [Place(list_id, index) for index in free]


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


def status_entries(
    signer: Signer, place: Place, suspendable: bool
) -> list[credentials.StatusEntry]:
    """Where it is said of an award that it was withdrawn; and suspended, if it can be."""
    entries = [credentials.StatusEntry(list_address(signer.base_url, place.list_id), place.index)]
    if suspendable:
        twin = list_address(signer.base_url, suspension_list(place.list_id))
        entries.append(credentials.StatusEntry(twin, place.index, "suspension"))
    return entries


@dataclass(frozen=True)
class Particulars:
    """What differs from one award of a badge to the next; the rest is the badge's and the place's.

    ``email`` goes in as a salted hash only; ``name`` as the person wishes to be called, or nothing.
    """

    award_id: uuid.UUID
    place: Place
    email: str
    name: str
    grounds: Sequence[str]
    valid_from: datetime
    valid_until: datetime | None
    evidence: Sequence[credentials.Evidence] = ()


def sign_awards(signer: Signer, badge: BadgeClass, each: Iterable[Particulars]) -> Iterator[str]:
    """The signed credentials of one badge, in the order of ``each``, as text.

    Byte for byte what signing them one by one would give, prepared once for the whole badge.
    """
    template = Template()
    issuer, achievement = issuer_of(signer), achievement_of(badge, signer.base_url)
    for one in each:
        document = _unsigned(signer, issuer, achievement, one, badge.suspendable)
        yield sign_award(signer, document, one, template)


def sign_award(
    signer: Signer, document: dict[str, Any], one: Particulars, template: Template
) -> str:
    """The signed credential of one award as text, by the template of its badge."""
    text = template.sign_text(document, signer.key, signer.method, created=one.valid_from)
    return _without_cdata_end(text)


def _unsigned(
    signer: Signer,
    issuer: credentials.Issuer,
    achievement: credentials.Achievement,
    one: Particulars,
    suspendable: bool,
) -> dict[str, Any]:
    document = credentials.build_credential(
        issuer,
        achievement,
        credentials.Award(
            id=credential_address(signer.base_url, one.award_id),
            recipient=credentials.Recipient.from_email(one.email),
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            status=status_entries(signer, one.place, suspendable),
            narrative="\n".join(f"- {words}" for words in one.grounds),
            evidence=one.evidence,
        ),
    )
    if one.name:
        name = {
            "type": "IdentityObject",
            "hashed": False,
            "identityHash": one.name,
            "identityType": "name",
        }
        document["credentialSubject"]["identifier"].append(name)
    return document


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
        purpose=cast(credentials.StatusPurpose, listing.purpose),
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


def with_bit(bits: bytes, index: int, is_set: bool = True) -> bytes:
    """The same bits with this one set, or not."""
    changed = bytearray(bits)
    mask = 0x80 >> (index % 8)
    changed[index // 8] = changed[index // 8] | mask if is_set else changed[index // 8] & ~mask
    return bytes(changed)


def to_text(document: dict[str, Any]) -> str:
    """A signed document as it is kept and handed out."""
    return _without_cdata_end(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def _without_cdata_end(text: str) -> str:
    # What would end a CDATA section is written as an escape: an SVG carries the same bytes.
    return text.replace("]]>", "]]\\u003e")
