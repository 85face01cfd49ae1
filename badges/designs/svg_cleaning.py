"""An SVG handed in, written anew from what is known to be harmless.

Nothing is taken out of a dangerous file: a new one is written with the elements, attributes and
values of the lists below, and no others. What draws and is not on them is told by name, for the
picture will look otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from badges.designs.svg_styles import declarations, rules_by_class
from badges.engine.svg import SVG

MAX_BYTES = 100 * 1024
MAX_ELEMENTS = 3000
MAX_DEPTH = 30
MAX_LAYERS = 24  # elements half transparent or cut out: each costs a whole sheet when drawn
XLINK = "http://www.w3.org/1999/xlink"

_DRAWN = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_KEPT = {*_DRAWN, "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath"}
# Left out without a word: they draw nothing.
_SILENT = {"title", "desc", "metadata", "script", "style", "switch"}
# A number, or the space between two, is taken whole and never given back (``(?>…)``, ``*+``): there
# is one way to read a text. With several, twenty digits and a letter took a minute to refuse, and
# each more the double.
_NUMBER = r"(?>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_LENGTH = re.compile(rf"{_NUMBER}(?:px|pt|mm|cm|in|pc|%)?")
_NUMBERS = re.compile(rf"[\s,]*+(?:{_NUMBER}[\s,]*+)*+")
_PATH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE+\-.,\s]*")
_TRANSFORM = re.compile(
    r"\s*+(?:(?:matrix|translate|scale|rotate|skewX|skewY)"
    rf"\s*+\((?:[\s,]*+{_NUMBER})++\s*+\)[\s,]*+)*+"
)
_ID = re.compile(r"[A-Za-z_][\w.\-]{0,80}", re.ASCII)
_WORD = re.compile(r"[a-zA-Z-]{1,20}")
_PLAIN: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2", "fx",
         "fy", "offset"), _LENGTH),
    **dict.fromkeys(("d",), _PATH),
    **dict.fromkeys(("points",), _NUMBERS),
    **dict.fromkeys(("transform", "gradientTransform"), _TRANSFORM),
    **dict.fromkeys(("gradientUnits", "clipPathUnits", "spreadMethod"), _WORD),
    "id": _ID,
}  # fmt: skip


class NotDrawable(Exception):
    """The file cannot be used; ``code`` says why: not_svg, entities, too_complex, empty."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Cleaned:
    """The new file, and the names of what drew and is not in it any more."""

    svg: str = ""
    left_out: list[str] = field(default_factory=list)


@dataclass
class _Node:
    name: str
    attributes: dict[str, str]
    children: list[_Node] = field(default_factory=list)


def clean_svg(data: bytes) -> Cleaned:
    """A new SVG from the harmless part of this one. Raises :class:`NotDrawable`."""
    if len(data) > MAX_BYTES:
        raise NotDrawable("too_large")
    root, styles = _read(data)
    if root.name != f"{SVG} svg":
        raise NotDrawable("not_svg")
    box = _box(root.attributes)
    writer = _Writer(rules_by_class(styles))
    inner = "".join(writer.write(child, 1, in_clip=False) for child in root.children)
    if not writer.drew:
        raise NotDrawable("empty")
    shared = writer.attributes(root, only=_INHERITED)
    head = f'<svg xmlns="{SVG}" width="240" height="240" viewBox="{box}"{shared}>'
    return Cleaned(f"{head}{inner}</svg>\n", list(dict.fromkeys(writer.left_out)))


_INHERITED = {"fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill-rule",
              "color", "fill-opacity", "stroke-opacity", "stroke-miterlimit"}  # fmt: skip


