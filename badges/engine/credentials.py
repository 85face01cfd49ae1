"""What we say in a badge: facts in, an unsigned Open Badges 3.0 credential out.

The shape follows Open Badges 3.0 (final, 2024) and its plain JSON schema: members that may hold
several values are always arrays, contexts stand in the order the specification gives.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
BADGES_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
ACHIEVEMENT_SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)

StatusPurpose = Literal["revocation", "suspension"]


@dataclass(frozen=True)
class Image:
    """A picture: a web address or a `data:` address, and what it shows."""

    address: str
    caption: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Image`."""
        return _drop_empty({"id": self.address, "type": "Image", "caption": self.caption})


@dataclass(frozen=True)
class Issuer:
    """Who attests. `id` is the DID whose key signs (the key's controller)."""

    id: str
    name: str
    url: str | None = None
    description: str | None = None
    email: str | None = None
    image: Image | None = None
    #: The person who speaks for an organisation.
    official: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Profile`."""
        return _drop_empty(
            {
                "id": self.id,
                "type": ["Profile"],
                "name": self.name,
                "url": self.url,
                "description": self.description,
                "email": self.email,
                "image": self.image.to_json() if self.image else None,
                "official": self.official,
            }
        )


@dataclass(frozen=True)
class Alignment:
    """A skill of a public framework that the achievement corresponds to."""

    name: str
    url: str
    framework: str | None = None
    code: str | None = None
    description: str | None = None
    #: One of the specification's `AlignmentTargetType` values, or `ext:…`.
    target_type: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Alignment`."""
        return _drop_empty(
            {
                "type": ["Alignment"],
                "targetName": self.name,
                "targetUrl": self.url,
                "targetFramework": self.framework,
                "targetCode": self.code,
                "targetDescription": self.description,
                "targetType": self.target_type,
            }
        )


@dataclass(frozen=True)
class Related:
    """The same achievement elsewhere: its edition in another language, or a former version."""

    id: str
    language: str | None = None
    version: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Related`."""
        return _drop_empty(
            {
                "id": self.id,
                "type": ["Related"],
                "inLanguage": self.language,
                "version": self.version,
            }
        )


@dataclass(frozen=True)
class Rung:
    """One level of a scale: `id` an address, `rank` its place from the lowest, 1."""

    id: str
    name: str
    rank: int
    description: str | None = None


@dataclass(frozen=True)
class Scale:
    """A scale of levels, and the one (`required`, an id) that the achievement attests."""

    id: str
    name: str
    rungs: Sequence[Rung]
    required: str

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `ResultDescription` with its `RubricCriterionLevel`s."""
        return {
            "id": self.id,
            "type": ["ResultDescription"],
            "name": self.name,
            "resultType": "RubricCriterionLevel",
            "requiredLevel": self.required,
            "rubricCriterionLevel": [
                _drop_empty(
                    {
                        "id": rung.id,
                        "type": ["RubricCriterionLevel"],
                        "name": rung.name,
                        "level": str(rung.rank),
                        "description": rung.description,
                    }
                )
                for rung in self.rungs
            ],
        }


@dataclass(frozen=True)
class Achievement:
    """The class of badge: what any holder has done.

    `criteria` is the narrative (Markdown is allowed by the standard), `hours` the hours of work,
    published as `creditsAvailable`; `achievement_type` one of the specification's values; `scale`
    the level it attests; `related` its editions in other languages and its former versions;
    `endorsements` signed `EndorsementCredential`s about it.
    """

    id: str
    name: str
    description: str
    criteria: str
    criteria_url: str | None = None
    achievement_type: str | None = None
    alignments: Sequence[Alignment] = ()
    tags: Sequence[str] = ()
    image: Image | None = None
    hours: int | None = None
    language: str | None = None
    version: str | None = None
    related: Sequence[Related] = ()
    scale: Scale | None = None
    endorsements: Sequence[Mapping[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Achievement`."""
        return _drop_empty(
            {
                "id": self.id,
                "type": ["Achievement"],
                "achievementType": self.achievement_type,
                "name": self.name,
                "description": self.description,
                "criteria": _drop_empty({"id": self.criteria_url, "narrative": self.criteria}),
                "image": self.image.to_json() if self.image else None,
                "alignment": [alignment.to_json() for alignment in self.alignments],
                "tag": list(self.tags),
                "creditsAvailable": self.hours,
                "inLanguage": self.language,
                "version": self.version,
                "related": [other.to_json() for other in self.related],
                "resultDescription": [self.scale.to_json()] if self.scale else None,
                "endorsement": list(self.endorsements),
            }
        )


