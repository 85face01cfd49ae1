"""Verifying whatever is put on the table: named steps, an outcome each, and never an exception.

The steps and the rule for the whole are those of `report`. A step that could not be done is
`unknown` and says why; one that was done and found wrong is `failed`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import badge2, datamodel, reading, shape
from .dids import Fetch, Resolver
from .endorsements import check_endorsements
from .errors import MalformedError, UnsupportedError
from .recipients import compare
from .refreshing import check_refresh
from .report import STEPS, Check, Report, Step, overall
from .statuses import check_status
from .steps import Steps
from .trust import Trust


def verify(
    source: bytes | str | dict[str, Any],
    *,
    fetch: Fetch | None,
    now: datetime,
    recipient: str | None = None,
) -> Report:
    """Verify a credential, whoever issued it and whatever it came in. Never raises.

    Args:
        source: a file's bytes (JSON, token, PNG, SVG, PDF), a text, or a parsed document.
        fetch: finds controller documents and status lists; None works offline.
        now: the moment to judge dates by, with a time zone.
        recipient: an e-mail address (or a DID) to compare with the badge's holder, if one is
            claimed.
    """
    resolver = Resolver(fetch)
    steps = Steps(resolver, now)
    given: list[reading.Found] = []

    def read() -> None:
        found = reading.read(source, resolver.fetch)
        steps.note("read", "passed", "read", "a credential was found", {"form": found.form})
        given.append(found)

    steps.run("read", read)
    checks = dict(steps.checks)
    found = given[0] if given else None
    linked: dict[str, Any] = {}
    if found is not None:
        if found.family == "2.0":
            checks |= badge2.verify(resolver, now, found, recipient)
            linked |= badge2.find_linked(resolver, found)
        else:
            checks |= _verify_3(resolver, now, found, recipient)
    ordered = tuple(checks.get(step) or _not_reached(step) for step in STEPS)
    document = found.document if found else None
    form = found.form if found else None
    return Report(overall(ordered), ordered, document, form, linked)


def _not_reached(step: Step) -> Check:
    return Check(step, "unknown", "not_reached", "not checked: nothing readable was found")


def _verify_3(
    resolver: Resolver, now: datetime, found: reading.Found, recipient: str | None
) -> dict[str, Check]:
    """Every step after `read`, of an Open Badge 3.0 or any other W3C credential."""
    trust = Trust(resolver, now, found)
    trust.run("shape", lambda: _check_shape(trust))
    trust.run_trust()
    trust.run("status", lambda: check_status(trust))
    trust.run("recipient", lambda: _check_recipient(trust, recipient))
    trust.run("refresh", lambda: check_refresh(trust))
    trust.run("endorsements", lambda: check_endorsements(trust))
    return trust.checks


def _check_shape(trust: Trust) -> None:
    """The standard's mandatory members."""
    problems = [
        *shape.find_problems(trust.document),
        *datamodel.find_problems(trust.document),
    ]
    if problems:
        first = problems[0]
        trust.note(
            "shape",
            "failed",
            f"shape_{first.kind}",
            f"the badge is not well-formed: {first.path} ({first.kind})",
            {
                "path": first.path,
                "count": len(problems),
                "paths": ", ".join(problem.path for problem in problems[:10]),
            },
        )
    elif not shape.is_badge(trust.document):
        trust.note("shape", "unknown", "shape_not_badge", "a credential, but not an Open Badge")
    else:
        trust.note("shape", "passed", "shape", "an Open Badge 3.0")


def _check_recipient(trust: Trust, recipient: str | None) -> None:
    """It was given to the person who claims it: by e-mail address, or by their DID."""
    if recipient is None:
        trust.note("recipient", "not_applicable", "recipient_unclaimed", "nobody was named")
        return
    holder = shape.subject(trust.document) or {}
    if recipient.startswith("did:"):
        if holder.get("id") != recipient:
            raise MalformedError("recipient_mismatch", "it was given to somebody else")
        trust.note("recipient", "passed", "recipient", "it was given to this person")
        return
    found = compare(trust.document, [recipient])
    if found == "unnamed":
        raise UnsupportedError("recipient_unnamed", "the badge names no e-mail address")
    if found == "other":
        raise MalformedError("recipient_mismatch", "it was given to somebody else")
    trust.note("recipient", "passed", "recipient", "it was given to this person")
