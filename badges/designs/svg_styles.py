"""The part of CSS that a drawing program writes into an SVG: plain values of a few properties."""

from __future__ import annotations

import re

LOCAL = re.compile(r"""url\(\s*(["']?)#[A-Za-z_][\w.\-]{0,80}\1\s*\)""", re.ASCII)
FUNCTIONS = re.compile(r"(?:rgb|rgba|hsl|hsla)\([0-9.,%\s/+-]*\)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}")
_NUMBER = re.compile(r"(?>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:px|pt|mm|%)?")
_WORD = re.compile(r"[a-z-]{1,20}")
_PAINT = {"fill", "stroke"}
_COLOURS = {"stop-color", "color"}
_NUMBERS = {"fill-opacity", "stroke-opacity", "stop-opacity", "opacity", "stroke-width",
            "stroke-miterlimit"}  # fmt: skip
_WORDS = {"fill-rule", "clip-rule", "stroke-linecap", "stroke-linejoin", "display", "visibility"}
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)", re.ASCII)
MAX_RULES = 500


def declarations(text: str) -> dict[str, str]:
    """The known properties of ``fill:#123456; stroke-width:2``, each with a harmless value."""
    kept = {}
    for piece in text.split(";"):
        name, _, value = piece.partition(":")
        name, value = name.strip(), value.replace("!important", "").strip()
        if value and _is_harmless(name, value):
            kept[name] = value
    return kept


def _is_harmless(name: str, value: str) -> bool:
    if name == "clip-path":
        return value == "none" or LOCAL.fullmatch(value) is not None
    if name in _PAINT:
        return any(pattern.fullmatch(value) for pattern in (LOCAL, FUNCTIONS, _COLOUR))
    if name in _COLOURS:
        return any(pattern.fullmatch(value) for pattern in (FUNCTIONS, _COLOUR))
    if name in _NUMBERS:
        return _NUMBER.fullmatch(value) is not None
    return name in _WORDS and _WORD.fullmatch(value) is not None


def _without_comments(text: str) -> str:
    """A style sheet without its comments; one that never ends is left. By hand: a pattern would
    look for the end of each that has none, to the end of the text."""
    kept, start = [], 0
    while (opened := text.find("/*", start)) >= 0:
        closed = text.find("*/", opened + 2)
        if closed < 0:
            break
        kept.append(text[start:opened])
        start = closed + 2
    return "".join([*kept, text[start:]])


def rules_by_class(text: str) -> dict[str, dict[str, str]]:
    """What a style sheet says of classes, «.a, .b { fill: red }»; other selectors say nothing."""
    found: dict[str, dict[str, str]] = {}
    *ended, _open = _without_comments(text).split("}")
    for rule in ended[:MAX_RULES]:
        before, brace, body = rule.rpartition("{")
        if not brace:
            continue
        selectors = before.rpartition("{")[2]  # a rule within a rule, as in «@media», counts too
        for selector in selectors.split(","):
            name = _CLASS.fullmatch(selector.strip())
            if name is not None:
                found.setdefault(name[1], {}).update(declarations(body))
    return found
