"""Endorsements of Open Badges 2.0: what others publish about a badge, its class or its issuer.

Hosted ones are checked like a hosted badge: published at their address by somebody who may publish
there, and about the very thing they are attached to. Signed ones are not.

What is written out in the badge and belies itself makes the badge suspect: its issuer put it there.
Whatever the endorser publishes today (nothing, something else, a narrower profile) says nothing,
and takes nothing from the badge: they must not undo what others hold (as `endorsements`, for 3.0).
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
        MalformedError: one as written out in the badge is none, or about something else.
        UnsupportedError: one could not be checked, is over, withdrawn or no longer published as it
            was; or there are too many.
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
    given = embedded(written)
    if given is not None:
        _check_given(about, given)
    try:
        published = objects.fetch(address)
    except FetchGone as gone:
        raise _unsure("status", "revoked") from gone
    try:
        return _check_published(about, given, address, published, objects, now)
    except MalformedError as error:
        raise _unsure("issuer", error.code) from error


def _check_given(about: str, given: dict[str, Any]) -> None:
    """What is written out in the badge; it may leave out what is published, but not belie itself.

    Raises:
        MalformedError: it is no endorsement, is about something else, or ends at no date.
    """
    if "type" in given and "Endorsement" not in as_list(given["type"]):
        raise MalformedError("endorsement_invalid", "an endorsement is not one")
    if identifier(given.get("claim")) not in (about, None):
        raise MalformedError("endorsement_elsewhere", "an endorsement is about something else")
    if given.get("expires") is not None:
        try:
            read_date(given["expires"])
        except MalformedError as error:
            raise MalformedError(
                "endorsement_wrong",
                "an endorsement is broken",
                {"step": "dates", "reason": error.code},
            ) from error


def _check_published(
    about: str,
    given: dict[str, Any] | None,
    address: str,
    published: dict[str, Any],
    objects: Objects,
    now: datetime,
) -> str:
    """The endorser's name, once what they publish today says the same.

    Raises:
        UnsupportedError: it does not, any more.
        MalformedError: as `Objects.profile`, of what the endorser publishes.
    """
    if published.get("revoked") is True:
        raise _unsure("status", "revoked")
    if published.get("id") != address or "Endorsement" not in as_list(published.get("type")):
        raise _unsure("proof", "endorsement_invalid")
    if identifier(published.get("claim")) != about:
        raise _unsure("proof", "endorsement_elsewhere")
    if given is not None and first_difference(given, published) is not None:
        raise _unsure("proof", "hosted_differs")
    if read_assertion(published).kind != "HostedBadge":
        raise _unsure("proof", "suite_unsupported")
    profile = objects.profile(published)
    if not in_scope(address, profile["id"], profile):
        raise _unsure("issuer", "hosted_out_of_scope")
    if published.get("expires") is not None:
        try:
            is_over = read_date(published["expires"]) < now
        except MalformedError as error:
            raise _unsure("dates", error.code) from error
        if is_over:
            raise _unsure("dates", "expired")
    return str(profile.get("name") or profile["id"])[:120]


def _unsure(step: str, reason: str) -> UnsupportedError:
    return UnsupportedError(
        "endorsement_unsure",
        "an endorsement no longer holds, or could not be checked",
        {"step": step, "reason": reason},
    )