class _Writer:
    def __init__(self, classes: dict[str, dict[str, str]]) -> None:
        self._classes = classes
        self.left_out: list[str] = []
        self.drew = False
        self._count = self._layers = 0

    def write(self, node: _Node, depth: int, *, in_clip: bool) -> str:
        space, _, name = node.name.rpartition(" ")
        if space != SVG or name in _SILENT:
            return ""  # of an editor's own, or nothing that draws
        if name not in _KEPT or (in_clip and name not in _DRAWN):
            self.left_out.append(name)
            return ""
        self._count += 1
        if self._count > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise NotDrawable("too_complex")
        self.drew = self.drew or name in _DRAWN
        clipping = in_clip or name == "clipPath"
        inside = "".join(self.write(c, depth + 1, in_clip=clipping) for c in node.children)
        written = self.attributes(node, clips=not clipping)
        return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"

    def attributes(self, node: _Node, *, clips: bool = True, only: set[str] | None = None) -> str:
        kept: dict[str, str] = {}
        styled: dict[str, str] = {}
        for name in node.attributes.get("class", "").split():
            styled.update(self._classes.get(name, {}))
        # What a style says wins over an attribute, as in every reader.
        found = {**node.attributes, **styled, **declarations(node.attributes.get("style", ""))}
        if f"{XLINK} href" in found:
            found.setdefault("href", found[f"{XLINK} href"])
        for name, value in found.items():
            text = value.strip()
            if name == "href" and node.name.endswith("Gradient"):
                if text.startswith("#") and _ID.fullmatch(text[1:]):
                    kept[name] = text
            elif name in _PLAIN:
                if _PLAIN[name].fullmatch(text) and (text or name == "d"):
                    kept[name] = text
            elif declarations(f"{name}:{text}"):
                kept[name] = text
        if not clips:
            # Clips cut by clips would multiply.
            kept.pop("clip-path", None)
            kept.pop("opacity", None)
        if kept.get("opacity") == "1":
            del kept["opacity"]
        self._layers += ("clip-path" in kept) + ("opacity" in kept)
        if self._layers > MAX_LAYERS:
            raise NotDrawable("too_complex")
        return "".join(
            f" {name}={quoteattr(value)}"
            for name, value in kept.items()
            if only is None or name in only
        )


def _box(attributes: dict[str, str]) -> str:
    """The part of the plane that is shown: four numbers."""
    if "viewBox" in attributes:
        numbers = re.findall(_NUMBER, attributes["viewBox"])
    else:
        sizes = [re.match(_NUMBER, attributes.get(side, "")) for side in ("width", "height")]
        numbers = ["0", "0", *(found[0] for found in sizes if found)]
    values = [float(number) for number in numbers]
    if len(values) != 4 or not all(math.isfinite(v) and abs(v) < 1e6 for v in values):
        raise NotDrawable("no_size")
    if min(values[2:]) <= 0 or max(values[2:]) > 20 * min(values[2:]):
        raise NotDrawable("no_size")
    return " ".join(f"{value:g}" for value in values)


def _read(data: bytes) -> tuple[_Node, str]:
    """The tree of a file without entities, and the text of its style elements."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    top = _Node("", {})
    way = [top]
    styles: list[str] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > 4 * MAX_ELEMENTS or len(way) > 4 * MAX_DEPTH:
            raise NotDrawable("too_complex")
        node = _Node(name, attributes)
        way[-1].children.append(node)
        way.append(node)

    def end(_name: str) -> None:
        way.pop()

    def text(found: str) -> None:
        if way[-1].name == f"{SVG} style":
            styles.append(found)

    def doctype(_name: str, _system: Any, _public: Any, has_internal_subset: int) -> None:
        # The old fashioned line that names SVG 1.1 is harmless; one that declares is not.
        if has_internal_subset:
            raise NotDrawable("entities")

    def refuse(*_any: object) -> None:
        raise NotDrawable("entities")

    handlers: dict[str, Callable[..., None]] = {
        "StartElementHandler": start,
        "EndElementHandler": end,
        "CharacterDataHandler": text,
        "StartDoctypeDeclHandler": doctype,
        "EntityDeclHandler": refuse,
        "SkippedEntityHandler": refuse,
    }
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise NotDrawable("not_svg") from None
    return top.children[0], "".join(styles)
