"""Is this the person it was given to? Open Badges 2.0 and 3.0 write a holder in the same ways."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal


def names_email(stated: str, salt: object, email: str) -> bool:
    """Whether an identity names this e-mail address: `sha256$…` or `md5$…` of the address and
    salt, or the address itself."""
    salt = salt or ""
    if not isinstance(salt, str):
        return False
    # Issuers hash the address as they know it: as typed, or in lower case.
    for candidate in {email.strip(), email.strip().lower()}:
        text = candidate + salt
        if stated.startswith("sha256$"):
            digest = "sha256$" + hashlib.sha256(text.encode(errors="replace")).hexdigest()
        elif stated.startswith("md5$"):
            md5 = hashlib.md5(text.encode(errors="replace"), usedforsecurity=False)
            digest = "md5$" + md5.hexdigest()
        else:
            digest, stated = candidate.lower(), stated.removeprefix("mailto:").strip()
        if stated.lower() == digest:
            return True
    return False


def compare(
    document: dict[str, Any], addresses: Sequence[str]
) -> Literal["same", "other", "unnamed"]:
    """Whether a badge of either family is made out to one of these e-mail addresses.

    `unnamed`: it names no address at all.
    """
    subject = document.get("credentialSubject")
    holder = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    stated: list[tuple[str, object]] = []
    if isinstance(holder, dict):
        found = holder.get("identifier", [])
        for identity in found if isinstance(found, list) else [found]:
            if not isinstance(identity, dict) or identity.get("identityType") == "name":
                continue
            if isinstance(identity.get("identityHash"), str):
                stated.append((identity["identityHash"], identity.get("salt")))
    recipient = document.get("recipient")  # Open Badges 2.0
    if isinstance(recipient, dict) and isinstance(recipient.get("identity"), str):
        stated.append((recipient["identity"], recipient.get("salt")))
    if not stated:
        return "unnamed"
    if any(names_email(value, salt, address) for value, salt in stated for address in addresses):
        return "same"
    return "other"