@dataclass(frozen=True)
class Recipient:
    """Who holds it, without saying who: a salted hash of their e-mail address."""

    identity_hash: str
    salt: str

    @classmethod
    def from_email(cls, email: str, salt: str | None = None) -> Recipient:
        """Hash an address with a salt of its own (made here unless given)."""
        salt = salt or secrets.token_urlsafe(16)
        return cls(hash_identity(email, salt), salt)

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `IdentityObject`."""
        return {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": self.identity_hash,
            "identityType": "emailAddress",
            "salt": self.salt,
        }


@dataclass(frozen=True)
class Evidence:
    """What shows it: a page, a narrative, or both."""

    name: str | None = None
    narrative: str | None = None
    url: str | None = None
    description: str | None = None
    genre: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As an Open Badges `Evidence`."""
        return _drop_empty(
            {
                "id": self.url,
                "type": ["Evidence"],
                "name": self.name,
                "narrative": self.narrative,
                "description": self.description,
                "genre": self.genre,
            }
        )


@dataclass(frozen=True)
class StatusEntry:
    """Where a credential's bit stands: `list_url` is the published list, `index` the bit."""

    list_url: str
    index: int
    purpose: StatusPurpose = "revocation"

    def to_json(self) -> dict[str, Any]:
        """As a `BitstringStatusListEntry` (the index is a string of digits there)."""
        return {
            "id": f"{self.list_url}#{self.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_url,
        }


@dataclass(frozen=True)
class Award:
    """One person's badge. `id` is the credential's own address."""

    id: str
    recipient: Recipient | None
    valid_from: datetime
    valid_until: datetime | None = None
    status: Sequence[StatusEntry] = ()
    evidence: Sequence[Evidence] = ()
    #: The holder's DID, when they have one: with or instead of `recipient`.
    subject_id: str | None = None
    #: Name for wallets; the achievement's name unless given.
    name: str | None = None
    description: str | None = None
    #: What this person did, in words.
    narrative: str | None = None


def hash_identity(email: str, salt: str) -> str:
    """`sha256$` + hex of SHA-256(UTF-8(email + salt)) (Open Badges 3.0, IdentityHash)."""
    return "sha256$" + hashlib.sha256((email + salt).encode()).hexdigest()


def format_date(moment: datetime) -> str:
    """A moment as an XSD `dateTimeStamp` in UTC, to the second.

    Raises:
        ValueError: a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a date in a credential needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def build_credential(issuer: Issuer, achievement: Achievement, award: Award) -> dict[str, Any]:
    """The unsigned credential, ready for `proofs.sign`.

    Raises:
        ValueError: neither a recipient nor a subject id, or a date without a time zone.
    """
    if award.recipient is None and not award.subject_id:
        raise ValueError("a badge needs a recipient or a subject id")
    subject = _drop_empty(
        {
            "id": award.subject_id,
            "type": ["AchievementSubject"],
            "identifier": [award.recipient.to_json()] if award.recipient else None,
            "achievement": achievement.to_json(),
            "narrative": award.narrative,
        }
    )
    entries = [entry.to_json() for entry in award.status]
    return _drop_empty(
        {
            "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT, EXTENSIONS_CONTEXT],
            "id": award.id,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": award.name or achievement.name,
            "description": award.description,
            "issuer": issuer.to_json(),
            "validFrom": format_date(award.valid_from),
            "validUntil": format_date(award.valid_until) if award.valid_until else None,
            "credentialSubject": subject,
            "evidence": [evidence.to_json() for evidence in award.evidence],
            # The 1EdTech schema knows one status, an object; the data model knows several. Whoever
            # gives two does not say that the schema holds.
            "credentialStatus": entries[0] if len(entries) == 1 else entries,
            "credentialSchema": [
                {"id": ACHIEVEMENT_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}
            ]
            if len(entries) < 2
            else None,
        }
    )


def build_status_list_credential(
    *,
    list_url: str,
    issuer_id: str,
    encoded_list: str,
    purpose: StatusPurpose,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> dict[str, Any]:
    """The unsigned `BitstringStatusListCredential` published at `list_url`.

    `encoded_list` comes from `status.encode_list`. Bitstring Status List 1.0, section 2.2.
    """
    return _drop_empty(
        {
            "@context": [CREDENTIALS_CONTEXT],
            "id": list_url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer_id,
            "validFrom": format_date(valid_from),
            "validUntil": format_date(valid_until) if valid_until else None,
            "credentialSubject": {
                "id": f"{list_url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": encoded_list,
            },
        }
    )


def _drop_empty(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not said: None, an empty text, an empty list or object."""
    return {name: value for name, value in members.items() if value or value == 0}
