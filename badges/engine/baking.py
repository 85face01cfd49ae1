"""Putting a credential into a picture, and finding it in whatever file somebody brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import pdf, png, svg
from .documents import MAX_TEXT_BYTES
from .errors import MalformedError
from .jose import looks_like_token

Form = Literal["json", "jwt", "png", "svg", "pdf"]

#: The largest file looked into: a certificate with pictures stays far below.
MAX_FILE_BYTES = 8 * 1024 * 1024
KEYWORD = "openbadgecredential"
KEYWORD_2 = "openbadges"


@dataclass(frozen=True)
class Extracted:
    """What a file held: `form` of the file, the credential's `text`, and whether it is a token."""

    form: Form
    text: str
    is_token: bool


def bake(picture: bytes, credential: str) -> bytes:
    """The picture (PNG or SVG) with the credential inside, replacing one that was there.

    `credential` is the signed credential's JSON text (or a token). Nothing else changes.

    Raises:
        MalformedError: neither PNG nor SVG (`picture_unsupported`), or a damaged file.
    """
    if picture.startswith(png.SIGNATURE):
        return png.write_text(picture, KEYWORD, credential)
    if _looks_like_xml(picture):
        return svg.write_text(picture, credential)
    raise MalformedError("picture_unsupported", "the picture is neither PNG nor SVG")


def bake_2(picture: bytes, assertion: str, *, address: str = "") -> bytes:
    """The picture (PNG or SVG) with an Open Badges 2.0 assertion inside.

    `assertion` is the token of a signed one, or the JSON text of a hosted one, whose `address` is
    given too: an SVG states it beside the text (Open Badges 2.0, Baking, 2.2).

    Raises: as `bake`.
    """
    if picture.startswith(png.SIGNATURE):
        return png.write_text(picture, KEYWORD_2, assertion)
    if _looks_like_xml(picture):
        return svg.write_assertion(picture, assertion, address)
    raise MalformedError("picture_unsupported", "the picture is neither PNG nor SVG")


def extract(data: bytes) -> Extracted:
    """The credential of a file: JSON or token as text, a PNG, SVG or PDF that carries one.

    The text is found, not judged: parsing it comes next.

    Raises:
        MalformedError: empty, too large, damaged, of no known form, or without a credential.
        UnsupportedError: an encrypted PDF.
    """
    if len(data) > MAX_FILE_BYTES:
        raise MalformedError("too_large", "the file is too large", {"limit": MAX_FILE_BYTES})
    if data.startswith(png.SIGNATURE):
        return _found("png", png.read_text(data, (KEYWORD, KEYWORD_2), MAX_TEXT_BYTES))
    if b"%PDF-" in data[:1024]:
        return _found("pdf", _from_pdf(data))
    if _looks_like_xml(data):
        return _found("svg", svg.read_text(data))
    if len(data) > MAX_TEXT_BYTES:
        raise MalformedError("too_large", "the document is too large", {"limit": MAX_TEXT_BYTES})
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise MalformedError("not_utf8", "the file is of no known form") from None
    if not text:
        raise MalformedError("empty", "there is nothing to read")
    return Extracted("jwt" if looks_like_token(text) else "json", text, looks_like_token(text))


def _found(form: Form, text: str | None) -> Extracted:
    if text is None or not text.strip():
        raise MalformedError("nothing_baked", "the file carries no badge", {"form": form})
    return Extracted(form, text.strip(), looks_like_token(text.strip()))


def _from_pdf(data: bytes) -> str | None:
    for content in pdf.read_attachments(data, MAX_TEXT_BYTES):
        try:
            text = content.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            continue
        if (text.startswith("{") and '"@context"' in text) or looks_like_token(text):
            return text
    return None


def _looks_like_xml(data: bytes) -> bool:
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") or head[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<")
