"""Is there a newer copy at the issuer's? The step `refresh` (1EdTech Credential Refresh 1.0).

What is found there is not put in the place of what was given: it is said that it exists.
"""

from __future__ import annotations

from . import reading, shape
from .dates import parse_moment
from .errors import MalformedError, UnsupportedError
from .statuses import check_status
from .trust import Trust

REFRESH_TYPE = "1EdTechCredentialRefresh"


def check_refresh(trust: Trust) -> None:
    """The step `refresh` of a badge. Raises UnsupportedError: it never makes a badge invalid."""
    services = shape.as_list(trust.document.get("refreshService"))
    if not services:
        trust.note("refresh", "not_applicable", "refresh_none", "it is not renewed anywhere")
        return
    service = services[0]
    kinds = shape.as_list(service.get("type")) if isinstance(service, dict) else []
    address = service.get("id") if isinstance(service, dict) else None
    if REFRESH_TYPE not in kinds or not isinstance(address, str):
        raise UnsupportedError("refresh_unsupported", "this kind of renewal is not followed")
    params: dict[str, str | int] = {"address": address[:300]}
    if not address.startswith(("https://", "http://")):
        raise UnsupportedError("refresh_unsupported", "this kind of renewal is not followed")
    try:
        newer = reading.read(trust.resolver.fetch(address))
    except MalformedError as error:
        raise UnsupportedError("refresh_unreadable", "nothing readable is there", params) from error
    if newer.document.get("id") != trust.document.get("id"):
        raise UnsupportedError("refresh_elsewhere", "another badge is found there", params)
    inner = Trust(trust.resolver, trust.now, newer)
    inner.run_trust()
    inner.run("status", lambda: check_status(inner))
    if inner.issuer != trust.issuer or any(
        check.outcome in ("failed", "unknown") and check.name != "contexts"
        for check in inner.checks.values()
    ):
        raise UnsupportedError("refresh_untrusted", "the copy found there does not hold", params)
    if _begins(newer) > _begins(trust.found):
        trust.note("refresh", "passed", "refresh_newer", "the issuer has a newer copy", params)
    else:
        trust.note("refresh", "passed", "refresh_same", "the issuer has no newer copy", params)


def _begins(found: reading.Found) -> float:
    written = found.document.get("validFrom", found.document.get("issuanceDate"))
    return parse_moment(written).timestamp()
