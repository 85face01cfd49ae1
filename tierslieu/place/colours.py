"""The tones made of the one colour a place chooses, so that everything in them can be read. Pure.

Light and dark pages need two tones of it: none is read at 4.5:1 on both. On light pages the colour
stands as it was chosen, if it is dark enough (:func:`is_readable`); the tone of dark pages is the
nearest that can be read there. «Nearest» is by lightness alone, in OKLCH, hue kept; the chroma
gives way only where the screen has no such colour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tierslieu.web.contrast import TEXT, contrast, mix

TOKENS = Path(__file__).parents[1] / "static" / "css" / "tokens.css"
SCHEMES = ("light", "dark", "print")
_STEP = 0.002  # of lightness, 0 to 1: finer than the eye tells apart
_BLOCK = re.compile(r":root \{(.*?)\n {2,4}\}", re.DOTALL)
_TOKEN = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")
_HOVER = 0.12  # what `.btn.go:hover` takes of the ink


@dataclass(frozen=True)
class Tones:
    """What stands in the tokens of one scheme: ``#rrggbb`` each.

    ``accent``: the action, links, what is now; ``ink``: letters on it; ``wash``: a ground under it.
    """

    accent: str
    ink: str
    wash: str


@lru_cache(maxsize=1)
def house_tokens() -> Mapping[str, Mapping[str, str]]:
    """The colours of ``tokens.css`` by scheme (``light``, ``dark``, ``print``) and name."""
    blocks = [
        {name: _long(value) for name, value in _TOKEN.findall(block)}
        for block in _BLOCK.findall(TOKENS.read_text("utf-8"))
        if "--paper" in block
    ]
    return dict(zip(SCHEMES, blocks, strict=True))


def house_accent() -> str:
    """The colour of a place that chose none."""
    return house_tokens()["light"]["terra"]


def grounds(scheme: str) -> list[str]:
    """Everything a word in the accent may stand on in that scheme, a button's hover included."""
    tokens = house_tokens()[scheme]
    plain = [tokens["paper"], tokens["card"]]
    washes = [tokens[f"{name}-wash"] for name in ("terra", "mer", "olive", "soleil")]
    return [*plain, *(mix(ground, tokens["ink"], 0.06) for ground in plain), *washes]


def is_readable(accent: str, scheme: str = "light") -> bool:
    """Whether words in this colour can be read on every ground of that scheme (4.5:1, so that
    edges and signs have their 3:1 too)."""
    return all(contrast(accent, ground) >= TEXT for ground in grounds(scheme))


@lru_cache(maxsize=64)
def nearest(accent: str, scheme: str = "light") -> str:
    """The nearest colour of the same hue that can be read in that scheme; itself, if it can."""
    if is_readable(accent, scheme):
        return accent
    end = 1.0 if scheme == "dark" else 0.0
    lightness = _oklch(accent)[0]
    for step in range(1, int(1 / _STEP) + 2):
        now = lightness + step * _STEP * (1 if end else -1)
        if not 0 < now < 1:
            break
        found = _at(accent, now)
        if is_readable(found, scheme):
            return found
    return "#ffffff" if end else "#000000"


@lru_cache(maxsize=64)
def tones(accent: str, scheme: str) -> Tones:
    """The tones of that scheme for the accent a place chose (``#rrggbb``)."""
    tokens = house_tokens()[scheme]
    # Whatever was kept, and whenever: what is shown can be read.
    chosen = nearest(accent, scheme)
    held = mix(chosen, tokens["ink"], _HOVER)  # a button under the pointer
    if scheme == "dark":
        start, end, chroma = 0.28, 0.0, 0.045
        ink = _first(chosen, 0.2, 0.0, 0.04, on=(chosen, held))
    else:
        start, end, chroma = 0.94, 1.0, 0.035
        ink = "#ffffff"  # dark enough for words on paper, it is for words of paper
    # On it stand not only words in the accent.
    others = (tokens[name] for name in ("ink", "soft", "mer", "olive", "terra"))
    return Tones(chosen, ink, _first(chosen, start, end, chroma, on=(chosen, *others)))


@lru_cache(maxsize=64)
def stylesheet(accent: str) -> str:
    """What stands after ``tokens.css`` for a place that chose this colour."""
    light, dark, paper = (_declared(accent, scheme) for scheme in SCHEMES)
    return (
        "@layer tokens {\n"
        f":root {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
        f"@media print {{ :root {{ {paper} }} }}\n"
        "}\n"
    )


def digest(accent: str) -> str:
    """What tells one such stylesheet from another: 16 hexadecimal digits of its content."""
    return hashlib.sha256(stylesheet(accent).encode()).hexdigest()[:16]


@lru_cache(maxsize=16)
def samples(accent: str) -> str:
    """A stylesheet for ``.scheme-light`` and ``.scheme-dark``, in that colour or the house's own
    (empty): both schemes at once, on one page, whatever the screen prefers."""
    pieces = []
    for scheme in ("light", "dark"):
        house = " ".join(f"--{name}: {value};" for name, value in house_tokens()[scheme].items())
        said = f"color-scheme: {scheme}; {house} {_declared(accent, scheme)}"
        pieces.append(
            f".scheme-{scheme} {{ {said} background: var(--paper); color: var(--ink); }}\n"
        )
    return f"@layer pages {{\n{''.join(pieces)}}}\n"


def _declared(accent: str, scheme: str) -> str:
    if not accent:
        house = house_tokens()[scheme]
        return (
            f"--accent: {house['terra']}; --accent-ink: {house['terra-ink']}; "
            f"--accent-wash: {house['terra-wash']}; --link: {house['mer']};"
        )
    made = tones(accent, scheme)
    return (
        f"--accent: {made.accent}; --accent-ink: {made.ink}; --accent-wash: {made.wash}; "
        f"--link: {made.accent};"
    )


def _first(accent: str, start: float, end: float, chroma: float, *, on: tuple[str, ...]) -> str:
    """The first colour from one lightness to the other that each of these can be read on."""
    count = 50
    for step in range(count + 1):
        found = _at(accent, start + (end - start) * step / count, chroma)
        if all(contrast(found, one) >= TEXT for one in on):
            return found
    return "#ffffff" if end else "#000000"


# The library of colours is heavy to load, and few places have a colour of their own.
def _oklch(colour: str) -> tuple[float, float, float]:
    from coloraide import Color

    lightness, chroma, hue = Color(colour).convert("oklch").coords(nans=False)
    return lightness, chroma, hue


def _at(colour: str, lightness: float, most: float = 1.0) -> str:
    """That colour at another lightness, with that much chroma at most."""
    from coloraide import Color

    _was, chroma, hue = _oklch(colour)
    made = Color("oklch", [lightness, min(chroma, most), hue]).convert("srgb")
    # Chroma alone gives way (`jnd=0`): a clipping held to be invisible turned an orange by 7°.
    fitted = made.fit("srgb", method="oklch-chroma", jnd=0)
    text: str = fitted.to_string(hex=True, fit=False)
    return _long(text)


def _long(colour: str) -> str:
    """``#fff`` as ``#ffffff``."""
    return colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
