"""VC-JWT: a credential signed as a token (Open Badges 3.0, section 8.2; VC-JOSE-COSE 1.0).

The payload is the credential itself, its main facts said once more as the claims of a JWT. Tokens
of the drafts, where the credential stands under `vc`, are read too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .dates import parse_moment
from .errors import MalformedError
from .jose import sign_token
from .keys import SigningKey

#: Claims that repeat the credential's facts; they are not members of the credential.
CLAIMS = ("iss", "jti", "sub", "nbf", "exp")
#: Claims of a JWT that say nothing of the credential.
_OTHER_CLAIMS = ("iat", "aud")


def sign_credential(document: Mapping[str, Any], key: SigningKey, *, kid: str | None = None) -> str:
    """The credential as a VC-JWT, signed with RS256 or ES256 as the key is.

    `kid` is the web address where the key is published as a JWK: verifiers that know no DIDs go
    there (section 8.5). The key stands in the header too, so that nobody has to. Embedded proofs
    are left out; the issuer must be the key's controller, which is for the caller to see to.
    """
    credential = {name: member for name, member in document.items() if name != "proof"}
    header = {"kid": kid} if kid else {}
    payload = json.dumps(
        {**credential, **_claims(credential)}, ensure_ascii=False, separators=(",", ":")
    )
    return sign_token(payload.encode(), key, **header, jwk=key.public().jwk, typ="JWT")


def open_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """The credential inside a token's payload, without the token's own claims."""
    inner = payload.get("vc")
    if isinstance(inner, dict):
        return _from_draft(inner, payload)
    return {
        name: member
        for name, member in payload.items()
        if name not in CLAIMS and name not in _OTHER_CLAIMS
    }


def check_claims(credential: dict[str, Any], payload: dict[str, Any]) -> None:
    """The claims say what the credential says, as far as they are there.

    Raises:
        MalformedError: one says something else (`claim_mismatch`), or is no claim.
    """
    for name, value in _claims(credential).items():
        if name in payload and payload[name] != value:
            raise MalformedError(
                "claim_mismatch", "the token and the badge inside it differ", {"claim": name}
            )
    if "exp" in payload and not ("validUntil" in credential or "expirationDate" in credential):
        raise MalformedError(
            "claim_mismatch", "the token ends and the badge inside it does not", {"claim": "exp"}
        )


def _claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """What the claims of this credential must say; dates in whole seconds (RFC 7519, 2)."""
    issuer, subject = credential.get("issuer"), credential.get("credentialSubject")
    subjects = subject if isinstance(subject, list) else [subject]
    holder = subjects[0] if len(subjects) == 1 and isinstance(subjects[0], dict) else {}
    claims = {
        "iss": issuer.get("id") if isinstance(issuer, dict) else issuer,
        "jti": credential.get("id"),
        "sub": holder.get("id"),
        "nbf": _seconds(credential.get("validFrom", credential.get("issuanceDate"))),
        "exp": _seconds(credential.get("validUntil", credential.get("expirationDate"))),
    }
    return {name: value for name, value in claims.items() if value is not None}


def _seconds(written: object) -> int | None:
    if written is None:
        return None
    return int(parse_moment(written).timestamp())


def _from_draft(inner: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """A credential under `vc` may leave out what the claims say (VC Data Model 1.1, 6.3.1)."""
    credential = dict(inner)
    if "iss" in payload:
        credential.setdefault("issuer", payload["iss"])
    if "jti" in payload:
        credential.setdefault("id", payload["jti"])
    for claim, member in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        names = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}
        if claim in payload and member not in credential and names[member] not in credential:
            credential[member] = _moment(payload[claim])
    subject = credential.get("credentialSubject")
    if "sub" in payload and isinstance(subject, dict) and "id" not in subject:
        credential["credentialSubject"] = {"id": payload["sub"], **subject}
    return credential


def _moment(seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise MalformedError("token_invalid", "a date of the token is not a number of seconds")
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise MalformedError("token_invalid", "a date of the token is out of proportion") from None
