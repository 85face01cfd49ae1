"""Open Badges 2.0 out of a signed 3.0 credential: one award, every form, the same facts.

For platforms that read only 2.0. Two ways of vouching: *hosted*, where the assertion's address is
its proof and withdrawing it is answering 410; and *signed*, a token made with an RSA key that the
issuer's profile lists (Open Badges 2.0, «Verification»). What 2.0 has no word for stays in the 3.0
form: hours, type and level of the achievement, status lists, the holder's DID beside an e-mail.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .badge2_shape import CONTEXT
from .jose import sign_token
from .keys import SigningKey
from .publickeys import PublicKey
from .shape import as_list, subject

_ALIGNMENT = (
    "targetName",
    "targetUrl",
    "targetDescription",
    "targetFramework",
    "targetCode",
)
_EVIDENCE = ("id", "name", "narrative", "description", "genre", "audience")
#: What 2.0 calls the kinds of identity; 3.0 has more.
_IDENTITIES = {"emailAddress": "email"}
#: The public validator overlooks a list of one.
MIN_REVOKED = 2


@dataclass(frozen=True)
class Related:
    """Another version of the same class: another language, or an earlier one."""

    address: str
    language: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class Revoked:
    """An assertion that no longer holds, by its `id`, and why."""

    id: str
    reason: str | None = None


def build_profile(
    issuer: Mapping[str, Any],
    *,
    address: str,
    assertions: str,
    url: str | None = None,
    email: str | None = None,
    keys: Sequence[str] = (),
    revocation_list: str | None = None,
) -> dict[str, Any]:
    """The issuer's Profile, to publish at `address`.

    Args:
        issuer: the `issuer` of a 3.0 credential. Its id is a DID; here it is `address`.
        assertions: what the addresses of all hosted assertions begin with.
        url, email: 2.0 wants both; taken from `issuer` unless given.
        keys: addresses of the keys that signed badges which still hold. A key that leaked is left
            out: all it ever signed is refused then.
        revocation_list: where withdrawn signed badges are listed.

    Raises:
        ValueError: no name, url or e-mail address.
    """
    found = {
        "name": issuer.get("name"),
        "url": url or issuer.get("url"),
        "email": email or issuer.get("email"),
    }
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise ValueError(f"an issuer of Open Badges 2.0 needs {', '.join(missing)}")
    return _drop_empty(
        {
            "@context": CONTEXT,
            "type": "Profile",
            "id": address,
            **found,
            "description": issuer.get("description"),
            "image": _image(issuer.get("image")),
            "publicKey": _one_or_all(keys),
            "revocationList": revocation_list,
            "verification": {
                "type": "VerificationObject",
                "verificationProperty": "id",
                "startsWith": assertions,
                "allowedOrigins": _registered_host(assertions),
            },
        }
    )


def build_badge_class(
    credential: Mapping[str, Any],
    *,
    address: str,
    issuer: str,
    image: str | None = None,
    related: Sequence[Related] = (),
) -> dict[str, Any]:
    """The BadgeClass of a 3.0 credential's achievement, to publish at `address`.

    Args:
        credential: the 3.0 credential, signed or not.
        issuer: address of the issuer's profile.
        image: web address or `data:` address of the picture; the achievement's unless given.

    Raises:
        ValueError: not a credential of an achievement, or no picture (2.0 wants one).
    """
    achievement = _achievement(credential)
    picture = image or _image(achievement.get("image"))
    if not picture:
        raise ValueError("a class of Open Badges 2.0 needs a picture")
    criteria = achievement.get("criteria") or {}
    return _drop_empty(
        {
            "@context": CONTEXT,
            "type": "BadgeClass",
            "id": address,
            "@language": achievement.get("inLanguage"),
            "version": achievement.get("version"),
            "name": achievement.get("name"),
            "description": achievement.get("description"),
            "image": picture,
            "criteria": _drop_empty(
                {
                    "type": "Criteria",
                    "id": criteria.get("id"),
                    "narrative": criteria.get("narrative"),
                }
            ),
            "alignment": [
                {"type": "AlignmentObject", **_only(alignment, _ALIGNMENT)}
                for alignment in as_list(achievement.get("alignment"))
            ],
            "tags": as_list(achievement.get("tag")),
            "related": [
                _drop_empty(
                    {
                        "type": "BadgeClass",
                        "id": other.address,
                        "@language": other.language,
                        "version": other.version,
                    }
                )
                for other in related
            ],
            "issuer": issuer,
        }
    )


def build_hosted(
    credential: Mapping[str, Any],
    *,
    address: str,
    badge: str | Mapping[str, Any],
    image: str | None = None,
) -> dict[str, Any]:
    """The assertion of a 3.0 credential, to publish at `address`.

    Args:
        badge: the BadgeClass, or its address.
        image: web address of the baked picture.

    Raises:
        ValueError: not a credential of an achievement, or it names no recipient.
    """
    verification = {"type": "HostedBadge"}
    return _assertion(credential, address, badge, image, verification)


def build_signed(
    credential: Mapping[str, Any],
    *,
    id: str,
    badge: str | Mapping[str, Any],
    key: str,
    image: str | None = None,
) -> dict[str, Any]:
    """The assertion of a 3.0 credential, to be signed by `sign_assertion`.

    Args:
        id: `urn:uuid:…`; not the hosted form's address, which says something else.
        key: address of the CryptographicKey.

    Raises:
        ValueError: as `build_hosted`.
    """
    verification = {"type": "SignedBadge", "creator": key}
    return _assertion(credential, id, badge, image, verification)


def sign_assertion(assertion: Mapping[str, Any], key: SigningKey) -> str:
    """The token (compact JWS, RS256) of an assertion built by `build_signed`.

    Raises:
        ValueError: the key is not RSA, which is all that readers of 2.0 know; or the assertion is
            not one to be signed.
    """
    if key.kind != "RSA":
        raise ValueError("Open Badges 2.0 are signed with RSA keys")
    if assertion.get("verification", {}).get("type") != "SignedBadge":
        raise ValueError("a hosted assertion is not signed")
    payload = json.dumps(assertion, ensure_ascii=False, separators=(",", ":"))
    return sign_token(payload.encode(), key)


def build_key(address: str, *, owner: str, key: PublicKey) -> dict[str, Any]:
    """The CryptographicKey to publish at `address`; `owner` is the issuer's profile."""
    return {
        "@context": CONTEXT,
        "type": "CryptographicKey",
        "id": address,
        "owner": owner,
        "publicKeyPem": key.pem,
    }


