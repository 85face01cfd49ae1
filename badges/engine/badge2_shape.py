"""What an Open Badge 2.0 is made of, and what of it the standard makes mandatory.

Open Badges 2.0 (IMS, 2018), sections «Core Data Classes»; badges of 1.0 and 1.1 (`verify` where
2.0 has `verification`, dates as numbers, no `id`) are read with the same words. Plain JSON: the
context of 2.0 gives each word one meaning, and no other context is let redefine one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from .dates import parse_moment
from .dids import is_web_address
from .errors import MalformedError, UnsupportedError
from .shape import Problem, as_list

CONTEXT = "https://w3id.org/openbadges/v2"
#: The addresses the standard's own contexts have had.
CONTEXTS = frozenset(
    {CONTEXT, "https://w3id.org/openbadges/v1", "https://openbadgespec.org/v2/context.json"}
)
#: Extensions add words and change none of the standard's.
_EXTENSIONS = ("https://w3id.org/openbadges/extensions/", "https://openbadgespec.org/extensions/")

Version = Literal["2.0", "1.x", "0.5"]
Kind = Literal["HostedBadge", "SignedBadge"]
_KINDS: dict[str, Kind] = {
    "HostedBadge": "HostedBadge",
    "hosted": "HostedBadge",
    "SignedBadge": "SignedBadge",
    "signed": "SignedBadge",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)
_SHORT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$", re.ASCII)


@dataclass(frozen=True)
class Assertion:
    """What tells how to verify an assertion; None where it does not say."""

    version: Version
    #: What it is called, and what a list of the revoked may call it.
    id: str | None
    uid: str | None
    kind: Kind | None
    #: Where a hosted one is published.
    address: str | None
    #: Where the key of a signed one is published.
    creator: str | None


def read_assertion(document: dict[str, Any]) -> Assertion:
    """The parts of an assertion that verification starts from."""
    found = find_version(document)
    verification = document.get("verification", document.get("verify"))
    stated: dict[str, Any] = verification if isinstance(verification, dict) else {}
    kinds = [_KINDS[kind] for kind in as_list(stated.get("type")) if _is_key(kind)]
    kind = kinds[0] if len(kinds) == 1 else None
    name, url = identifier(document), stated.get("url")
    address, creator = name, identifier(stated.get("creator"))
    if isinstance(url, str) and found == "1.x":
        address, creator = (url, None) if kind == "HostedBadge" else (name, url)
    uid = document.get("uid")
    return Assertion(
        found, name, uid if isinstance(uid, str) else None, kind, address or None, creator
    )


def find_version(document: dict[str, Any]) -> Version:
    """Which Open Badges it is of, 2.0 when in doubt."""
    if "verification" in document or any(
        part in (CONTEXT, "https://openbadgespec.org/v2/context.json")
        for part in as_list(document.get("@context"))
    ):
        return "2.0"
    if isinstance(document.get("recipient"), str):
        return "0.5"
    return "1.x" if "verify" in document else "2.0"


def identifier(value: object) -> str | None:
    """The id of an object, or of what stands for it: its address."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) and found else None


