"""Is this the person it was given to? Open Badges 2.0 and 3.0 write a holder in the same ways."""

from __future__ import annotations

import hashlib


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
