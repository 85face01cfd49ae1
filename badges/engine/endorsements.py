"""Who else stands behind it: the endorsements that a badge carries (Open Badges 3.0, 4.3.4).

An endorsement is a credential of its own, about the badge, its class or its issuer. One that is
forged or speaks of something else makes the badge suspect; one that is over, withdrawn or out of
reach says nothing, and takes nothing from the badge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import reading, shape
from .errors import EngineError, MalformedError, UnsupportedError
from .reading import Found
from .statuses import check_status
from .trust import Trust

#: Looked at in one badge: each may cost a signature, a controller and a status list.
MAX_ENDORSEMENTS = 8
#: What an endorsement may lack without anybody having lied.
_HARMLESS = frozenset({"expired", "not_yet_valid", "revoked", "suspended", "key_expired"})


def check_endorsements(trust: Trust) -> None:
    """The step `endorsements` of a badge. Raises EngineError like any step."""
    found = list(_find(trust.document))
    if not found:
        trust.note("endorsements", "not_applicable", "endorsements_none", "nobody endorses it")
        return
    if len(found) > MAX_ENDORSEMENTS:
        raise UnsupportedError("too_many_endorsements", "the badge has too many endorsements")
    unknown: EngineError | None = None
    names: list[str] = []
    for about, written in found:
        try:
            names.append(_check(about, written, trust))
        except MalformedError:
            raise
        except EngineError as error:
            unknown = unknown or error
    if unknown is not None:
        raise unknown
    trust.note(
        "endorsements",
        "passed",
        "endorsements",
        "every endorsement is genuine",
        {"count": len(found), "names": ", ".join(names)[:300]},
    )


def _find(document: dict[str, Any]) -> Iterator[tuple[frozenset[str], object]]:
    """Each endorsement, with the ids it may speak of: what it is attached to, and on the badge
    itself also its class and its issuer."""
    holder = shape.subject(document) or {}
    achievement = holder.get("achievement")
    parts = [part for part in (achievement, document.get("issuer")) if isinstance(part, dict)]
    for owner, about in ((document, [document, *parts]), *((part, [part]) for part in parts)):
        ids = frozenset(str(part["id"]) for part in about if "id" in part)
        for member in ("endorsement", "endorsementJwt"):
            for written in shape.as_list(owner.get(member)):
                yield ids, written


def _check(about: frozenset[str], written: object, trust: Trust) -> str:
    """The endorser's name, once the endorsement holds."""
    if isinstance(written, str):
        found = reading.read_token(written)
    elif isinstance(written, dict):
        found = Found("json", "3.0", written)
    else:
        raise MalformedError("endorsement_invalid", "an endorsement is not a credential")
    document = found.document
    if "EndorsementCredential" not in shape.as_list(document.get("type")):
        raise MalformedError("endorsement_invalid", "an endorsement is not a credential")
    subject = shape.subject(document) or {}
    if subject.get("id") not in about:
        raise MalformedError("endorsement_elsewhere", "an endorsement is about something else")
    inner = Trust(trust.resolver, trust.now, found)
    inner.run_trust()
    inner.run("status", lambda: check_status(inner))
    for check in inner.checks.values():
        if check.outcome == "failed" and check.code not in _HARMLESS:
            raise MalformedError(
                "endorsement_wrong",
                "an endorsement is forged or broken",
                {"step": check.name, "reason": check.code},
            )
        if check.outcome in ("failed", "unknown") and check.name != "contexts":
            raise UnsupportedError(
                "endorsement_unsure",
                "an endorsement no longer holds, or could not be checked",
                {"step": check.name, "reason": check.code},
            )
    issuer = document.get("issuer")
    name = issuer.get("name") if isinstance(issuer, dict) else None
    return str(name or inner.issuer)[:120]
