"""What the W3C data model forbids: the MUSTs of Verifiable Credentials Data Model 2.0, checked.

`shape` asks for what a badge cannot be read without; this asks for what makes a document conform
(sections 4.3 to 4.11, 4.13, 5.3 to 5.6, 5.10). Documents of other versions of the model are not its
business. That every term is defined is the work of `canonical`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .dates import parse_moment
from .errors import MalformedError
from .shape import CONTEXTS_V1, CONTEXTS_V2, Problem, as_list

#: Members whose values are objects with a type, and whether those need an id too.
_TYPED = {
    "credentialStatus": False,
    "credentialSchema": True,
    "termsOfUse": False,
    "evidence": False,
    "refreshService": False,
    "confidenceMethod": False,
    "renderMethod": False,
}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f]+")
_ZONED = re.compile(r".*(Z|[+-]\d\d:\d\d)", re.ASCII)
_DIRECTIONS = ("ltr", "rtl", None)


def find_problems(document: dict[str, Any], *, issuing: bool = False) -> list[Problem]:
    """Where a document of the model's version 2 does not conform, and how; otherwise nothing.

    `issuing`: what a verifier must forgive is refused too (a date without its offset, read as
    UTC: section 4.9.1), and so is a proof, for it is not this issuer's.
    """
    if as_list(document.get("@context"))[:1] != [CONTEXTS_V2]:
        return []
    problems = [*_whole(document), *_dates(document, issuing)]
    if issuing and "proof" in document:
        problems.append(Problem("proof", "wrong_type"))
    return problems


def find_presentation_problems(document: dict[str, Any]) -> list[Problem]:
    """Where a presentation itself does not conform (section 4.13), and how; nothing of the
    credentials inside, which are judged one by one."""
    return [*_presentation(document)]


def _presentation(document: dict[str, Any]) -> Iterator[Problem]:
    contexts, kinds = document.get("@context"), as_list(document.get("type"))
    if not isinstance(contexts, list) or not contexts:
        yield Problem("@context", "wrong_type" if contexts else "missing")
    elif contexts[0] not in (CONTEXTS_V2, CONTEXTS_V1):
        yield Problem("@context", "not_first")
    elif not all(isinstance(part, str | dict) for part in contexts):
        yield Problem("@context", "wrong_type")
    if not all(isinstance(kind, str) for kind in kinds):
        yield Problem("type", "wrong_type")
    elif "VerifiablePresentation" not in kinds:
        yield Problem("type", "missing")
    yield from _identified(document, "")
    holder = document.get("holder")
    if isinstance(holder, dict):
        if not _is_url(holder.get("id")):
            yield Problem("holder.id", "not_an_address" if "id" in holder else "missing")
    elif "holder" in document and not _is_url(holder):
        yield Problem("holder", "not_an_address")
    for place, one in enumerate(as_list(document.get("verifiableCredential"))):
        if not isinstance(one, dict) or not one:
            yield Problem(f"verifiableCredential[{place}]", "wrong_type")


def _whole(document: dict[str, Any]) -> Iterator[Problem]:
    if not all(isinstance(part, str | dict) for part in as_list(document.get("@context"))):
        yield Problem("@context", "wrong_type")
    yield from _identified(document, "")
    yield from _subjects(document)
    issuer = document.get("issuer")
    if isinstance(issuer, str) and not _is_url(issuer):
        yield Problem("issuer", "not_an_address")
    if isinstance(issuer, dict):
        yield from _identified(issuer, "issuer.")
        yield from _named(issuer, "issuer.")
    yield from _named(document, "")
    for member, needs_id in _TYPED.items():
        yield from _objects(document, member, needs_id)
    yield from _resources(document)


def _identified(owner: dict[str, Any], path: str) -> Iterator[Problem]:
    """An id, if there is one, is one URL (section 4.4)."""
    if "id" in owner and not _is_url(owner["id"]):
        yield Problem(f"{path}id", "not_an_address")


def _subjects(document: dict[str, Any]) -> Iterator[Problem]:
    """One or more objects that each say something (section 4.8)."""
    found = document.get("credentialSubject")
    if found is None:
        return  # `shape` says that it is missing
    for one in as_list(found):
        if not isinstance(one, dict) or not one:
            yield Problem("credentialSubject", "wrong_type")
        else:
            yield from _identified(one, "credentialSubject.")


def _named(owner: dict[str, Any], path: str) -> Iterator[Problem]:
    """Names and descriptions are texts, or texts with their language (sections 4.6, 11.1)."""
    for member in ("name", "description"):
        if member in owner:
            values = owner[member] if isinstance(owner[member], list) else [owner[member]]
            if not values or not all(isinstance(v, str) or _is_language_value(v) for v in values):
                yield Problem(f"{path}{member}", "wrong_type")


def _is_language_value(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("@value"), str)
        and value.keys() <= {"@value", "@language", "@direction"}
        and isinstance(value.get("@language", ""), str)
        and value.get("@direction") in _DIRECTIONS
    )


def _objects(document: dict[str, Any], member: str, needs_id: bool) -> Iterator[Problem]:
    """Each value is an object that says its type (section 4.5)."""
    if member not in document:
        return
    found = document[member]
    for value in found if isinstance(found, list) else [found]:
        if not isinstance(value, dict):
            yield Problem(member, "wrong_type")
            continue
        kinds = as_list(value.get("type"))
        if not kinds:
            yield Problem(f"{member}.type", "missing")
        elif not all(isinstance(kind, str) and kind for kind in kinds):
            yield Problem(f"{member}.type", "wrong_type")
        if needs_id and "id" not in value:
            yield Problem(f"{member}.id", "missing")
        yield from _identified(value, f"{member}.")


def _resources(document: dict[str, Any]) -> Iterator[Problem]:
    """Each related resource is named once, with a digest (section 5.3)."""
    if "relatedResource" not in document:
        return
    found = document["relatedResource"]
    seen: set[str] = set()
    for value in found if isinstance(found, list) else [found]:
        if not isinstance(value, dict):
            yield Problem("relatedResource", "wrong_type")
            continue
        name = value.get("id")
        if name is None:
            yield Problem("relatedResource.id", "missing")
        elif not _is_url(name):
            yield Problem("relatedResource.id", "not_an_address")
        elif name in seen:
            yield Problem("relatedResource.id", "repeated")
        else:
            seen.add(name)
        digests = [value[kind] for kind in ("digestSRI", "digestMultibase") if kind in value]
        if not digests:
            yield Problem("relatedResource.digestSRI", "missing")
        elif not all(isinstance(one, str) and one for digest in digests for one in as_list(digest)):
            yield Problem("relatedResource.digestSRI", "wrong_type")


def _dates(document: dict[str, Any], issuing: bool) -> Iterator[Problem]:
    """Moments, the first not after the last (section 4.9)."""
    moments = {}
    for member in ("validFrom", "validUntil"):
        if member not in document:
            continue
        try:
            moments[member] = parse_moment(document[member])
        except MalformedError:
            yield Problem(member, "wrong_type")
            continue
        if issuing and not _ZONED.fullmatch(document[member]):
            yield Problem(member, "wrong_type")
    if len(moments) == 2 and moments["validFrom"] > moments["validUntil"]:
        yield Problem("validUntil", "too_early")


def _is_url(value: object) -> bool:
    return isinstance(value, str) and _URL.fullmatch(value) is not None