def build_revocation_list(
    address: str, *, issuer: str, revoked: Sequence[Revoked]
) -> dict[str, Any]:
    """The RevocationList of signed assertions, to publish at `address`.

    Never of fewer than two entries: the missing ones are identifiers that no badge bears, and say
    so.
    """
    entries: list[dict[str, Any]] = [
        _drop_empty({"id": entry.id, "revocationReason": entry.reason}) for entry in revoked
    ]
    for number in range(MIN_REVOKED - len(entries)):
        nobody = uuid.uuid5(uuid.NAMESPACE_URL, f"{address}#{number}")
        entries.append(
            {"id": f"urn:uuid:{nobody}", "revocationReason": "no badge: keeps the list readable"}
        )
    return {
        "@context": CONTEXT,
        "type": "RevocationList",
        "id": address,
        "issuer": issuer,
        "revokedAssertions": entries,
    }


def build_gone(address: str, reason: str | None = None) -> dict[str, Any]:
    """What to answer, with status 410, at the address of a hosted assertion that was withdrawn."""
    return _drop_empty(
        {
            "@context": CONTEXT,
            "type": "Assertion",
            "id": address,
            "revoked": True,
            "revocationReason": reason,
        }
    )


def _assertion(
    credential: Mapping[str, Any],
    id: str,
    badge: str | Mapping[str, Any],
    image: str | None,
    verification: dict[str, str],
) -> dict[str, Any]:
    achievement = _achievement(credential)
    holder = subject(dict(credential)) or {}
    return _drop_empty(
        {
            "@context": CONTEXT,
            "type": "Assertion",
            "id": id,
            "@language": achievement.get("inLanguage"),
            "recipient": _recipient(holder),
            "badge": badge if isinstance(badge, str) else dict(badge),
            "image": image,
            "issuedOn": credential.get("validFrom"),
            "expires": credential.get("validUntil"),
            "narrative": holder.get("narrative"),
            "evidence": [
                {"type": "Evidence", **_only(evidence, _EVIDENCE)}
                for evidence in as_list(credential.get("evidence"))
            ],
            "verification": verification,
        }
    )


def _recipient(holder: Mapping[str, Any]) -> dict[str, Any]:
    """By the same hash of the same e-mail address and salt; by a DID when there is no other."""
    for identity in as_list(holder.get("identifier")):
        kind = _IDENTITIES.get(str(identity.get("identityType")))
        if kind is not None:
            return _drop_empty(
                {
                    "type": kind,
                    "hashed": bool(identity.get("hashed")),
                    "identity": identity["identityHash"],
                    "salt": identity.get("salt"),
                }
            )
    if holder.get("id"):
        return {"type": "id", "hashed": False, "identity": holder["id"]}
    raise ValueError("the credential names no recipient that Open Badges 2.0 can name")


def _achievement(credential: Mapping[str, Any]) -> dict[str, Any]:
    holder = subject(dict(credential)) or {}
    achievement = holder.get("achievement")
    if not isinstance(achievement, dict):
        raise ValueError("this is not a credential of an achievement")
    return achievement


def _image(image: object) -> str | None:
    found = image.get("id") if isinstance(image, dict) else image
    return found if isinstance(found, str) else None


def _registered_host(address: str) -> str | None:
    """The host, where it is a name that `allowedOrigins` can hold: readers know no ports there,
    and take the host of the profile when nothing is said."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return host if parts.port is None and "." in host and ":" not in host else None


def _only(members: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: members[name] for name in names if name in members}


def _one_or_all(values: Sequence[str]) -> str | list[str] | None:
    return values[0] if len(values) == 1 else list(values)


def _drop_empty(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not said; `false` is said."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
