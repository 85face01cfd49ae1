"""Badges baked into SVG: one element that carries the credential, the drawing left alone.

Open Badges 3.0, section 5.3.2. XML from strangers is read with entities refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from .errors import MalformedError

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
NAMESPACE_2 = "http://openbadges.org"
SVG = "http://www.w3.org/2000/svg"
MAX_DEPTH = 200
MAX_ELEMENTS = 100_000

_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ELEMENTS = {f"{NAMESPACE} credential", f"{NAMESPACE_2} assertion"}


@dataclass
class _Drawing:
    """What one pass over the file found, in byte offsets."""

    root: str = ""
    root_start: int = 0
    #: What the root binds prefixes to.
    prefixes: dict[str, str] = field(default_factory=dict)
    #: (start, end) of each baked element, its name, its text and its `verify` attribute.
    baked: list[tuple[int, int, str, str, str]] = field(default_factory=list)


def read_text(data: bytes) -> str | None:
    """The credential of the drawing: the element's text, or its `verify` attribute (a token).

    Raises:
        MalformedError: not XML, entities, nesting too deep (`file_damaged`).
    """
    for _, _, _, text, attribute in sorted(
        _scan(data).baked, key=lambda found: not found[2].startswith(NAMESPACE)
    ):
        if text.strip() or attribute.strip():
            return text.strip() or attribute.strip()
    return None


def write_text(data: bytes, text: str) -> bytes:
    """The drawing with this credential (JSON, or a token), replacing one that was there.

    Raises:
        MalformedError: not an SVG in UTF-8.
    """
    drawing = _read(data)
    on_root = on_element = ""
    declaration, bound = f' xmlns:openbadges="{NAMESPACE}"', drawing.prefixes.get("openbadges")
    if bound is None:
        on_root = declaration
    elif bound != NAMESPACE:
        # The drawing uses the prefix for something of its own, which must keep its meaning.
        on_element = declaration
    if text.lstrip().startswith("{"):
        element = f"<openbadges:credential{on_element}>{_cdata(text)}</openbadges:credential>"
    else:
        verify = f'verify="{text.strip()}"'
        element = f"<openbadges:credential{on_element} {verify}></openbadges:credential>"
    return _insert(data, drawing, on_root, element)


def write_assertion(data: bytes, text: str, address: str) -> bytes:
    """The drawing with this Open Badges 2.0 assertion (JSON of a hosted one and its address, or a
    token), replacing what was there.

    Raises: as `write_text`.
    """
    # The prefix may mean something else further out: it is declared where it is used.
    opening = f'<openbadges:assertion xmlns:openbadges="{NAMESPACE_2}" verify='
    if text.lstrip().startswith("{"):
        element = f"{opening}{quoteattr(address)}>{_cdata(text)}</openbadges:assertion>"
    else:
        element = f"{opening}{quoteattr(text.strip())}></openbadges:assertion>"
    return _insert(data, _read(data), "", element)


def _cdata(text: str) -> str:
    # `]]>` can only stand inside a JSON text: its `>` may be written as an escape.
    content = text.replace("]]>", "]]\\u003e")
    return f"<![CDATA[{content}]]>"


def _read(data: bytes) -> _Drawing:
    drawing = _scan(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged("the drawing is not UTF-8") from None
    if drawing.root != f"{SVG} svg":
        raise _damaged("the drawing is not an SVG")
    return drawing


def _insert(data: bytes, drawing: _Drawing, declaration: str, element: str) -> bytes:
    """The drawing with `element` as its first, in the place of those that were there."""
    for start, end, *_ in sorted(drawing.baked, reverse=True):
        data = data[:start] + data[end:]
    close = _tag_end(data, drawing.root_start)
    opening = data[drawing.root_start : close].rstrip()
    closing = b">"
    if opening.endswith(b"/"):
        opening, closing = opening[:-1], b"></svg>"
    head, tail = closing[:1], closing[1:]
    return b"".join(
        [
            data[: drawing.root_start],
            opening + declaration.encode() + head,
            element.encode(),
            tail,
            data[close + 1 :],
        ]
    )


def _tag_end(data: bytes, start: int) -> int:
    """Where the `>` of the tag that starts here is; quoted values may hold others."""
    found = _TAG.match(data, start)
    if found is None:
        raise _damaged("the drawing is cut short")
    return found.end() - 1


def _scan(data: bytes) -> _Drawing:
    drawing = _Drawing()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    open_elements: list[str] = []
    count = 0
    current: dict[str, Any] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if not open_elements:
            drawing.root, drawing.root_start = name, parser.CurrentByteIndex
        open_elements.append(name)
        count += 1
        if len(open_elements) > MAX_DEPTH or count > MAX_ELEMENTS:
            raise _damaged("the drawing is nested too deep, or too large")
        if name in _ELEMENTS and not current:
            current.update(
                depth=len(open_elements),
                start=parser.CurrentByteIndex,
                text=[],
                attribute=attributes.get("verify", ""),
            )

    def end(name: str) -> None:
        if current and current["depth"] == len(open_elements):
            close = _tag_end(data, parser.CurrentByteIndex) + 1
            drawing.baked.append(
                (current["start"], close, name, "".join(current["text"]), current["attribute"])
            )
            current.clear()
        open_elements.pop()

    def text(found: str) -> None:
        if current:
            current["text"].append(found)

    def namespace(prefix: str | None, address: str | None) -> None:
        if not open_elements:
            drawing.prefixes[prefix or ""] = address or ""

    def refuse(*_: Any) -> None:
        raise _damaged("the drawing declares entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartNamespaceDeclHandler = namespace
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = _refuse_reference(refuse)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise _damaged("the drawing is not well-formed XML") from None
    return drawing


def _refuse_reference(refuse: Callable[..., None]) -> Callable[..., int]:
    def handler(*arguments: Any) -> int:
        refuse(*arguments)
        return 0

    return handler


def _damaged(message: str) -> MalformedError:
    return MalformedError("file_damaged", message)
