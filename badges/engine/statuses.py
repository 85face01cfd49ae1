"""Neither revoked nor suspended, as the issuer's status lists say today."""

from __future__ import annotations

from typing import Any

from . import jose, reading, shape, status
from .dids import is_web_address
from .documents import parse_json
from .errors import EngineError, MalformedError, UnsupportedError
from .trust import Trust

MAX_STATUS_ENTRIES = 8


def check_status(trust: Trust) -> None:
    """The step `status` of a credential. Raises EngineError like any step."""
    entries = shape.as_list(trust.document.get("credentialStatus"))
    if not entries:
        trust.note("status", "not_applicable", "status_none", "it cannot be revoked")
        return
    if len(entries) > MAX_STATUS_ENTRIES:
        raise UnsupportedError("too_many_statuses", "the badge has too many statuses")
    unknown: EngineError | None = None
    for written in entries:
        try:
            _check_entry(status.parse_entry(written), trust)
        except MalformedError:
            raise
        except EngineError as error:
            unknown = unknown or error
    if unknown is not None:
        raise unknown
    trust.note("status", "passed", "status", "neither revoked nor suspended")


def _check_entry(entry: status.Entry, trust: Trust) -> None:
    """Raises MalformedError when the bit is set, another EngineError when it cannot be read."""
    params: dict[str, str | int] = {"list": entry.list_url[:300], "index": entry.index}
    if not is_web_address(entry.list_url):
        raise UnsupportedError("status_address", "the status list has no web address", params)
    raw = trust.resolver.fetch(entry.list_url)
    try:
        listing = _read_list(raw)
        _trust_list(listing, trust, params)
        is_set = status.read_bit(status.read_list(listing.document, entry), entry.index)
    except MalformedError as error:
        # A bad list says nothing about this badge, for or against.
        raise UnsupportedError(error.code, error.message, {**error.params, **params}) from error
    if is_set and entry.purpose == "revocation":
        raise MalformedError("revoked", "the issuer has revoked it", params)
    if is_set and entry.purpose == "suspension":
        raise MalformedError("suspended", "the issuer has suspended it", params)


def _read_list(raw: bytes) -> reading.Found:
    text = raw.strip()
    if jose.looks_like_token(text.decode("latin-1")):
        return reading.read_token(text.decode("ascii"))
    return reading.Found("json", "3.0", parse_json(raw))


def _trust_list(listing: reading.Found, trust: Trust, params: dict[str, str | int]) -> None:
    document: dict[str, Any] = listing.document
    if shape.issuer_id(document) != trust.issuer:
        raise MalformedError("status_list_issuer", "the status list is somebody else's", params)
    if document.get("id", params["list"]) != params["list"]:
        raise MalformedError("status_list_id", "the status list is another one", params)
    inner = Trust(trust.resolver, trust.now, listing)
    inner.run_trust()
    for check in inner.checks.values():
        if check.outcome != "passed" and not (check.name == "contexts" and listing.token):
            raise MalformedError(
                "status_list_untrusted",
                "the status list cannot be trusted",
                {**params, "step": check.name, "reason": check.code},
            )
