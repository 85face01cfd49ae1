"""Words on a picture, as outlines of our own font: the same in every reader, without any font."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

MAX_LETTERS = 18
MAX_LINES = 3
SMALLEST = 14.0  # units of 240: what can still be read on a badge of 3 cm
_FONTS = Path(__file__).parents[2] / "tierslieu" / "static" / "fonts"
_FILES = ("bricolage-grotesque-latin-wght-normal.woff2",
          "bricolage-grotesque-latin-ext-wght-normal.woff2")  # fmt: skip
_WEIGHT = {"wght": 700}
_LEADING = 1.06  # of the size, from line to line
_SPACE = {" ", "\u00a0", "\u202f"}


class _Face(NamedTuple):
    glyphs: Any  # fontTools' glyph set at our weight
    names: dict[int, str]  # code point → glyph
    units: int  # in one em
    capital: float  # height of a capital, in ems


class Lettering(NamedTuple):
    """Words laid out: the outlines (an SVG path), and the size they came out at."""

    path: str
    size: float


@cache
def _faces() -> tuple[_Face, ...]:
    faces = []
    for name in _FILES:
        font = TTFont(_FONTS / name, lazy=True)
        units = font["head"].unitsPerEm
        capital = font["OS/2"].sCapHeight / units
        faces.append(_Face(font.getGlyphSet(location=_WEIGHT), font.getBestCmap(), units, capital))
    return tuple(faces)


def unknown_letters(text: str) -> list[str]:
    """The characters of ``text`` that our font does not draw."""
    return [c for c in dict.fromkeys(text) if c not in _SPACE and _find(c) is None]


def _find(letter: str) -> tuple[_Face, str] | None:
    for face in _faces():
        if ord(letter) in face.names:
            return face, face.names[ord(letter)]
    return None


def _advance(letter: str) -> float:
    """The width of a letter, in ems."""
    found = _find(" " if letter in _SPACE else letter)
    if found is None:
        return 0.5
    face, name = found
    return float(face.glyphs[name].width) / face.units


def _width(line: str) -> float:
    return sum(_advance(letter) for letter in line)


def lay_out(
    text: str, *, centre: tuple[float, float], width: float, height: float, largest: float
) -> Lettering:
    """Draw ``text`` as large as fits a box around ``centre``, cut at its spaces where that helps.

    Units are those of the picture. Characters unknown to the font are left out: refuse them
    before (:func:`unknown_letters`).
    """
    words = unicodedata.normalize("NFC", text).replace("\u202f", "\u00a0").split(" ")
    words = [word for word in words if word]
    if not words:
        return Lettering("", largest)
    sized = [(_size(lines, width, height, largest), lines) for lines in _cuts(words)]
    size, lines = max(sized, key=lambda pair: (round(pair[0], 3), -len(pair[1])))
    capital = _faces()[0].capital * size
    block = capital + (len(lines) - 1) * size * _LEADING
    baseline = centre[1] - block / 2 + capital
    pieces = []
    for number, line in enumerate(lines):
        x = centre[0] - _width(line) * size / 2
        pieces.append(_outline(line, x, baseline + number * size * _LEADING, size))
    return Lettering("".join(pieces), size)


def _cuts(words: list[str]) -> list[list[str]]:
    """Every way to cut these words into one to three lines."""
    count = len(words)
    cuts = [[" ".join(words)]]
    cuts += [[" ".join(words[:a]), " ".join(words[a:])] for a in range(1, count)]
    cuts += [
        [" ".join(words[:a]), " ".join(words[a:b]), " ".join(words[b:])]
        for a in range(1, count)
        for b in range(a + 1, count)
    ]
    return [lines for lines in cuts if len(lines) <= MAX_LINES]


def _size(lines: list[str], width: float, height: float, largest: float) -> float:
    widest = max(_width(line) for line in lines)
    across = width / widest if widest else largest
    down = height / (_faces()[0].capital + (len(lines) - 1) * _LEADING)
    return min(across, down, largest)


def _outline(line: str, x: float, baseline: float, size: float) -> str:
    pieces = []
    for letter in line:
        found = None if letter in _SPACE else _find(letter)
        if found is not None:
            face, name = found
            scale = size / face.units
            pen = SVGPathPen(face.glyphs, ntos=lambda n: f"{n:.2f}".rstrip("0").rstrip("."))
            # A font counts upwards, a picture downwards.
            face.glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, x, baseline)))
            pieces.append(pen.getCommands())
        x += _advance(letter) * size
    return "".join(pieces)
