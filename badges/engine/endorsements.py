"""Who else stands behind it: the endorsements that a badge carries (Open Badges 3.0, 4.3.4).

An endorsement is a credential of its own, about the badge, its class or its issuer. One that its
own text disproves, or that speaks of something else, makes the badge suspect: its issuer signed
that in. One that is over, withdrawn, out of reach, or that no longer fits what its author publishes
today says nothing, and takes nothing from the badge: an endorser who changes keys or loses their
site must not undo what others hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import reading, shape
from .dates import parse_moment
from .dids import Fetch, Resolver
from .documents import parse_json
from .errors import EngineError, MalformedError, UnsupportedError
from .reading import Found
from .report import Check
from .statuses import check_status
from .trust import Trust

#: Looked at in one badge: each may cost a signature, a controller and a status list.
MAX_ENDORSEMENTS = 8
#: What an endorsement may lack without anybody having lied: time went by, or a word was taken back.
_HARMLESS = frozenset({"expired", "not_yet_valid", "proof_expired", "revoked", "suspended"})
#: What its text alone disproves, although it is looked at only once the key was fetched.
_BY_ITSELF = frozenset({"proof_chain", "proof_context", "claim_mismatch", "token_invalid"})


@dataclass(frozen=True)
class Endorsement:
    """A genuine endorsement: the document, who signed it (an id and the name they give), what they
    say of it, from when until when."""

    document: dict[str, Any]
    issuer: str
    name: str
    comment: str
    valid_from: datetime | None
    valid_until: datetime | None


def read_endorsement(text: str, about: str, *, fetch: Fetch | None, now: datetime) -> Endorsement:
    """An endorsement that somebody hands in, to be carried by what has the id ``about``.

    Stricter than the step of a badge: whatever is not proven here and now is not taken.

    Raises:
        EngineError: it cannot be read, misses what the standard asks, is about something else, is
            forged, over, or could not be checked; `params["reason"]` says which step's code.
    """
    document = parse_json(text)
    problems = shape.find_problems(document)
    for member in ("id", "name", "validFrom"):
        if member not in document:
            problems.append(shape.Problem(member, "missing"))
    if problems:
        raise MalformedError(
            "shape", "it is not what the standard asks", {"path": problems[0].path[:100]}
        )
    name = _check(frozenset({about}), document, Resolver(fetch), now)
    subject = shape.subject(document) or {}
    comment = subject.get("endorsementComment")
    return Endorsement(
        document,
        issuer=shape.issuer_id(document) or "",
        name=name,
        comment=comment if isinstance(comment, str) else "",
        valid_from=_moment(document.get("validFrom")),
        valid_until=_moment(document.get("validUntil")),
    )


def _moment(written: object) -> datetime | None:
    return None if written is None else parse_moment(written)


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
            names.append(_check(about, written, trust.resolver, trust.now))
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


def _check(about: frozenset[str], written: object, resolver: Resolver, now: datetime) -> str:
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
    inner = Trust(resolver, now, found)
    inner.run_trust()
    inner.run("status", lambda: check_status(inner))
    checks = list(inner.checks.values())
    failed = [check for check in checks if check.outcome == "failed"]
    for check in failed:
        if _is_disproved(check, inner):
            raise MalformedError(
                "endorsement_wrong",
                "an endorsement is forged or broken",
                {"step": check.name, "reason": check.code},
            )
    for check in checks:
        if check in failed or (check.outcome == "unknown" and check.name != "contexts"):
            raise UnsupportedError(
                "endorsement_unsure",
                "an endorsement no longer holds, or could not be checked",
                {"step": check.name, "reason": check.code},
            )
    issuer = document.get("issuer")
    name = issuer.get("name") if isinstance(issuer, dict) else None
    return str(name or inner.issuer)[:120]


def _is_disproved(check: Check, inner: Trust) -> bool:
    """Whether the endorsement's own text is at fault, whatever its author publishes today.

    What was fetched may have been right when the badge was signed: a failure counts against the
    badge only if it is there without the network too.
    """
    if check.code in _HARMLESS:
        return False
    if check.code in _BY_ITSELF:
        return True
    if check.code == "issuer_mismatch":
        # The proof names a key of somebody else; what a fetched key says of itself may change.
        methods = [finding.method for finding in inner.findings]
        return not any(method and method.controller == inner.issuer for method in methods)
    alone = Trust(Resolver(None), inner.now, inner.found)
    alone.run_trust()
    alone.run("status", lambda: check_status(alone))
    again = alone.checks[check.name]
    return again.outcome == "failed" and again.code not in _HARMLESS
