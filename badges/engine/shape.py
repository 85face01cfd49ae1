"""Is it shaped like an Open Badge? Explicit checks of what the standard makes mandatory.

Open Badges 3.0 (sections B.1 to B.7) on Verifiable Credentials 2.0; drafts of Open Badges 3.0 on
Verifiable Credentials 1.1 (`issuanceDate`) are read too. Members that a signature does not let
anybody write in two ways are required in their one ordinary way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

CONTEXTS_V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXTS_V1 = "https://www.w3.org/2018/credentials/v1"
BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})

Kind = Literal["missing", "wrong_type", "not_first", "not_an_address", "repeated", "too_early"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Problem:
    """Where the shape is wrong (`credentialSubject.achievement.name`), and how."""

    path: str
    kind: Kind


def as_list(value: Any) -> list[Any]:
    """A member that may be single or plural, as a list; absent or null gives none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_badge(document: dict[str, Any]) -> bool:
    """Whether it says it is an Open Badge 3.0."""
    return any(kind in BADGE_TYPES for kind in as_list(document.get("type")) if _is_text(kind))


def issuer_id(document: dict[str, Any]) -> str | None:
    """The issuer's id, if it has one."""
    issuer = document.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) and found else None


def subject(document: dict[str, Any]) -> dict[str, Any] | None:
    """The one subject of a badge, or None."""
    found = as_list(document.get("credentialSubject"))
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else None


def find_problems(document: dict[str, Any]) -> list[Problem]:
    """What is wrong with its shape, in the document's order; nothing when all is well."""
    problems = [*_credential(document)]
    if is_badge(document):
        problems += _badge(document)
    return problems


def _credential(document: dict[str, Any]) -> Iterator[Problem]:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts:
        yield Problem("@context", "wrong_type" if contexts else "missing")
    elif contexts[0] not in (CONTEXTS_V2, CONTEXTS_V1):
        yield Problem("@context", "not_first")
    if "id" in document and not _is_address(document["id"]):
        yield Problem("id", "not_an_address")
    yield from _typed(document, "VerifiableCredential", "")
    issuer = document.get("issuer")
    if issuer is None:
        yield Problem("issuer", "missing")
    elif not isinstance(issuer, str | dict):
        yield Problem("issuer", "wrong_type")
    elif not _is_address(issuer_id(document)):
        yield Problem("issuer.id", "not_an_address")
    for member in ("validFrom", "validUntil", "issuanceDate", "expirationDate"):
        if member in document and not _is_text(document[member]):
            yield Problem(member, "wrong_type")
    if not as_list(document.get("credentialSubject")):
        yield Problem("credentialSubject", "missing")
    if not all(isinstance(entry, dict) for entry in as_list(document.get("credentialStatus"))):
        yield Problem("credentialStatus", "wrong_type")
    if not all(isinstance(proof, dict) for proof in as_list(document.get("proof"))):
        yield Problem("proof", "wrong_type")


def _badge(document: dict[str, Any]) -> Iterator[Problem]:
    if "id" not in document:
        yield Problem("id", "missing")
    first = as_list(document.get("@context"))[:1]
    start = "issuanceDate" if first == [CONTEXTS_V1] else "validFrom"
    if start not in document:
        yield Problem(start, "missing")
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        yield from _typed(issuer, "Profile", "issuer.")
    holder = subject(document)
    if holder is None:
        if "credentialSubject" in document:
            yield Problem("credentialSubject", "wrong_type")
        return
    if not _is_text(holder.get("id")) and not as_list(holder.get("identifier")):
        yield Problem("credentialSubject.id", "missing")
    yield from _objects(holder, "identifier", "credentialSubject.")
    for identity in as_list(holder.get("identifier")):
        if isinstance(identity, dict) and not _is_text(identity.get("identityHash")):
            yield Problem("credentialSubject.identifier.identityHash", "wrong_type")
    yield from _objects(document, "evidence", "")
    achievement = holder.get("achievement")
    if not isinstance(achievement, dict):
        kind: Kind = "missing" if achievement is None else "wrong_type"
        yield Problem("credentialSubject.achievement", kind)
        return
    yield from _achievement(achievement, "credentialSubject.achievement.")


def _achievement(achievement: dict[str, Any], path: str) -> Iterator[Problem]:
    if not _is_address(achievement.get("id")):
        yield Problem(f"{path}id", "not_an_address" if "id" in achievement else "missing")
    yield from _typed(achievement, "Achievement", path)
    for member in ("name", "description"):
        if not _is_sentence(achievement.get(member)):
            yield Problem(f"{path}{member}", "wrong_type" if member in achievement else "missing")
    criteria = achievement.get("criteria")
    if not isinstance(criteria, dict):
        yield Problem(f"{path}criteria", "missing" if criteria is None else "wrong_type")
    elif not _is_text(criteria.get("id")) and not _is_sentence(criteria.get("narrative")):
        yield Problem(f"{path}criteria.narrative", "missing")
    yield from _objects(achievement, "alignment", path)
    for alignment in as_list(achievement.get("alignment")):
        if isinstance(alignment, dict):
            for member in ("targetName", "targetUrl"):
                if not _is_sentence(alignment.get(member)):
                    yield Problem(f"{path}alignment.{member}", "missing")


def _typed(owner: dict[str, Any], kind: str, path: str) -> Iterator[Problem]:
    kinds = as_list(owner.get("type"))
    if not kinds:
        yield Problem(f"{path}type", "missing")
    elif not all(_is_text(found) for found in kinds):
        yield Problem(f"{path}type", "wrong_type")
    elif kind not in kinds:
        yield Problem(f"{path}type", "missing")


def _objects(owner: dict[str, Any], member: str, path: str) -> Iterator[Problem]:
    if not all(isinstance(found, dict) for found in as_list(owner.get(member))):
        yield Problem(f"{path}{member}", "wrong_type")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_sentence(value: object) -> bool:
    """Text, plain or with its language, once or in several languages."""
    return _is_text(value) or (
        bool(value)
        and all(
            _is_text(part.get("@value") if isinstance(part, dict) else part)
            for part in as_list(value)
        )
    )


def _is_address(value: object) -> bool:
    return isinstance(value, str) and ":" in value and not value.startswith((":", "_:"))
