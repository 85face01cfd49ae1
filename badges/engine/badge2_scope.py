"""Who may speak for whom in Open Badges 2.0, and whether two documents say the same.

Both are what hosted verification stands on (Open Badges 2.0, «Verification of Hosted
Assertions»): the address of an assertion must be one that the issuer's profile allows, and what
is published there must be what was given.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .badge2_shape import identifier, same_date
from .shape import as_list

_DATES = ("issuedOn", "expires")
_KINDS = {"hosted": "HostedBadge", "signed": "SignedBadge"}
#: Ways up a path, written out or not: `/public/../private` does not begin with `/public/`.
_DOTS = re.compile(r"/(\.|%2e){1,2}(/|$)", re.IGNORECASE)


def in_scope(address: str, issuer: str, profile: dict[str, Any]) -> bool:
    """Whether this issuer lets assertions be published at this address.

    As its profile says under `verification` (`startsWith`, `allowedOrigins`); where it says
    nothing, on its own host. Never in clear for an issuer who is on https.
    """
    place, home = _split(address), _split(issuer)
    if place is None or home is None or _DOTS.search(place.path):
        return False
    if home.scheme == "https" and place.scheme != "https":
        return False
    stated = profile.get("verification")
    policy: dict[str, Any] = stated if isinstance(stated, dict) else {}
    prefixes, origins = _texts(policy.get("startsWith")), _texts(policy.get("allowedOrigins"))
    if prefixes and not any(_begins(address, place, prefix) for prefix in prefixes):
        return False
    if origins:
        return any(_is_origin(place, origin) for origin in origins)
    return bool(prefixes) or _origin(place) == _origin(home)


def first_difference(given: object, published: object, path: str = "") -> str | None:
    """The first thing that `given` says and `published` does not; None when there is none.

    What `given` leaves out is no difference. A list of one is its only member, an object with
    nothing but an `id` is that address, and dates are moments.
    """
    given, published = _plain(given), _plain(published)
    if isinstance(given, dict) and isinstance(published, dict):
        theirs = _renamed(published)
        for name, member in _renamed(given).items():
            where = f"{path}.{name}" if path else name
            if name == "@context" or member is None:
                continue
            if name in _DATES and same_date(member, theirs.get(name)):
                continue
            found = first_difference(member, theirs.get(name), where)
            if found is not None:
                return found
        return None
    if isinstance(given, list) and isinstance(published, list):
        if len(given) != len(published):
            return path
        pairs = (first_difference(*pair, path) for pair in zip(given, published, strict=True))
        return next((found for found in pairs if found is not None), None)
    if isinstance(given, bool) is not isinstance(published, bool):
        return path
    return None if given == published else path


def _plain(value: object) -> object:
    """Without the wrappings that say nothing; not deeper than one of each."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and set(value) == {"id"}:
        value = value["id"]
    return _KINDS.get(value, value) if isinstance(value, str) else value


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    """`verify` is another name of `verification` in the standard's own context."""
    if "verify" in document and "verification" not in document:
        return {
            ("verification" if name == "verify" else name): member
            for name, member in document.items()
        }
    return document


def embedded(value: object) -> dict[str, Any] | None:
    """An object written out where its address would do, or None."""
    return value if isinstance(value, dict) and set(value) != {"id"} else None


def lists_key(profile: dict[str, Any], key: str) -> bool:
    """Whether an issuer's profile names this key as its own."""
    return any(identifier(listed) == key for listed in as_list(profile.get("publicKey")))


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    plain = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    return parts if plain and "\\" not in address else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port


def _begins(address: str, place: SplitResult, prefix: str) -> bool:
    """The host is compared as a host: `https://lieu.example` is no beginning of
    `https://lieu.example.org/`."""
    start = _split(prefix)
    if start is None or _origin(start) != _origin(place):
        return False
    return place._replace(fragment="").geturl().startswith(start.geturl())


def _is_origin(place: SplitResult, origin: str) -> bool:
    """A host's name as the standard wants it; `host:port` and whole origins are read too."""
    if "://" in origin:
        parts = _split(origin)
        return parts is not None and _origin(parts) == _origin(place)
    return origin.lower() in ((place.hostname or "").lower(), place.netloc.lower())


def _texts(value: object) -> list[str]:
    return [text for text in as_list(value) if isinstance(text, str) and text]
