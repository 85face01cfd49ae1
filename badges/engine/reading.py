"""Finding the badge in whatever was given: a file, a text, a token, a parsed document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from . import jose, shape, vcjwt
from .baking import Extracted, Form, extract
from .dids import Fetch, is_web_address
from .documents import check_tree, parse_json
from .errors import FetchGone, MalformedError, UnsupportedError

Family = Literal["3.0", "2.0"]

#: A credential in an envelope (VC Data Model 2.0, 4.13): media type, then the token.
_ENVELOPE = "data:application/vc+jwt,"


@dataclass(frozen=True)
class Found:
    """A badge, read and not yet verified."""

    form: Form
    family: Family
    document: dict[str, Any]
    #: The token it was signed in, when it was signed as one, and that token's whole payload.
    token: jose.Token | None = None
    payload: dict[str, Any] | None = None


def read(source: object, fetch: Fetch | None = None) -> Found:
    """What was given, as a badge of one family or the other.

    Old pictures carry the badge's address instead of the badge (Open Badges 1.0 and 2.0, baking):
    it is fetched with `fetch`.

    Raises:
        MalformedError: nothing that can be read.
        UnsupportedError: something that is not opened here.
        FetchRefused, FetchFailed: as `fetch` says.
    """
    if isinstance(source, dict):
        return _from_document("json", check_tree(source))
    if not isinstance(source, bytes | str):
        raise MalformedError("not_json", "this is neither a file nor a text")
    extracted = extract(source if isinstance(source, bytes) else _encode(source))
    if fetch is not None and _is_address(extracted.text):
        extracted = _fetch(extracted, fetch)
    if extracted.is_token:
        return _from_token(extracted.form, extracted.text)
    return _from_document(extracted.form, parse_json(extracted.text))


def read_token(text: str, form: Form = "jwt") -> Found:
    """A badge signed as a token.

    Raises: as `read`.
    """
    return _from_token(form, text)


def _from_token(form: Form, text: str) -> Found:
    token = jose.read_token(text)
    payload = parse_json(token.payload)
    if is_badge_2(payload):
        return Found(form, "2.0", payload, token, payload)
    return Found(form, "3.0", vcjwt.open_payload(payload), token, payload)


def _from_document(form: Form, document: dict[str, Any]) -> Found:
    kinds = shape.as_list(document.get("type"))
    if "EnvelopedVerifiableCredential" in kinds:
        address = document.get("id")
        if isinstance(address, str) and address.startswith(_ENVELOPE):
            return _from_token(form, unquote(address.removeprefix(_ENVELOPE)))
    if "VerifiablePresentation" in kinds or "EnvelopedVerifiableCredential" in kinds:
        raise UnsupportedError(
            "wrapped_unsupported", "the badge is wrapped in something that is not opened here"
        )
    return Found(form, "2.0" if is_badge_2(document) else "3.0", document)


def is_badge_2(document: dict[str, Any]) -> bool:
    """Whether it says it is an Open Badge 2.0 (or older, which had no `type`)."""
    if shape.is_badge(document):
        return False
    kinds = shape.as_list(document.get("type"))
    context = shape.as_list(document.get("@context"))
    if not context and "credentialSubject" not in document:
        return "badge" in document or "Assertion" in kinds
    return "Assertion" in kinds or any(
        isinstance(part, str) and part.startswith("https://w3id.org/openbadges/v")
        for part in context
    )


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and is_web_address(text) and " " not in text


def _fetch(named: Extracted, fetch: Fetch) -> Extracted:
    """What stands at an address that was given in the place of a badge; `form` stays."""
    try:
        found = extract(fetch(named.text))
    except FetchGone as gone:
        # What a withdrawn badge leaves behind says so, if it says anything.
        try:
            parse_json(gone.body)
        except MalformedError:
            raise gone from None
        found = extract(gone.body)
    return Extracted(named.form, found.text, found.is_token)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MalformedError("lone_surrogate", "a text holds half a character") from None
