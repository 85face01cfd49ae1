"""Endorsements of Open Badges 2.0: what others publish about a badge, its class or its issuer.

Hosted ones are checked like a hosted badge: published at their address by somebody who may publish
there, and about the very thing they are attached to. Signed ones are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .badge2_objects import Objects
from .badge2_scope import embedded, first_difference, in_scope
from .badge2_shape import identifier, read_assertion, read_date
from .errors import EngineError, FetchGone, MalformedError, UnsupportedError
from .shape import as_list

#: Each costs two addresses.
MAX_ENDORSEMENTS = 4


def check(
    owners: Sequence[dict[str, Any]], objects: Objects, now: datetime
) -> tuple[list[str], int]:
    """Who endorses these objects, and how many endorsements there are.

    Raises:
        MalformedError: one is forged, or about something else.
        UnsupportedError: one could not be checked, is over or withdrawn; or there are too many.
    """
    found = [
        (str(owner.get("id")), written)
        for owner in owners
        for written in as_list(owner.get("endorsement"))
    ]
    if len(found) > MAX_ENDORSEMENTS:
        raise UnsupportedError("too_many_endorsements", "the badge has too many endorsements")
    names: list[str] = []
    unknown: EngineError | None = None
    for about, written in found:
        try:
            names.append(_check(about, written, objects, now))
        except MalformedError:
            raise
        except EngineError as error:
            unknown = unknown or error
    if unknown is not None:
        raise unknown
    return names, len(found)


def _check(about: str, written: object, objects: Objects, now: datetime) -> str:
    """The endorser's name, once the endorsement holds."""
    address = identifier(written)
    if address is None:
        raise MalformedError("endorsement_invalid", "an endorsement has no address")
    try:
        published = objects.fetch(address)
    except FetchGone as gone:
        raise _unsure("status", "revoked") from gone
    given = embedded(written)
    if given is not None and first_difference(given, published) is not None:
        raise MalformedError(
            "endorsement_wrong",
            "an endorsement is not what its author publishes",
            {"step": "proof", "reason": "hosted_differs"},
        )
    if published.get("revoked") is True:
        raise _unsure("status", "revoked")
    if published.get("id") != address or "Endorsement" not in as_list(published.get("type")):
        raise MalformedError("endorsement_invalid", "no endorsement is found there")
    if identifier(published.get("claim")) != about:
        raise MalformedError("endorsement_elsewhere", "an endorsement is about something else")
    if read_assertion(published).kind != "HostedBadge":
        raise _unsure("proof", "suite_unsupported")
    profile = objects.profile(published)
    if not in_scope(address, profile["id"], profile):
        raise MalformedError(
            "endorsement_wrong",
            "an endorsement is not its author's",
            {"step": "issuer", "reason": "hosted_out_of_scope"},
        )
    if published.get("expires") is not None and read_date(published["expires"]) < now:
        raise _unsure("dates", "expired")
    return str(profile.get("name") or profile["id"])[:120]


def _unsure(step: str, reason: str) -> UnsupportedError:
    return UnsupportedError(
        "endorsement_unsure",
        "an endorsement no longer holds, or could not be checked",
        {"step": step, "reason": reason},
    )