def read_date(value: object) -> datetime:
    """A moment: ISO 8601 as 2.0 wants it, or as it is often written (a day; `+0100`; before 2.0
    also the seconds since 1970).

    Raises:
        MalformedError: not a date (`date_invalid`).
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        if _SECONDS.fullmatch(value):
            return datetime.fromtimestamp(int(value), UTC)
        if _DAY.fullmatch(value):
            value = f"{value}T00:00:00Z"
        value = _SHORT_ZONE.sub(r"\1:\2", value) if "T" in value else value
    return parse_moment(value)


def check_contexts(document: dict[str, Any]) -> None:
    """Its contexts are those of the standard and its extensions, wherever in it they stand.

    Raises:
        UnsupportedError: another one, which might give words another meaning.
    """
    left: list[Any] = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            for part in as_list(value.get("@context")):
                _check_context(part)
            left += value.values()
        elif isinstance(value, list):
            left += value


def _check_context(part: object) -> None:
    if isinstance(part, dict):
        raise UnsupportedError(
            "context_inline_unsafe", "the badge brings words of its own", {"term": ""}
        )
    if not isinstance(part, str) or (part not in CONTEXTS and not part.startswith(_EXTENSIONS)):
        raise UnsupportedError(
            "context_unknown", "a vocabulary is not known here", {"address": str(part)[:300]}
        )


# -- what is mandatory -----------------------------------------------------------------------------


def find_assertion_problems(document: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the shape of an assertion."""
    read = read_assertion(document)
    if read.version == "2.0":
        if "@context" not in document:
            yield Problem("@context", "missing")
        yield from _typed(document, ("Assertion",), "")
        if read.id is None or ":" not in read.id or read.id.startswith("_:"):
            yield Problem("id", "not_an_address" if "id" in document else "missing")
    elif read.uid is None and read.id is None:
        yield Problem("uid", "missing")
    member = "verification" if read.version == "2.0" else "verify"
    if read.kind is None:
        written = document.get("verification", document.get("verify"))
        yield Problem(member, "missing" if written is None else "wrong_type")
    elif read.kind == "HostedBadge" and not is_web_address(read.address or ""):
        yield Problem("id", "not_an_address")
    recipients = as_list(document.get("recipient"))
    if not recipients:
        yield Problem("recipient", "missing")
    for recipient in recipients:
        yield from _recipient(recipient)
    if not isinstance(document.get("badge"), str | dict):
        yield Problem("badge", "wrong_type" if "badge" in document else "missing")
    elif identifier(document["badge"]) is None:
        yield Problem("badge.id", "missing")
    if "issuedOn" not in document:
        yield Problem("issuedOn", "missing")
    if not all(isinstance(part, str | dict) for part in as_list(document.get("evidence"))):
        yield Problem("evidence", "wrong_type")


def find_badge_problems(badge: dict[str, Any], version: Version) -> Iterator[Problem]:
    """What is wrong with the shape of a BadgeClass."""
    if version == "2.0":
        yield from _typed(badge, ("BadgeClass",), "badge.")
    yield from _texts(badge, ("name", "description"), "badge.")
    for member in ("image", "criteria"):
        if not isinstance(badge.get(member), str | dict) or not badge[member]:
            yield Problem(f"badge.{member}", "wrong_type" if member in badge else "missing")
    criteria = badge.get("criteria")
    if isinstance(criteria, dict) and not any(
        _is_text(criteria.get(member)) for member in ("id", "narrative")
    ):
        yield Problem("badge.criteria.narrative", "missing")


def find_profile_problems(profile: dict[str, Any], version: Version) -> Iterator[Problem]:
    """What is wrong with the shape of an issuer's Profile."""
    if version == "2.0":
        yield from _typed(profile, ("Profile", "Issuer"), "badge.issuer.")
        yield from _texts(profile, ("name", "url", "email"), "badge.issuer.")
    else:
        yield from _texts(profile, ("name", "url"), "badge.issuer.")


def _recipient(recipient: object) -> Iterator[Problem]:
    if not isinstance(recipient, dict):
        yield Problem("recipient", "wrong_type")
        return
    yield from _texts(recipient, ("type", "identity"), "recipient.")
    if not isinstance(recipient.get("hashed"), bool):
        yield Problem("recipient.hashed", "wrong_type" if "hashed" in recipient else "missing")


def _typed(owner: dict[str, Any], wanted: tuple[str, ...], path: str) -> Iterator[Problem]:
    kinds = as_list(owner.get("type"))
    if not any(kind in wanted for kind in kinds if isinstance(kind, str)):
        yield Problem(f"{path}type", "wrong_type" if kinds else "missing")


def _texts(owner: dict[str, Any], members: tuple[str, ...], path: str) -> Iterator[Problem]:
    for member in members:
        if not _is_text(owner.get(member)):
            yield Problem(f"{path}{member}", "wrong_type" if member in owner else "missing")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_key(kind: object) -> bool:
    return isinstance(kind, str) and kind in _KINDS


def same_date(first: object, second: object) -> bool:
    """Whether two dates, however written, are the same moment."""
    try:
        return read_date(first) == read_date(second)
    except MalformedError:
        return first == second
