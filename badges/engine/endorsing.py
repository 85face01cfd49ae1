"""What an endorser says: facts in, an unsigned `EndorsementCredential` out (Open Badges 3.0, B.2).

What carries it (an Achievement, a badge) holds it whole, with the contexts and the proof of its
own, in the member `endorsement`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .credentials import BADGES_CONTEXT, CREDENTIALS_CONTEXT, Issuer, format_date


def build_endorsement(
    endorser: Issuer,
    about: str,
    *,
    id: str,
    name: str,
    comment: str,
    valid_from: datetime,
    valid_until: datetime | None,
) -> dict[str, Any]:
    """The unsigned endorsement of what has the id ``about``, ready for `proofs.sign`.

    Raises:
        ValueError: a date without a time zone.
    """
    subject = {"id": about, "type": ["EndorsementSubject"]}
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_CONTEXT, BADGES_CONTEXT],
        "id": id,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": name,
        "issuer": endorser.to_json(),
        "validFrom": format_date(valid_from),
    }
    if valid_until is not None:
        document["validUntil"] = format_date(valid_until)
    document["credentialSubject"] = (
        {**subject, "endorsementComment": comment} if comment else subject
    )
    return document


def with_endorsements(
    document: Mapping[str, Any], endorsements: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The same unsigned badge carrying these endorsements of itself, and no others."""
    bare = {name: member for name, member in document.items() if name != "endorsement"}
    return {**bare, "endorsement": list(endorsements)} if endorsements else bare
